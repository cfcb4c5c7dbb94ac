"""Answers as server-sent events: the distinct connections mode of graphql-sse, one operation a request."""

import asyncio
from contextlib import aclosing, suppress
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send
from strawberry.http import process_result
from strawberry.schema.schema import StreamResult

from service.graphql.answers import Answer
from service.graphql.replies import NO_STORE, VARY, Reply

QUIET_SECONDS = 12.0
"""Proxies cut connections on which nothing is sent for a minute, some for 15 seconds."""
SLOW_SECONDS = 10.0
"""How long a client may leave the buffers full."""

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # nginx
    VARY,
    NO_STORE,
]

NEXT = b"event: next\ndata: %b\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


class SlowClient(Exception):
    """A client did not read what it asked for, and is cut off."""


class EventStream:
    """Sends the results of an operation as they come, as an ASGI application."""

    def __init__(self, results: StreamResult) -> None:
        self._results: Any = results

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  ASGI's
        """Send them until the operation ends or the client goes. Raises SlowClient."""
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        sending, leaving = asyncio.create_task(self._send(send)), asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, leaving):
                task.cancel()
                with suppress(asyncio.CancelledError, SlowClient):
                    await task

    async def _send(self, send: Send) -> None:
        async with aclosing(self._results):
            coming = asyncio.ensure_future(anext(self._results, None))
            try:
                while True:
                    done, _ = await asyncio.wait({coming}, timeout=QUIET_SECONDS)
                    if not done:
                        await _write(send, b":\n\n")
                        continue
                    result = coming.result()
                    if result is None:
                        break
                    await _write(send, NEXT % orjson.dumps(process_result(result)))
                    coming = asyncio.ensure_future(anext(self._results, None))
            finally:
                coming.cancel()
                with suppress(asyncio.CancelledError):
                    await coming
        await _write(send, COMPLETE, more=False)


def as_event(answer: Answer) -> Reply:
    """Return an answer that is known already as the only event."""
    return Reply(200, NEXT % answer.body + COMPLETE, HEADERS)


async def _write(send: Send, body: bytes, *, more: bool = True) -> None:
    try:
        async with asyncio.timeout(SLOW_SECONDS):
            await send({"type": "http.response.body", "body": body, "more_body": more})
    except TimeoutError as error:
        raise SlowClient from error


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
