"""Turns: an operation that computes begins on the event loop, and goes on in threads for a while at a time."""

import asyncio
import time
from collections.abc import Coroutine, Generator
from concurrent.futures import Executor
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")

INLINE_ROWS = 20_000
"""Work on fewer rows takes about a millisecond, less than the way to a thread and back under load."""
INLINE_SECONDS = 0.005
"""An operation that spent this on the event loop works in threads from there on: many small pieces hold it up too."""
TURN_SECONDS = 0.02
"""How long an operation keeps a thread while others wait for one."""


class Waits(Exception):
    """What was to compute waits for something else."""


@coroutine
def _pause() -> Generator[None, None, None]:
    yield


class Turns:
    """The turns of one operation. What it awaits is `may_compute`, and nothing else."""

    def __init__(self) -> None:
        self._apart = False
        self._ends = time.perf_counter() + INLINE_SECONDS

    async def may_compute(self, rows: int) -> None:
        """Return when work on this many rows may be done where this returns."""
        if time.perf_counter() >= self._ends or (rows >= INLINE_ROWS and not self._apart):
            await _pause()

    async def finish(self, operation: Coroutine[Any, Any, T], executor: Executor) -> T:
        """Return what an operation comes to. Raises what it raises, and Waits."""
        done = self._go_on(operation)
        while not done:
            self._apart = True
            done = await asyncio.get_running_loop().run_in_executor(executor, self._take, operation)
        return done[0]

    def _take(self, operation: Coroutine[Any, Any, T]) -> list[T]:
        self._ends = time.perf_counter() + TURN_SECONDS
        return self._go_on(operation)

    @staticmethod
    def _go_on(operation: Coroutine[Any, Any, T]) -> list[T]:
        """Return the result in a list, an empty one where another turn is needed."""
        try:
            awaited = operation.send(None)
        except StopIteration as end:
            return [end.value]
        if awaited is None:
            return []
        operation.close()
        raise Waits
