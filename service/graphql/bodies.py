"""The body of a request: read within bounds, and an object in JSON, before anything else looks at it."""

import asyncio

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

BODY_BYTES = 256 * 1024
READ_SECONDS = 5.0


class BodyError(Exception):
    """The body cannot be taken: `status` and `code` say why for programs, the message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


async def read_body(request: Request) -> bytes:
    """Return the bytes of an object in JSON, written anew so that any parser takes them. Raises BodyError."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BodyError(415, "UNSUPPORTED_MEDIA_TYPE", "Send the query as application/json.")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise BodyError(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body without a content encoding.")
    try:
        async with asyncio.timeout(READ_SECONDS):
            body = await _read(request)
    except TimeoutError as error:
        raise BodyError(408, "TOO_SLOW", f"The body did not arrive within {READ_SECONDS:.0f} seconds.") from error
    except ClientDisconnect as error:
        raise BodyError(400, "DISCONNECTED", "The connection ended before the body did.") from error
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BodyError(400, "MALFORMED", f"The body is not JSON: {error}.") from error
    if not isinstance(parsed, dict):
        raise BodyError(400, "MALFORMED", 'The body must be an object with a "query".')
    return orjson.dumps(parsed)


async def _read(request: Request) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > BODY_BYTES:
            raise BodyError(413, "TOO_LARGE", f"The body has over {BODY_BYTES:,} bytes.")
    return b"".join(parts)


def replayed(body: bytes, receive: Receive) -> Receive:
    """Return a way to receive a body that was read already, and then what comes after it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return left.pop() if left else await receive()

    return receive_again
