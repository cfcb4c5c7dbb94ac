"""Headers of every answer: what a browser may do with it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header = tuple[bytes, bytes]

SECURITY: tuple[Header, ...] = (
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
ENCRYPTED: Header = (b"strict-transport-security", b"max-age=31536000")
"""Where the client came by HTTPS, it is to stay with it."""

STARTS = ("http.response.start", "websocket.http.response.start")


class SecurityHeaders:
    """Adds them where an answer has not its own, as the explorer's page has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with these headers."""
        added = (*SECURITY, ENCRYPTED) if scope.get("scheme") in ("https", "wss") else SECURITY

        async def send_with_headers(message: Message) -> None:
            if message["type"] in STARTS:
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in added if each[0] not in own)]
            await send(message)

        await self._app(scope, receive, send_with_headers)
