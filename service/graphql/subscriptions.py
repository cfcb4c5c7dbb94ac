"""What a client is told again when it changes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from weakref import WeakKeyDictionary

import strawberry
from pyroaring import BitMap

from service.figures.bitmaps import rows_of
from service.figures.cohort import Cohort as Held
from service.figures.index import Index
from service.graphql.cohort import Cohort
from service.graphql.conditions import condition_of
from service.graphql.context import Info
from service.graphql.describe import described
from service.graphql.errors import ClientError
from service.graphql.inputs import Basis, CohortFilter

LEAST_MS, MOST_MS = 100, 60_000


@described
class Subscription:
    """What can be followed."""

    @strawberry.subscription(  # type: ignore[untyped-decorator]
        description="The cohort at once, and again whenever reports arrive that change it, at most once per `every` "
        "milliseconds; all that arrives between is in the next one."
    )
    async def cohort(  # noqa: D102  described above
        self,
        info: Info,
        where: Annotated[
            CohortFilter, strawberry.argument(description="Which reports; by default all.")
        ] = CohortFilter(),  # noqa: B008  GraphQL's default, never changed
        basis: Annotated[
            Basis, strawberry.argument(description="How pay is counted and shown; by default annual US dollars.")
        ] = Basis(),  # noqa: B008  as above
        every: Annotated[
            int, strawberry.argument(description="Milliseconds between two of them at least, 100 to 60000.")
        ] = 1000,
    ) -> AsyncIterator[Cohort]:
        if not LEAST_MS <= every <= MOST_MS:
            raise ClientError("BAD_USER_INPUT", f"every is {every}; ask for {LEAST_MS} to {MOST_MS} milliseconds.")
        understood, slots = basis.understood(), info.context.slots
        with slots.taken(await info.context.client()) as taken:
            if not taken:
                message = f"You follow {slots.most} cohorts, and no more are taken: complete one of them first."
                raise ClientError("TOO_MANY_SUBSCRIPTIONS", message)
            async for held in changed_cohorts(info, where, every / 1000):
                yield Cohort(held=held, basis=understood)


async def changed_cohorts(info: Info, where: CohortFilter, seconds: float) -> AsyncIterator[Held]:
    """Yield a cohort, and again when its reports have changed, each a snapshot's that the context then holds."""
    context, loop = info.context, asyncio.get_running_loop()
    last: Contents | None = None
    while True:
        looked = loop.time()
        context.begin()
        await context.reader()  # a key may have been revoked since
        snapshot = context.newest()
        condition = condition_of(where, snapshot)
        held = await context.compute(len(snapshot), lambda: snapshot.cohort(condition))  # noqa: B023  awaited at once
        contents = await context.compute(len(held), lambda: contents_of(held))  # noqa: B023  as above
        if contents != last:
            last = contents
            # graphql-core resolves one event to its end before it asks for the next: the resolvers see this snapshot
            context.snapshot = snapshot
            yield held
        context.rest()
        await asyncio.sleep(looked + seconds - loop.time())
        while context.newest().version == snapshot.version:
            await context.changes.wait()


@dataclass(frozen=True)
class Contents:
    """What is in a cohort, to be compared: the same contents give the same figures.

    When the delta is joined to the base, about every 20,000 changes, contents that are the same compare as different.
    """

    base: Index
    rows: BitMap
    delta: bytes


def contents_of(cohort: Held) -> Contents:
    """Return what is in a cohort: which rows of the base, which never change, and a digest of those of the delta."""
    if cohort not in _known:
        base, delta = ({part.index: part.bitmap for part in cohort.parts}.get(index, BitMap()) for index in _of(cohort))
        _known[cohort] = Contents(cohort.snapshot.base, base, _digest(cohort.snapshot.delta, delta))
    return _known[cohort]


_known: WeakKeyDictionary[Held, Contents] = WeakKeyDictionary()
"""Those who follow the same cohort share it."""


def _of(cohort: Held) -> tuple[Index, Index]:
    return cohort.snapshot.base, cohort.snapshot.delta


def _digest(index: Index, rows: BitMap) -> bytes:
    # positions say nothing, since they shift with the reports of other cohorts
    columns, digest = index.columns, hashlib.blake2b(digest_size=16)
    for array in columns.arrays.values():
        digest.update(array[rows_of(rows)].tobytes())
    for carried in columns.many.values():
        for code in sorted(carried):
            ids = columns["id"][rows_of(carried[code] & rows)]
            digest.update(code.to_bytes(4, "big") + ids.tobytes() if len(ids) else b"")
    return digest.digest()
