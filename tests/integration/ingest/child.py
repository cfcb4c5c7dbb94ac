"""Ingest as a process of its own that says where it is and waits there, for a test to kill it.

The first argument is the place: `write`, `set-aside` or `commit`. With `commit-first` as the second it commits before
it writes, as an ingest would that loses what it had not written when it was killed.
"""

import asyncio
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ingest.batch import Batch
from ingest.consumer import Membership, run_ingest
from ingest.dead_letters import DeadLetter, DeadLetterWriter
from ingest.settings import IngestSettings
from ingest.store import News, Store
from schema.settings import read_settings

place, *flaw = sys.argv[1:]


async def wait_to_be_killed() -> None:
    print("here", flush=True)
    await asyncio.sleep(3600)


class StoppingStore(Store):
    """Never comes to write."""

    async def write(
        self, news: Mapping[str, Sequence[News]], normaliser: int, absent: Collection[str] = frozenset()
    ) -> None:
        if place == "write":
            await wait_to_be_killed()
        await super().write(news, normaliser, absent)


class StoppingDeadLetterWriter(DeadLetterWriter):
    """Never comes to send."""

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        if place == "set-aside":
            await wait_to_be_killed()
        await super().send(letters)


class StoppingMembership(Membership):
    """Never comes to commit, or comes to it too early."""

    async def _write(self, batch: Batch, generation: int) -> None:
        if flaw:
            self._written.update(batch.offsets)
            await super()._commit()
        await super()._write(batch, generation)

    async def _commit(self) -> None:
        if place == "commit" and self._written:
            await wait_to_be_killed()
        await super()._commit()


def main() -> None:
    import ingest.consumer

    changed: dict[str, Any] = {
        "Store": StoppingStore,
        "DeadLetterWriter": StoppingDeadLetterWriter,
        "Membership": StoppingMembership,
    }
    vars(ingest.consumer).update(changed)
    asyncio.run(run_ingest(read_settings(IngestSettings, os.environ), asyncio.Event()))


if __name__ == "__main__":
    main()
