"""What goes back over HTTP: statuses, media types and headers of GraphQL over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from service.graphql.answers import Answer
from service.graphql.bodies import Refusal
from service.graphql.negotiation import JSON, RESPONSE

Header = tuple[bytes, bytes]

VARY: Header = (b"vary", b"Accept, Authorization, Paygauge-Policy, Origin")
NO_STORE: Header = (b"cache-control", b"no-store")
CONTENT_TYPES: dict[str, Header] = {
    kind: (b"content-type", f"{kind}; charset=utf-8".encode()) for kind in (JSON, RESPONSE)
}


@dataclass(frozen=True)
class Reply:
    """An answer with its headers, as an ASGI application."""

    status: int
    body: bytes
    headers: list[Header] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's
        """Send it; to who wants to open a socket it denies that."""
        kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
        length = (b"content-length", str(len(self.body)).encode())
        headers = self.headers if self.status == 304 else [*self.headers, length]
        await send({"type": f"{kind}.start", "status": self.status, "headers": headers})
        await send({"type": f"{kind}.body", "body": self.body})


def answered(answer: Answer, kind: str, headers: Sequence[Header] = (NO_STORE,)) -> Reply:
    """Return an answer under a media type.

    As the specification has it, application/json tells a request error in the body only: its clients take another
    status for a proxy's.
    """
    status = 400 if answer.refused and answer.status == 200 and kind == RESPONSE else answer.status
    return Reply(status, answer.body, [CONTENT_TYPES[kind], VARY, *headers])


def cached(tag: str, seconds: int, caller: str | None) -> list[Header]:
    """Return the headers by which caches keep an answer: shared ones only where it was given to anybody."""
    whose = "private" if caller else "public"
    return [(b"etag", tag.encode()), (b"cache-control", f"{whose}, max-age={seconds}, must-revalidate".encode())]


def unchanged(headers: Sequence[Header]) -> Reply:
    """Return 304: what the client holds is still the answer."""
    return Reply(304, b"", [VARY, *headers])


def refused(refusal: Refusal, kind: str) -> Reply:
    """Return a refusal, which is an error of GraphQL's form as well."""
    shown = {"message": refusal.message, "extensions": {"code": refusal.code}}
    headers = [(name.lower().encode(), value.encode()) for name, value in refusal.headers.items()]
    return Reply(refusal.status, orjson.dumps({"errors": [shown]}), [CONTENT_TYPES[kind], VARY, NO_STORE, *headers])


def request_error(errors: Sequence[GraphQLError]) -> Answer:
    """Return the answer to what cannot be executed: it has no data, not even null."""
    return Answer(orjson.dumps({"errors": [error.formatted for error in errors]}), refused=True)
