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


class BoundedProtocol(WebSocketsSansIOProtocol):
    """Waits for a slow client, but not for ever: nothing is sent before what was sent last is nearly through."""

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
