"""Turns: an operation that computes begins on the event loop, and goes on in threads for a while at a time."""

import asyncio
import time
from collections.abc import Coroutine, Generator, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")

INLINE_ROWS = 20_000
"""Work on fewer rows takes about a millisecond, less than the way to a thread and back under load."""
INLINE_SECONDS = 0.005
"""An operation that spent this on the event loop works in threads from there on: many small pieces hold it up too."""
TURN_SECONDS = 0.02
"""How long an operation keeps a thread while others wait for one."""
PATIENT_SECONDS = 0.5
"""How long an operation that nobody waits for lets others go first."""


class Waits(Exception):
    """What was to compute waits for something else."""


@coroutine
def _pause() -> Generator[None, None, None]:
    yield


class Haste:
    """How many operations are in threads that somebody waits for. Used on one event loop."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Count one while inside the context."""
        self._count += 1
        self._none.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._none.set()

    async def over(self, until: float) -> None:
        """Return when there are none, or at a moment of the loop's clock."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._none.wait()


class Turns:
    """The turns of one operation. What it awaits is `may_compute`, and nothing else.

    A `patient` one has none on the event loop, and in threads where no other is, until its patience ends.
    """

    def __init__(self, haste: Haste | None = None, *, patient: bool = False) -> None:
        self._haste = haste or Haste()
        self._patient = self._apart = patient
        self._ends = time.perf_counter() + (0.0 if patient else INLINE_SECONDS)

    async def may_compute(self, rows: int) -> None:
        """Return when work on this many rows may be done where this returns."""
        if time.perf_counter() >= self._ends or (rows >= INLINE_ROWS and not self._apart):
            await _pause()

    async def finish(self, operation: Coroutine[Any, Any, T], executor: Executor) -> T:
        """Return what an operation comes to. Raises what it raises, and Waits."""
        done, loop = self._go_on(operation), asyncio.get_running_loop()
        self._apart, patient_until = True, loop.time() + PATIENT_SECONDS
        while self._patient and not done and loop.time() < patient_until:
            await self._haste.over(patient_until)
            done = await loop.run_in_executor(executor, self._take, operation)
        if not done:
            with self._haste.one():
                while not done:
                    done = await loop.run_in_executor(executor, self._take, operation)
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
