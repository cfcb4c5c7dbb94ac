"""The HTTP protocol under uvicorn: an end for clients that do not say what they want or do not read the answer, and
answers at once to what was asked before.
"""

import asyncio
from typing import Any, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from service.repeats import Repeats

HEAD_SECONDS = 10.0
"""How long a client may take for the head of a request, from the connection or its first byte on."""
HEAD_BYTES = 64 * 1024
"""All of a request but its body. An address with a query and its variables may be long; memory is taken for it."""
MOST_HEADERS = 100
MOST_PIECES = 4_096
"""Of a body: what has come of it is copied with each."""
BODY_SECONDS = 0.01
"""How long the application does not begin while the body is still to come: many clients send it after the head."""
MOST_AHEAD = 16
"""Requests that a connection may have sent ahead of an answer: a thousand of them arrive, and begin, in one piece."""
LINGER_SECONDS = 30.0
"""How long a client may take to read the rest of an answer when nothing follows."""


class Refused(Exception):
    """A request that the parser is to answer with 400, after which it closes the connection."""


class BoundedHTTPProtocol(HttpToolsProtocol):
    """Closes a connection whose next request does not arrive in time, or is all head.

    A request that is a repeat of another is answered as soon as it has arrived, without a task for the application.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._bytes = self._body_bytes = self._pieces = 0
        self._head_timer: asyncio.TimerHandle | None = None
        # behind a proxy, only the application knows who asks
        self._repeats: Repeats | None = None if self.config.proxy_headers else self.app_state.get("repeats")
        self._arriving: tuple[RequestResponseCycle, Any] | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._parsing = False
        self._answered = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        self._stop_waiting_for_body()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what was sent, a part of a request or several of them."""
        self._bytes += len(data)
        self._parsing, self._answered = True, 0
        super().data_received(data)
        self._parsing = False
        if self._arriving and self._body_timer is None:
            self._body_timer = self.loop.call_later(BODY_SECONDS, self._begin)
        if self.transport.is_closing():
            return
        if self._bytes - self._body_bytes > HEAD_BYTES:
            self.send_400_response("The request is too large beside its body.")
        elif self._in_head and self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._too_late)

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._in_head = True
        self._bytes = self._body_bytes = self._pieces = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what follows a body is not for us, and may have no end. Raises Refused."""
        if not self._in_head:
            return
        if len(self.headers) == MOST_HEADERS:
            raise Refused("it has too many headers")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Note that it has ended. Raises Refused."""
        self._in_head = False
        self._stop_waiting()
        if self.parser.get_http_version() == "1.1" and sum(name == b"host" for name, _ in self.headers) != 1:
            raise Refused("it has one Host, neither none nor two (RFC 9112, 3.2)")
        if len(self.pipeline) >= MOST_AHEAD:
            raise Refused("too many were sent ahead of an answer")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body. Raises Refused."""
        self._body_bytes += len(body)
        self._pieces += 1
        if self._pieces > MOST_PIECES:
            raise Refused("its body is in too many pieces")
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Answer what is known, else let the application begin."""
        super().on_message_complete()
        if self._arriving and not self._answer(self._arriving[0]):
            self._begin()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection on which nothing more was asked, after what was answered is through."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        if self._parsing and not cycle.waiting_for_100_continue:
            self._arriving = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _begin(self) -> None:
        if self._arriving:
            super()._start_asgi_task(*self._arriving)
            self._stop_waiting_for_body()

    def _answer(self, cycle: RequestResponseCycle) -> bool:
        # who has not read the last answer waits for the next in a task
        if self._repeats is None or not cycle.keep_alive or not self.client or self.transport.get_write_buffer_size():
            return False
        if self._answered == MOST_AHEAD:
            return False
        self._answered += 1
        reply = self._repeats.reply(cast("Scope", cycle.scope), bytes(cycle.body))
        if reply is None:
            return False
        head, body = reply
        usual = b"".join(b"%b: %b\r\n" % header for header in cycle.default_headers)
        self.transport.write(b"%b%b%b\r\n%b" % (STATUS_LINE[200], usual, head, body))
        self._stop_waiting_for_body()
        cycle.response_started = cycle.response_complete = True
        cycle.on_response()
        return True

    def _stop_waiting_for_body(self) -> None:
        self._arriving = None
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _too_late(self) -> None:
        self._head_timer = None
        if self._in_head:
            self.transport.close()
