"""Ingest as it must not be: each flaw by its name, so that the tests can show that they would see it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ingest.batch import Batch
from ingest.consumer import Membership
from ingest.store import News, Store
from schema.document import Document, fold
from schema.vocabulary import ReportState


class HastyMembership(Membership):
    """Commits before it writes."""

    async def _write(self, batch: Batch, generation: int) -> None:
        self._written.update(batch.offsets)
        await self._commit()
        await super()._write(batch, generation)


class DeletingStore(Store):
    """Deletes what is withdrawn."""

    async def write(
        self, news: Mapping[str, Sequence[News]], normaliser: int, absent: Collection[str] = frozenset()
    ) -> None:
        await super().write(news, normaliser, absent)
        await self._reports.delete_many({"_id": {"$in": list(news)}, "state": ReportState.WITHDRAWN.value})


def replace_always(known: Document | None, news: News, normaliser: int) -> Document:
    """Take whatever comes last for the newest."""
    del known
    return fold(None, news, normaliser)


FLAWS: dict[str, dict[str, Any]] = {
    "commit-before-write": {"ingest.consumer.Membership": HastyMembership},
    "last-write-wins": {"ingest.store.fold": replace_always},
    "delete-on-withdrawal": {"ingest.consumer.Store": DeletingStore},
}
"""What takes the place of what."""
