"""What a request holds from beginning to end: one snapshot, the rules in force, and threads for numpy."""

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

import strawberry
from starlette.requests import HTTPConnection

from service.access import Access, Caller
from service.changes import Changes, Slots
from service.feed import Feed
from service.figures.benchmark import Benchmarks
from service.figures.cohort import Cohort
from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.graphql.errors import ClientError
from service.graphql.limits import DEFAULTS, Limits
from service.graphql.turns import INLINE_ROWS, INLINE_SECONDS, Turns
from service.ingestion import Ingestion
from service.publisher import Publisher
from service.rates import Rates, client_at

T = TypeVar("T")

POLICY = "paygauge-policy"
"""The header, or parameter of a socket, by which a client asks for another privacy policy than the server's."""


@dataclass
class Context:
    """The context of one operation."""

    request: HTTPConnection
    snapshot: Snapshot
    policy: Policy
    executor: Executor
    ingestion: Ingestion
    feed: Feed
    changes: Changes
    slots: Slots
    access: Access
    publisher: Publisher | None
    rates: Rates
    limits: Limits = DEFAULTS
    benchmarks: Benchmarks | None = None
    """None: those that ship."""
    connection_params: dict[str, Any] | None = None
    """What a client sent when it opened a socket: browsers cannot send headers there."""
    turns: Turns | None = None
    """Those of an operation that does one thing after the other; None: graphql-core does several at a time."""
    timeout: asyncio.Timeout | None = None
    """Of what is executed for a stream now; nothing of it runs while the stream waits."""

    def __post_init__(self) -> None:
        self._spent_inline = 0.0
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}

    async def renewed(self) -> "Context":
        """Return the context of another operation on the same socket: it sees the snapshot of now.

        Raises Unauthenticated and Forbidden where what the client sent when it opened the socket holds no longer.
        """
        await self.reader()
        await self.choose_policy()
        return replace(self, snapshot=self.newest())

    def newest(self) -> Snapshot:
        """Return the snapshot of now."""
        if self.feed.snapshot is None:
            raise RuntimeError("It is asked before the feed has loaded")
        return self.feed.snapshot.aged(self.policy.minimum_age_days)

    async def choose_policy(self) -> None:
        """Put in force the policy that the client asks for. Raises Unauthenticated, Forbidden and UnknownPolicy."""
        self.policy = await self.access.policy(self._authorization, self._sent(POLICY), self.request.state.policy)

    async def caller(self) -> Caller:
        """Return who asks. Raises Unauthenticated for a key or token that is not valid."""
        return await self.access.caller(self._authorization)

    async def reader(self) -> Caller:
        """Return who asks. Raises Unauthenticated where reading needs a key and none is given."""
        return await self.access.reader(self._authorization)

    async def client(self) -> str:
        """Return what tells one client from another: its key or token, else its address."""
        address = self.request.client.host if self.request.client else "unknown"
        return (await self.caller()).name or client_at(address)

    async def charge(self, tokens: float) -> None:
        """Count an operation on the client. Raises ClientError RATE_LIMITED."""
        wait = self.rates.take(await self.client(), tokens)
        if wait:
            raise ClientError("RATE_LIMITED", f"You ask too often: ask again in {wait:.1f} seconds.", retryAfter=wait)

    @property
    def _authorization(self) -> str | None:
        return self._sent("authorization")

    def _sent(self, header: str) -> str | None:
        given = {name.lower(): value for name, value in (self.connection_params or {}).items()}.get(header)
        return given if isinstance(given, str) else self.request.headers.get(header)

    def begin(self) -> None:
        """Count the time of execution from now on, where this is a stream's."""
        if self.timeout:
            self.timeout.reschedule(asyncio.get_running_loop().time() + self.limits.execution_seconds)

    def rest(self) -> None:
        """Count no time while a stream waits."""
        if self.timeout:
            self.timeout.reschedule(None)

    async def compute(self, rows: int, work: Callable[[], T]) -> T:
        """Return what `work` over this many rows returns, off the event loop where that pays."""
        if self.turns:
            await self.turns.may_compute(rows)
            return work()
        if rows >= INLINE_ROWS or self._spent_inline >= INLINE_SECONDS:
            return await asyncio.get_running_loop().run_in_executor(self.executor, work)
        started = time.perf_counter()
        try:
            return work()
        finally:
            self._spent_inline += time.perf_counter() - started

    async def figure(self, cohort: Cohort, name: tuple[Hashable, ...], work: Callable[[], T]) -> T:
        """Return a figure of a cohort, computed once a snapshot; `name` says which, with all that it depends on."""
        key, snapshot = (*name, cohort.where, self.policy), cohort.snapshot
        known = snapshot.recall(key)
        if known is not None:
            return cast("T", known)

        def remembered() -> T:
            return snapshot.remember(key, work())

        if self.turns:
            return await self.compute(len(cohort), remembered)
        this = (snapshot.version, *key)
        task = self._under_way.get(this)
        if task is None:  # fields that need the same are executed at the same time
            task = self._under_way[this] = asyncio.ensure_future(self.compute(len(cohort), remembered))
            task.add_done_callback(lambda _: self._under_way.pop(this))
        return cast("T", await task)


def context_of(connection: HTTPConnection, snapshot: Snapshot, policy: Policy) -> Context:
    """Return the context of an operation that comes by a connection: what it sees, and under which policy."""
    state: Any = connection.state
    return Context(
        request=connection,
        snapshot=snapshot.aged(policy.minimum_age_days),
        policy=policy,
        executor=state.executor,
        ingestion=state.ingestion,
        feed=state.feed,
        changes=state.changes,
        slots=state.slots,
        access=state.access,
        publisher=state.publisher,
        rates=state.rates,
        limits=state.limits,
        benchmarks=state.benchmarks,
    )


Info = strawberry.Info[Context, None]
