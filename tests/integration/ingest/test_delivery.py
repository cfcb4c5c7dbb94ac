"""From bytes in Kafka to documents in MongoDB: effectively once, in any order of events."""

import asyncio
import json
import random
from datetime import datetime

import pytest
from msgspec.structs import replace
from pymongo import MongoClient

from ingest.normalise import NORMALISER_VERSION, normalise
from ingest.settings import IngestSettings
from schema.document import COLLECTION, Document, document_id
from schema.errors import IngestStopped
from schema.event import Event
from schema.report import SalaryReport, Withdrawal
from schema.vocabulary import ReportState
from tests.integration.ingest.support import (
    SOURCE,
    Message,
    committed_offsets,
    expected,
    ingest_all,
    lag_of,
    running,
    send,
    stored,
    submitted,
    until_committed,
    withdrawn,
)


async def test_bytes_become_a_document(settings: IngestSettings) -> None:
    await send(settings, [submitted("r-1", base=150_000)])

    await ingest_all(settings)

    documents, set_aside = await stored(settings)
    document = documents[document_id(SOURCE, "r-1")]
    assert document["pay"]["total"] == 150_000
    assert (document["source"], document["subject"], document["state"]) == (SOURCE, "r-1", "live")
    assert (documents, set_aside) == await expected(settings)


async def test_structured_and_binary_mode_are_the_same_event(settings: IngestSettings) -> None:
    structured = submitted("r-1")
    event = json.loads(structured.value or b"")
    data = json.dumps(event.pop("data")).encode()
    headers = [(f"ce_{name}", str(value).encode()) for name, value in {**event, "subject": "r-2"}.items()]
    await send(settings, [structured, Message(data, b"r-2", [("Content-Type", b"application/json"), *headers])])

    await ingest_all(settings)

    first, second = (await stored(settings)).documents.values()
    of_its_own = {"_id", "subject", "version", "received"}
    assert {k: v for k, v in first.items() if k not in of_its_own} == {
        k: v for k, v in second.items() if k not in of_its_own
    }


async def test_every_order_of_events_ends_in_the_same_documents(settings: IngestSettings) -> None:
    """Duplicates, late revisions, withdrawals before and after, postings' ends, one report in two partitions."""
    luck = random.Random(3)
    history = [
        message
        for number in range(150)
        for message in (
            submitted(f"r-{number}", 1, base=100_000 + number),
            submitted(f"r-{number}", 2, base=200_000 + number),
            withdrawn(f"r-{number}", luck.choice([0, 3])),
            submitted(f"r-{number}", luck.choice([1, 4]), base=300_000 + number) if number % 3 else withdrawn("r-0", 9),
            submitted(f"p-{number}#min", 1, base=100_000 + number),
            submitted(f"p-{number}#max", luck.choice([1, 2]), base=150_000 + number),
        )
    ]
    # one message id is one content: what has an id already is sent again, not another
    by_id = {json.loads(message.value or b"")["id"]: message for message in history}
    arrivals = [*by_id.values(), *luck.choices(list(by_id.values()), k=300)]
    luck.shuffle(arrivals)
    await send(settings, [message._replace(partition=luck.randrange(3)) for message in arrivals])

    # small batches and two processes: their writes race for the same documents
    async with running(replace(settings, batch_records=20)) as one, running(replace(settings, batch_records=30)):
        await until_committed(settings, one)

    held, wanted = await stored(settings), await expected(settings)
    assert _without_received(held.documents) == _without_received(wanted.documents)
    assert len(held.documents) == 300
    assert {document["state"] for document in held.documents.values()} == {state.value for state in ReportState}


def _without_received(documents: dict[str, Document]) -> dict[str, Document]:
    # of a message that is in Kafka twice, either copy may be the one that counted
    def strip(document: Document) -> Document:
        return {
            name: {end: strip(held) for end, held in value.items()} if name == "ends" else value
            for name, value in document.items()
            if name != "received"
        }

    return {key: strip(document) for key, document in documents.items()}


async def test_a_replay_of_the_whole_topic_changes_nothing(settings: IngestSettings) -> None:
    await send(settings, [submitted(f"r-{number}") for number in range(200)] + [Message(b"{", b"bad")])
    await ingest_all(settings)
    before = await stored(settings)

    await ingest_all(replace(settings, group=f"{settings.group}-anew"))

    assert await stored(settings) == before


async def test_what_is_stored_is_not_read_again_by_the_same_normaliser(
    settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = [submitted(f"p-{number}{end}") for number in range(5) for end in ("#min", "#max")]
    await send(settings, [submitted("r-1"), withdrawn("r-2"), *ends])
    await ingest_all(settings)
    before = await stored(settings)
    await send(settings, [submitted("r-3"), submitted("r-1", moment=1, base=100_000)])
    read: list[str] = []

    def noted(event: Event, received: datetime) -> SalaryReport | Withdrawal:
        read.append(event.id)
        return normalise(event, received)

    monkeypatch.setattr("ingest.batch.normalise", noted)
    await ingest_all(replace(settings, group=f"{settings.group}-anew"))
    assert sorted(read) == ["r-1@1", "r-3@0"]
    after = await stored(settings)
    assert after == await expected(settings)
    assert len(after.documents) == len(before.documents) + 1

    read.clear()
    monkeypatch.setattr("ingest.batch.NORMALISER_VERSION", NORMALISER_VERSION + 1)
    await ingest_all(replace(settings, group=f"{settings.group}-better"))
    assert len(read) == 14


async def test_what_is_stopped_goes_on_where_it_was(settings: IngestSettings) -> None:
    await send(settings, [submitted(f"r-{number}") for number in range(5_000)])
    async with running(replace(settings, batch_records=100)) as ingest:
        while not await committed_offsets(settings):
            assert not ingest.done()
            await asyncio.sleep(0.02)
    # stopping has committed all that was written: nothing is in the store that would be read again
    done = sum((await committed_offsets(settings)).values())
    assert len((await stored(settings)).documents) == done

    await ingest_all(settings)

    assert await stored(settings) == await expected(settings)
    assert await lag_of(settings) == 0


async def test_a_message_that_breaks_our_code_stops_ingest_by_its_place(
    settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    await send(settings, [submitted("r-1", partition=1)])
    monkeypatch.setattr("ingest.batch.normalise", broken)

    with pytest.raises(IngestStopped, match=rf"{settings.topic}/1/0 .*ZeroDivisionError"):
        await ingest_all(settings)
    assert await committed_offsets(settings) == {}
    assert await stored(settings) == ({}, set())


async def test_a_document_that_mongodb_refuses_stops_ingest_by_its_place(settings: IngestSettings) -> None:
    with MongoClient[Document](settings.mongo) as client:
        database = client[settings.database]
        database.create_collection(COLLECTION, validator={"subject": {"$ne": "r-7"}})
    await send(settings, [submitted(f"r-{number}", partition=2) for number in range(10)])

    with pytest.raises(IngestStopped, match=rf"failed validation.*{settings.topic}/2/7\."):
        await ingest_all(settings)
    assert await committed_offsets(settings) == {}
