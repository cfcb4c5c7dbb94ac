"""The WebSocket protocol under uvicorn, with an end for clients that do not read what they asked for."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

SLOW_CLIENT = 4413
"""Close code of a client that was too slow; 4000 and above are for applications to define."""
SLOW_SECONDS = 10.0
"""How long a client may leave the socket's buffers full, about 64 kB and what the kernel holds."""
LINGER_SECONDS = 5.0
"""How long it then has to read what is in them, the close code at their end."""


PIECE_BYTES = 2 * 1024
"""What is read of a socket before others have their turn: hundreds of frames without content, 10 us each."""


class BoundedProtocol(WebSocketsSansIOProtocol):
    """Waits for a slow client, but not for ever: nothing is sent before what was sent last is nearly through.

    What a client sends in one piece is read in small ones, and no more is taken from it before.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unread = b""
        self._reading = False

    def data_received(self, data: bytes) -> None:
        """Take what was sent, in its turn."""
        self._unread += data
        if not self._reading:
            self._read()

    def _read(self) -> None:
        piece, self._unread = self._unread[:PIECE_BYTES], self._unread[PIECE_BYTES:]
        super().data_received(piece)
        self._reading = bool(self._unread) and not self.transport.is_closing()
        if self._reading:
            self._pause()
            self.loop.call_soon(self._read)
        elif self.read_paused and self.queue.empty():
            self.read_paused = False
            self.transport.resume_reading()

    def _pause(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    async def send(self, message: Any) -> None:
        """Send a message; a client that leaves the buffers full is sent a close code and cut off."""
        if not self.writable.is_set() and not self.disconnected:
            try:
                await asyncio.wait_for(self.writable.wait(), SLOW_SECONDS)
            except TimeoutError:
                self._drop()
        await super().send(message)

    def _drop(self) -> None:
        if self.disconnected:  # several operations wait on one socket
            return
        self.stop_keepalive()
        self.conn.send_close(SLOW_CLIENT, "Too slow: the answers were not read")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = self.disconnected = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": SLOW_CLIENT})
        # read on until the client has answered: closed with anything unread, the socket is reset, and the code is lost
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        self.writable.set()
