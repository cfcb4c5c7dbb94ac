"""From the feed's thread to the event loop: who waits for the next snapshot is woken, and nobody polls."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator


class Changes:
    """One for all subscribers. Made on the event loop; `announce` may be called from any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._next = asyncio.Event()

    def announce(self) -> None:
        """Wake all who wait."""
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        woken, self._next = self._next, asyncio.Event()
        woken.set()

    async def wait(self) -> None:
        """Return at the next announcement."""
        await self._next.wait()


class Slots:
    """How many of something each client has at a time: at most `most`."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._taken: Counter[str] = Counter()

    @contextlib.contextmanager
    def taken(self, client: str) -> Iterator[bool]:
        """Hold a slot while inside the context; False where the client has none left."""
        if self._taken[client] >= self.most:
            yield False
            return
        self._taken[client] += 1
        try:
            yield True
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
