"""Servers that die, hang or come back, and consumers that come and go, while the stream runs."""

import asyncio
import os
import signal
import tempfile
import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from pymongo import MongoClient

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from ingest.settings import IngestSettings
from schema.document import Document
from tests.integration.ingest.support import (
    STOP_SECONDS,
    Message,
    committed_offsets,
    count_of,
    expected,
    ingest_all,
    running,
    send,
    stored,
    submitted,
    until,
    until_committed,
)

MESSAGES = 5_000
DISK_IS_FULL, STEPPED_DOWN = 14031, 189  # MongoDB's error codes


def stream(moment: int = 0) -> list[Message]:
    """Many reports, some of them corrected, and some messages that are wrong."""
    reports = [submitted(f"r-{number % 4000}", moment + number // 4000) for number in range(MESSAGES)]
    return [*reports, *[Message(b"{", b"%d" % number) for number in range(100)]]


@pytest.fixture
def slow(settings: IngestSettings) -> IngestSettings:
    """Small batches, so that the stream runs for long enough to be disturbed."""
    return replace(settings, batch_records=50)


async def some_stored(settings: IngestSettings) -> None:
    async def some() -> bool:
        return await count_of(settings) > 200

    await until(some)


async def test_a_mongod_that_is_killed_and_comes_back_loses_nothing(
    slow: IngestSettings, mongo_server: MongoServer
) -> None:
    settings = replace(slow, mongo=mongo_server.uri)
    await send(settings, stream())

    async with running(settings) as ingest:
        await some_stored(settings)
        mongo_server.kill()
        await asyncio.sleep(1)
        assert not ingest.done()
        await back_again(mongo_server)
        await until_committed(settings, ingest)

    assert await stored(settings) == await expected(settings)


@pytest.mark.parametrize(
    "refusal", [{"errorCode": DISK_IS_FULL}, {"errorCode": STEPPED_DOWN}, {"closeConnection": True}]
)
async def test_what_mongod_refuses_for_a_while_is_written_later(
    slow: IngestSettings, database: str, refusal: dict[str, object]
) -> None:
    with tempfile.TemporaryDirectory(prefix="paygauge-") as folder:
        server = MongoServer(Path(folder), Path(folder) / "mongo.log")
        server.argv = [*server.argv, "--setParameter", "enableTestCommands=1"]
        with server:
            await asyncio.to_thread(server.wait_until_ready)
            settings = replace(slow, mongo=server.uri, database=database)
            await send(settings, stream()[:500])
            with MongoClient[Document](server.uri) as client:
                data = {"failCommands": ["insert", "update", "find"], "appName": "paygauge-ingest", **refusal}
                client.admin.command({"configureFailPoint": "failCommand", "mode": "alwaysOn", "data": data})
                async with running(settings) as ingest:
                    await asyncio.sleep(2)
                    assert not ingest.done()
                    assert await committed_offsets(settings) == {}
                    client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})
                    await until_committed(settings, ingest)
            assert await stored(settings) == await expected(settings)


async def test_while_mongod_hangs_nothing_is_committed_and_stopping_takes_no_longer(
    slow: IngestSettings, mongo_server: MongoServer
) -> None:
    settings = replace(slow, mongo=mongo_server.uri, mongo_timeout=2)
    await send(settings, stream())

    async with running(settings):
        await some_stored(settings)
        assert mongo_server.pid
        os.kill(mongo_server.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(1)
            committed = await committed_offsets(settings)
            await asyncio.sleep(3)
            assert await committed_offsets(settings) == committed
            started = time.monotonic()
        except BaseException:
            os.kill(mongo_server.pid, signal.SIGCONT)
            raise
    assert time.monotonic() - started < STOP_SECONDS
    os.kill(mongo_server.pid, signal.SIGCONT)

    await ingest_all(settings)
    assert await stored(settings) == await expected(settings)


async def test_a_broker_that_goes_and_comes_back_loses_nothing(slow: IngestSettings, kafka_server: KafkaServer) -> None:
    settings = replace(slow, kafka=kafka_server.bootstrap)
    async with running(settings) as ingest:
        for way, messages in ((kafka_server.stop, stream(0)), (kafka_server.kill, stream(1))):
            await send(settings, messages)
            await some_stored(settings)
            await asyncio.to_thread(way)
            await asyncio.sleep(0.5)
            assert not ingest.done()
            await back_again(kafka_server)
        await until_committed(settings, ingest)

    assert await stored(settings) == await expected(settings)


async def back_again(server: KafkaServer | MongoServer) -> None:
    server.start()
    await asyncio.to_thread(server.wait_until_ready)


async def test_consumers_that_join_and_leave_lose_nothing(slow: IngestSettings) -> None:
    await send(slow, stream())

    async with running(slow) as first:
        await some_stored(slow)
        async with running(slow):
            await asyncio.sleep(1.5)
        async with running(slow), running(slow):
            await until_committed(slow, first)

    assert await stored(slow) == await expected(slow)
