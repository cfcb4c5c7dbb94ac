import gzip
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Scope

from service.web import explorer
from service.web.explorer import CONTENT_SECURITY_POLICY, Assets, explorer_page

SCRIPT = b"console.log('gauge')"


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(explorer, "DIST", tmp_path)
    return tmp_path


@pytest.fixture
def assets(dist: Path) -> Assets:
    (dist / "x-1234.js").write_bytes(SCRIPT)
    (dist / "x-1234.js.gz").write_bytes(gzip.compress(SCRIPT))
    (dist / "plain-1234.js").write_bytes(SCRIPT)
    return Assets(directory=dist)


def scope_of(path: str, **headers: str) -> Scope:
    encoded = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "GET", "path": path, "headers": encoded, "query_string": b""}


def content_of(response: Response) -> bytes:
    assert isinstance(response, FileResponse)
    return Path(response.path).read_bytes()


@pytest.mark.usefixtures("dist")
def test_without_a_build_the_page_says_what_to_run() -> None:
    response = explorer_page(Request(scope_of("/graphql")))
    assert response.status_code == 503
    assert b"`make web`" in response.body


def test_the_built_page_loads_nothing_from_another_origin(dist: Path) -> None:
    (dist / "index.html").write_text("<title>Paygauge</title>")
    response = explorer_page(Request(scope_of("/graphql")))
    assert isinstance(response, FileResponse)
    assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    allowed = {source for directive in CONTENT_SECURITY_POLICY.split("; ") for source in directive.split()[1:]}
    assert allowed == {"'none'", "'self'", "'unsafe-inline'", "data:"}
    assert "script-src 'self'" in CONTENT_SECURITY_POLICY.split("; ")


def test_a_new_build_is_seen_at_once_since_the_page_is_revalidated(dist: Path) -> None:
    (dist / "index.html").write_text("<title>Paygauge</title>")
    response = explorer_page(Request(scope_of("/graphql")))
    assert response.headers["cache-control"] == "no-cache"
    assert "Accept" in response.headers["vary"]


async def test_a_file_is_sent_compressed_and_kept_for_ever(assets: Assets) -> None:
    response = await assets.get_response("x-1234.js", scope_of("/x-1234.js", accept_encoding="gzip, br"))
    assert gzip.decompress(content_of(response)) == SCRIPT
    assert response.headers["content-encoding"] == "gzip"
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "headers"), [("x-1234.js", {}), ("plain-1234.js", {"accept_encoding": "gzip"})], ids=["asked", "only"]
)
async def test_a_file_is_sent_plain_where_gzip_is_not_taken_or_not_there(
    assets: Assets, name: str, headers: dict[str, str]
) -> None:
    response = await assets.get_response(name, scope_of(f"/{name}", **headers))
    assert content_of(response) == SCRIPT
    assert "content-encoding" not in response.headers


async def test_without_a_build_a_file_is_not_found_and_nothing_breaks(tmp_path: Path) -> None:
    assets = Assets(directory=tmp_path / "nothing", check_dir=False)
    await assets.check_config()
    with pytest.raises(HTTPException) as raised:
        await assets.get_response("x-1234.js", scope_of("/x-1234.js", accept_encoding="gzip"))
    assert raised.value.status_code == 404
