"""Messages reach a real Kafka, each once, with their keys; what fails is counted and what is gone is said."""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord

from deploy.embedded.kafka import KafkaServer
from deploy.sources import publish as publishing
from deploy.sources.demo import demo_events
from deploy.sources.publish import BATCH_MESSAGES, Message, Summary, publish
from ingest.settings import IngestSettings
from ingest.topics import create_topics
from schema.errors import Unavailable

MEGABYTE = 1024 * 1024


@pytest.fixture
async def settings(kafka: str, topic: str) -> IngestSettings:
    settings = IngestSettings(kafka=kafka, topic=topic, dead_letter_topic=f"{topic}.dead-letter")
    await create_topics(settings)
    return settings


async def arrived(settings: IngestSettings, count: int) -> list[ConsumerRecord[bytes, bytes]]:
    return [record async for record in _records(settings, count)]


async def _records(settings: IngestSettings, count: int) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    consumer = AIOKafkaConsumer(
        settings.topic,
        bootstrap_servers=settings.kafka,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=32 * MEGABYTE,
    )
    async with consumer:
        for _ in range(count):
            yield await consumer.getone()
        assert not await consumer.getmany(timeout_ms=500), "more arrived than was sent"


async def test_every_message_arrives_once_as_it_was_made(settings: IngestSettings) -> None:
    messages = list(demo_events(8_500, seed=2))
    assert len(messages) > 2 * BATCH_MESSAGES
    summary = await publish(messages, settings)
    assert (summary.sent, summary.failed) == (len(messages), 0)
    assert summary.bytes == sum(len(message.value) for message in messages)
    assert summary.seconds > 0
    records = await arrived(settings, len(messages))
    assert Counter((record.key, record.value) for record in records) == Counter((m.key, m.value) for m in messages)
    assert {record.headers for record in records} == {(("content-type", b"application/cloudevents+json"),)}


async def test_messages_of_one_key_are_in_one_partition_in_order(settings: IngestSettings) -> None:
    messages = [Message(b"c-%d" % (number % 50), b"%d" % number) for number in range(2_000)]
    await publish(messages, settings)
    values, partitions = defaultdict(list), defaultdict(set)
    for record in sorted(await arrived(settings, len(messages)), key=lambda record: record.offset):
        values[record.key].append(int(record.value or b""))
        partitions[record.key].add(record.partition)
    assert all(numbers == sorted(numbers) for numbers in values.values())
    assert all(len(where) == 1 for where in partitions.values())
    assert len(set.union(*partitions.values())) > 1


async def test_a_message_that_kafka_refuses_is_counted_and_stops_no_other(settings: IngestSettings) -> None:
    values = [b"first", b"x" * 10 * MEGABYTE, b"x" * 18 * MEGABYTE, b"last"]
    summary = await publish([Message(None, value) for value in values], settings)
    assert (summary.sent, summary.failed) == (3, 1)
    assert "MessageSizeTooLarge" in summary.first_failure
    assert {record.value for record in await arrived(settings, 3)} == {b"first", values[1], b"last"}


async def test_progress_ends_where_the_summary_does(settings: IngestSettings) -> None:
    seen: list[int] = []
    messages = [Message(None, b"%d" % number) for number in range(20_000)]
    summary = await publish(messages, settings, lambda so_far: seen.append(so_far.sent + so_far.failed))
    assert seen == sorted(seen)
    assert len(seen) > 2
    assert seen[-1] == summary.sent == len(messages)


async def test_nothing_to_send_is_no_error(settings: IngestSettings) -> None:
    summary = await publish([], settings)
    assert summary == Summary(seconds=summary.seconds)


async def test_a_kafka_that_is_not_there_is_named() -> None:
    with pytest.raises(Unavailable, match=r"Kafka at 127\.0\.0\.1:1 does not answer\."):
        await publish([Message(None, b"x")], IngestSettings(kafka="127.0.0.1:1"))


async def test_a_topic_that_is_not_there_is_named(kafka: str, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "TOPIC_SECONDS", 0.5)
    with pytest.raises(Unavailable, match=f"has no topic {topic}"):
        await publish([Message(None, b"x")], IngestSettings(kafka=kafka, topic=topic))


async def test_a_kafka_that_dies_on_the_way_ends_the_sending_with_what_arrived(
    kafka_server: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "ANSWER_SECONDS", 2.0)
    settings = IngestSettings(kafka=kafka_server.bootstrap)
    await create_topics(settings)

    def kill_in_the_middle(so_far: Summary) -> None:
        if so_far.sent and kafka_server.running:
            kafka_server.kill()

    with pytest.raises(Unavailable, match=r"does not answer after [\d,]+ messages: send all again"):
        await publish(demo_events(40_000, seed=2), settings, kill_in_the_middle)
