"""A replay of the topic brings better vocabularies to what is stored, and nothing else."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from msgspec.structs import replace
from pymongo import MongoClient

from ingest.normalise import NORMALISER_VERSION, normalise
from ingest.reprocess import Reprocessed, Reprocessing
from ingest.settings import IngestSettings
from schema.document import COLLECTION, Document
from schema.errors import Unavailable
from schema.report import SalaryReport
from tests.integration.ingest.support import (
    Message,
    dead_letters,
    expected,
    ingest_all,
    running,
    send,
    stored,
    submitted,
    until_committed,
    withdrawn,
)

PLACES = ("Bangalore", "NYC", "München")


def report(number: int, moment: int = 0, end: str = "", **more: Any) -> Message:
    return submitted(f"r-{number}{end}", moment, place=PLACES[number % 3], partition=number % 3, **more)


def messages(count: int) -> list[Message]:
    """Reports of which some are sent twice, corrected, withdrawn, in two ends, or wrong."""
    return [
        *[report(number, 5) for number in range(count)],
        *[report(number, 5) for number in range(0, count, 7)],
        *[report(number, 60, base=170_000) for number in range(0, count, 5)],
        *[report(number, 1, base=90_000) for number in range(0, count, 3)],
        *[withdrawn(f"r-{number}", 90, partition=number % 3) for number in range(0, count, 11)],
        *[report(number, 5, end, base=base) for number in range(9) for end, base in (("#min", 1e5), ("#max", 2e5))],
        *[report(count + number, base=-1) for number in range(4)],
    ]


@contextmanager
def older_normaliser(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What reads messages is a release before, which knew no city."""

    def knowing_less(*arguments: Any) -> Any:
        read = normalise(*arguments)
        return replace(read, metro=None, region=None) if isinstance(read, SalaryReport) else read

    with monkeypatch.context() as release:
        for module in ("batch", "consumer", "reprocess"):
            release.setattr(f"ingest.{module}.NORMALISER_VERSION", NORMALISER_VERSION - 1)
        release.setattr("ingest.batch.normalise", knowing_less)
        yield


def metros(settings: IngestSettings) -> set[str | None]:
    with MongoClient[Document](settings.mongo) as client:
        return {document.get("metro") for document in client[settings.database][COLLECTION].find({"state": "live"})}


async def replay(settings: IngestSettings) -> Reprocessed:
    reprocessing = Reprocessing(settings)
    await reprocessing.run(asyncio.Event())
    return reprocessing.done


async def beginning_of_replay(settings: IngestSettings, *, afresh: bool = False) -> int:
    """Replay all, and return how many messages it took for read when it began."""
    reprocessing, seen = Reprocessing(settings), list[int]()
    await reprocessing.run(asyncio.Event(), lambda: seen.append(reprocessing.done.read), afresh=afresh)
    assert seen == sorted(seen)
    assert seen[-1] == reprocessing.done.total
    return seen[0]


async def interrupted_at(messages_read: int, settings: IngestSettings, *, cancelled: bool) -> int:
    """Interrupt a replay and return how many messages it had read."""
    reprocessing, stop = Reprocessing(settings), asyncio.Event()

    def interrupt() -> None:
        if reprocessing.done.read < messages_read:
            return
        if not cancelled:
            stop.set()
        elif task := asyncio.current_task():
            task.cancel()

    with suppress(asyncio.CancelledError):
        await asyncio.create_task(reprocessing.run(stop, interrupt))
    assert messages_read <= reprocessing.done.read < reprocessing.done.total
    return reprocessing.done.read


async def test_a_better_vocabulary_reaches_every_document_and_nothing_is_doubled(
    settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(settings, messages(60))
    with older_normaliser(monkeypatch):
        await ingest_all(settings)
    before = await stored(settings)
    assert metros(settings) == {None}

    done = await replay(settings)

    after = await stored(settings)
    assert after == await expected(settings)
    assert metros(settings) == {"bengaluru", "new-york", "munich"}
    assert after.documents.keys() == before.documents.keys()
    assert after.set_aside == before.set_aside
    assert len(await dead_letters(settings)) == done.rejected == 4
    changed = [key for key, document in after.documents.items() if document["state"] == "live"]
    assert (done.read, done.total) == (len(messages(60)), len(messages(60)))
    assert done.changed == len(changed)
    assert done.fields == {"metro": len(changed), "region": len(changed)}
    assert done.added == 0

    again = await replay(settings)
    assert (again.read, again.changed, again.added) == (done.read, 0, 0)


async def test_a_replay_by_an_older_normaliser_changes_nothing(
    settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(settings, messages(20))
    await ingest_all(settings)
    with older_normaliser(monkeypatch):
        done = await replay(settings)
    assert (done.changed, done.added) == (0, 0)
    assert await stored(settings) == await expected(settings)


async def test_a_replay_and_new_events_at_the_same_time_end_in_what_the_events_say(
    settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(settings, batch_records=10)
    await send(settings, messages(150))
    with older_normaliser(monkeypatch):
        await ingest_all(settings)

    async with running(small) as ingest:
        replaying = asyncio.create_task(replay(small))
        for moment in range(100, 130):
            news = [report(number, moment, base=100_000 + moment) for number in range(0, 150, 4)]
            gone = [withdrawn(f"r-{number}", moment, partition=number % 3) for number in range(0, 150, 13)]
            await send(settings, [*news, *gone])
        done = await replaying
        await until_committed(settings, ingest)

    assert done.changed > 0
    assert await stored(settings) == await expected(settings)


async def test_a_lost_store_is_made_again_from_the_topic(settings: IngestSettings) -> None:
    await send(settings, messages(20))
    await ingest_all(settings)
    whole = await stored(settings)
    with MongoClient[Document](settings.mongo) as client:
        client[settings.database][COLLECTION].drop()

    done = await replay(settings)

    assert done.added == len(whole.documents)
    assert await stored(settings) == whole


@pytest.mark.parametrize("cancelled", [False, True])
async def test_an_interrupted_replay_goes_on_where_it_was_unless_told_to_begin_anew(
    cancelled: bool, settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(settings, batch_records=10)
    await send(settings, messages(60))
    with older_normaliser(monkeypatch):
        await ingest_all(settings)

    read = await interrupted_at(30, small, cancelled=cancelled)
    assert await beginning_of_replay(small) == read
    assert await stored(settings) == await expected(settings)
    assert await beginning_of_replay(small) == 0  # the last one came to its end

    await interrupted_at(30, small, cancelled=cancelled)
    assert await beginning_of_replay(small, afresh=True) == 0


async def test_a_replay_that_has_come_to_old_versions_only_undoes_no_newer_one(
    settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [submitted(f"r-{number}", 1, partition=0) for number in range(10)]
    newer = [submitted(f"r-{number}", 2, base=170_000, partition=0) for number in range(5)]
    gone = [withdrawn(f"r-{number}", 2, partition=0) for number in range(5, 10)]
    await send(settings, [*old, *newer, *gone])
    with older_normaliser(monkeypatch):
        await ingest_all(settings)
    before = await stored(settings)

    assert await interrupted_at(10, replace(settings, batch_records=10), cancelled=False) == 10

    assert await stored(settings) == before


async def test_a_topic_that_is_not_there_is_one_sentence(settings: IngestSettings) -> None:
    with pytest.raises(Unavailable, match=f"Kafka has no topic {settings.topic}"):
        await replay(settings)
