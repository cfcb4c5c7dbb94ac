"""The explorer over HTTP: GraphiQL's page, served at the GraphQL endpoint, and the files that it loads."""

from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

DIST: Final = Path(__file__).parent / "dist"
ASSETS: Final = "graphql-assets"  # as vite.config.js names it

YEAR: Final = 365 * 24 * 60 * 60  # seconds

# Nothing from another origin. Monaco writes style attributes, hence 'unsafe-inline'; its icons are data: URLs.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
SECURITY: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def explorer_page(_request: Request) -> Response:
    """Return GraphiQL's page; 503 with what to do where it has not been built.

    Served at the GraphQL endpoint itself to who asks for text/html: the page sends its queries to its own address.
    """
    page = DIST / "index.html"
    headers = SECURITY | {"Cache-Control": "no-cache", "Vary": "Accept"}
    if not page.is_file():
        return PlainTextResponse(
            "The explorer is not built: run `make web` and reload this page; the API itself already answers here.\n",
            status_code=503,
            headers=headers,
        )
    return FileResponse(page, headers=headers)


class Assets(StaticFiles):
    """Files that the build compressed and named by their content: a browser may keep them for ever."""

    async def check_config(self) -> None:
        """Accept a folder that is not there: before the build, its files are not found, and that is no fault."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, as gzip to who takes it; raises HTTPException 404 where there is none."""
        response = await self._find(path, scope)
        response.headers.update(SECURITY)
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        response.headers.add_vary_header("Accept-Encoding")
        return response

    async def _find(self, path: str, scope: Scope) -> Response:
        if "gzip" not in Headers(scope=scope).get("Accept-Encoding", ""):
            return await super().get_response(path, scope)
        try:
            response = await super().get_response(f"{path}.gz", scope)
        except HTTPException:
            return await super().get_response(path, scope)
        response.headers["Content-Encoding"] = "gzip"
        return response


explorer_assets: Final = Mount(f"/{ASSETS}", Assets(directory=DIST / ASSETS, check_dir=False), name="explorer-assets")
