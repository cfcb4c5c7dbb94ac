"""What a request holds from beginning to end: one snapshot, the rules in force, and threads for numpy."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TypeVar

import strawberry
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.ingestion import Ingestion

T = TypeVar("T")

INLINE_ROWS = 20_000
"""Work on fewer rows takes under a millisecond, less than the way to a thread and back under load."""


@dataclass
class Context:
    """The context of one operation."""

    request: Request | WebSocket
    response: Response | None
    snapshot: Snapshot
    policy: Policy
    executor: Executor
    ingestion: Ingestion

    async def compute(self, rows: int, work: Callable[[], T]) -> T:
        """Return what `work` over this many rows returns, off the event loop where that pays."""
        if rows < INLINE_ROWS:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self.executor, work)


Info = strawberry.Info[Context, None]
