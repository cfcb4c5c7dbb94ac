"""Publish messages to Kafka: pipelined, idempotent, counted."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.codec import has_lz4
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
)

from ingest.dead_letters import stop_client
from ingest.settings import IngestSettings, client_options
from schema.document import partition_key
from schema.errors import Unavailable
from schema.event import STRUCTURED

MAX_REQUEST_BYTES = 17 * 1024 * 1024
BATCH_BYTES = 256 * 1024
LINGER_MS = 20
ANSWER_SECONDS = 20.0
TOPIC_SECONDS = 5.0  # a topic that was just created takes a moment to be known everywhere
BATCH_MESSAGES = 4_096
"""While one batch is being acknowledged the next is sent: at most two, about 5 MB of ordinary events, are in flight."""

NO_ANSWER = (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError, TimeoutError)
"""Errors of the world: the next message would meet the same one."""

STRUCTURED_HEADERS: list[tuple[str, bytes]] = [("content-type", STRUCTURED.encode())]


class Message(NamedTuple):
    """A Kafka message; by default its value is an event in structured mode."""

    key: bytes | None
    value: bytes
    headers: list[tuple[str, bytes]] = STRUCTURED_HEADERS


@dataclass(slots=True)
class Summary:
    """What became of the messages: `sent` are acknowledged by all replicas, `failed` are not; `bytes` are of `sent`."""

    sent: int = 0
    failed: int = 0
    bytes: int = 0
    seconds: float = 0.0
    first_failure: str = ""


class _InFlight(NamedTuple):
    future: asyncio.Future[Any]
    size: int  # bytes


class _Contributor(msgspec.Struct):
    contributor: str | None = None


class _Name(msgspec.Struct):
    source: str
    subject: str
    data: _Contributor | None = None


_decode_name = msgspec.json.Decoder(_Name).decode


def message_of(value: bytes) -> Message:
    """Return the message that carries a structured event as it is; what cannot be read as an event has no key."""
    try:
        name = _decode_name(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Message(None, value)
    return Message(partition_key(name.source, name.subject, name.data.contributor if name.data else None), value)


async def publish(
    messages: Iterable[Message],
    settings: IngestSettings,
    report_progress: Callable[[Summary], None] = lambda _: None,
) -> Summary:
    """Publish messages to the topic of reports and return what became of them; one that Kafka refuses stops no other.

    `report_progress` is called with the summary so far whenever some are settled. Raises Unavailable where Kafka does
    not answer (any more) or has no such topic.
    """
    summary, started = Summary(), time.monotonic()
    iterator, waiting = iter(messages), list[_InFlight]()
    async with _producer(settings, summary) as producer:
        while batch := list(islice(iterator, BATCH_MESSAGES)):
            sent = [await _send(producer, settings.topic, message, summary) for message in batch]
            await _settle(waiting, summary)
            waiting = [each for each in sent if each]
            summary.seconds = time.monotonic() - started
            report_progress(summary)
        await _settle(waiting, summary)
    summary.seconds = time.monotonic() - started
    report_progress(summary)
    return summary


async def _send(producer: AIOKafkaProducer, topic: str, message: Message, summary: Summary) -> _InFlight | None:
    with _refusals_counted(summary):
        future = await producer.send(topic, message.value, message.key, headers=message.headers)
        return _InFlight(future, len(message.value))
    return None


async def _settle(waiting: Iterable[_InFlight], summary: Summary) -> None:
    for future, size in waiting:
        with _refusals_counted(summary):
            # without a bound an idempotent producer waits for ever for a broker that is gone
            await (future if future.done() else asyncio.wait_for(future, ANSWER_SECONDS))
            summary.sent, summary.bytes = summary.sent + 1, summary.bytes + size


@contextmanager
def _refusals_counted(summary: Summary) -> Iterator[None]:
    try:
        yield
    except NO_ANSWER:
        raise
    except KafkaError as error:
        summary.failed += 1
        summary.first_failure = summary.first_failure or str(error)


@asynccontextmanager
async def _producer(settings: IngestSettings, summary: Summary) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **client_options(settings) | {"client_id": "paygauge-send"},
        enable_idempotence=True,
        acks="all",
        compression_type="lz4" if has_lz4() else "gzip",
        max_request_size=MAX_REQUEST_BYTES,
        max_batch_size=BATCH_BYTES,
        linger_ms=LINGER_MS,
    )
    try:
        await producer.start()
        await _check_topic(producer, settings)
        yield producer
    except NO_ANSWER as error:
        so_far = f" after {summary.sent:,} messages: send all again, nothing counts twice" if summary.sent else ""
        raise Unavailable(f"Kafka at {settings.kafka} does not answer{so_far}.") from error
    finally:
        await stop_client(producer)


async def _check_topic(producer: AIOKafkaProducer, settings: IngestSettings) -> None:
    try:
        await asyncio.wait_for(producer.partitions_for(settings.topic), TOPIC_SECONDS)
    except TimeoutError as error:
        raise Unavailable(
            f"Kafka at {settings.kafka} has no topic {settings.topic}: `paygauge ingest` creates it."
        ) from error
