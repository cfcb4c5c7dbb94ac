"""The store: many writers of the same few documents must end in what one writer would have written."""

import asyncio
import random
from datetime import UTC, date, datetime

import bson
import pytest
from pymongo import MongoClient

from ingest.settings import IngestSettings
from ingest.store import News, Refused, Store
from schema.document import COLLECTION, Document, document_id, fold
from schema.report import AnnualPay, SalaryReport, Withdrawal

SOURCE = "https://survey.example.org/2025"
RECEIVED = datetime(2025, 3, 4, tzinfo=UTC)
WRITERS = 8
VERSIONS = 60


@pytest.fixture
def settings(mongo: str, database: str) -> IngestSettings:
    return IngestSettings(mongo=mongo, database=database)


def report(subject: str, moment: int, role: str = "ml_engineer") -> SalaryReport:
    pay = AnnualPay("USD", 1.0, date(2025, 2, 1), 1000.0 * moment, 1000.0 * moment, base=1000.0 * moment)
    return SalaryReport(SOURCE, subject, (moment, 0, f"e-{moment}"), date(2025, 2, 1), role, pay, RECEIVED)


def withdrawal(subject: str, moment: int) -> Withdrawal:
    return Withdrawal(SOURCE, subject, (moment, 0, f"e-{moment}"), RECEIVED)


def by_id(*news: News) -> dict[str, list[News]]:
    found: dict[str, list[News]] = {}
    for version in news:
        found.setdefault(document_id(version.source, version.subject), []).append(version)
    return found


async def documents_in(settings: IngestSettings) -> dict[str, Document]:
    with MongoClient[Document](settings.mongo) as client:
        return {document["_id"]: document for document in client[settings.database][COLLECTION].find()}


def races(luck: random.Random) -> list[tuple[News, int]]:
    """Versions and their normalisers in an order in which neighbours race for the same document."""
    luckily = [
        (luck.choice([report, report, withdrawal])(subject, moment), normaliser)
        for subject in ("r-1", "p#min", "p#max")
        for moment in luck.sample(range(1000), VERSIONS)
        for normaliser in (1, 2)
    ]
    luck.shuffle(luckily)
    first_ones = [(report(f"r-{number}", moment), 1) for number in range(2, VERSIONS) for moment in (1, 9, 5)]
    # the newer end is there already, so that the version of the whole stays the same
    newer_ends = [(report(f"q-{number}#max", 1000), 1) for number in range(VERSIONS)]
    older_ends = [(report(f"q-{number}#min", moment), 1) for number in range(VERSIONS) for moment in (9, 1, 5)]
    normalisers = [(report("n", 1, f"role-{normaliser}"), normaliser) for normaliser in range(VERSIONS)]
    luck.shuffle(normalisers)
    return [*first_ones, *luckily, *newer_ends, *older_ends, *normalisers]


async def test_many_writers_of_the_same_documents_end_in_what_one_would_have_written(settings: IngestSettings) -> None:
    news = races(random.Random(5))
    waiting = iter(news)

    async def write_some() -> None:
        async with Store(settings) as store:
            for version, normaliser in waiting:
                await store.write(by_id(version), normaliser)

    await asyncio.gather(*[write_some() for _ in range(WRITERS)])

    wanted: dict[str, Document] = {}
    for version, normaliser in news:
        key = document_id(version.source, version.subject)
        wanted[key] = fold(wanted.get(key), version, normaliser)
    assert await documents_in(settings) == {key: bson.decode(bson.encode(wanted[key])) for key in wanted}


async def test_a_batch_with_many_versions_of_a_report_leaves_the_newest(settings: IngestSettings) -> None:
    versions = [report("r-1", 2), report("r-1", 9), report("r-1", 5)]
    async with Store(settings) as store:
        await store.write(by_id(*versions), 1)

    (document,) = (await documents_in(settings)).values()
    assert document["version"] == [9, 0, "e-9"]


async def test_a_newer_normaliser_reads_what_is_stored_anew_and_an_older_one_does_not(settings: IngestSettings) -> None:
    async with Store(settings) as store:
        await store.write(by_id(report("r-1", 1, "other")), 1)
        await store.write(by_id(report("r-1", 1, "ml_engineer")), 2)
        await store.write(by_id(report("r-1", 1, "other")), 1)

    (document,) = (await documents_in(settings)).values()
    assert (document["role"], document["normaliser"]) == ("ml_engineer", 2)


async def test_a_document_that_mongodb_refuses_is_named_and_the_others_are_stored(settings: IngestSettings) -> None:
    with MongoClient[Document](settings.mongo) as client:
        client[settings.database].create_collection(COLLECTION, validator={"subject": {"$ne": "r-2"}})
    async with Store(settings) as store:
        with pytest.raises(Refused) as refusal:
            await store.write(by_id(report("r-1", 1), report("r-2", 1), report("r-3", 1)), 1)

    assert refusal.value.ids == {document_id(SOURCE, "r-2")}
    assert {document["subject"] for document in (await documents_in(settings)).values()} == {"r-1", "r-3"}
