"""Publish messages to Kafka: pipelined, idempotent, counted."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.codec import has_lz4
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NodeNotReadyError,
    UnknownTopicOrPartitionError,
)

from schema.document import POSTING_ENDS
from schema.errors import Unavailable
from schema.event import STRUCTURED, TOPIC

MAX_REQUEST_BYTES = 17 * 1024 * 1024
BATCH_BYTES = 256 * 1024
LINGER_MS = 20
REQUEST_TIMEOUT_MS = 20_000
MAX_IN_FLIGHT = 8_192
"""Messages that wait for their acknowledgement: about 5 MB of ordinary events."""

NO_ANSWER = (KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError)
"""Errors of the world: the next message would meet the same one, twenty seconds later."""

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


class _Contributor(msgspec.Struct):
    contributor: str | None = None


class _Name(msgspec.Struct):
    source: str
    subject: str
    data: _Contributor | None = None


_decode_name = msgspec.json.Decoder(_Name).decode


def partition_key(source: str, subject: str, contributor: str | None = None) -> bytes:
    """Return the Kafka key of a report: its contributor, else source + subject without the ending of a posting's end.

    Messages of one key keep their order, and the two ends of a posting meet in one partition.
    """
    for end in POSTING_ENDS:
        subject = subject.removesuffix(end)
    return (contributor or f"{source} {subject}").encode()


def message_of(value: bytes) -> Message:
    """Return the message that carries a structured event as it is; what cannot be read as an event has no key."""
    try:
        name = _decode_name(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Message(None, value)
    return Message(partition_key(name.source, name.subject, name.data.contributor if name.data else None), value)


async def publish(
    messages: Iterable[Message],
    bootstrap: str,
    report_progress: Callable[[Summary], None] = lambda _: None,
    topic: str = TOPIC,
) -> Summary:
    """Publish messages and return what became of them; one that Kafka refuses stops no other.

    `report_progress` is called with the summary so far whenever some are settled. Raises Unavailable where Kafka does
    not answer (any more) or has no such topic.
    """
    summary, started = Summary(), time.monotonic()
    in_flight: deque[tuple[int, asyncio.Future[Any]]] = deque()

    async def settle(most: int) -> None:
        while len(in_flight) > most:
            size, future = in_flight.popleft()
            try:
                await future
            except NO_ANSWER:
                raise
            except KafkaError as error:
                _count_failure(summary, error)
            else:
                summary.sent, summary.bytes = summary.sent + 1, summary.bytes + size
        summary.seconds = time.monotonic() - started
        report_progress(summary)

    async with _producer_at(bootstrap, topic, summary) as producer:
        for message in messages:
            try:
                future = await producer.send(topic, message.value, message.key, headers=message.headers)
            except NO_ANSWER:
                raise
            except KafkaError as error:
                _count_failure(summary, error)
                continue
            in_flight.append((len(message.value), future))
            if len(in_flight) >= MAX_IN_FLIGHT:
                await settle(MAX_IN_FLIGHT // 2)
        await settle(0)
    return summary


def _count_failure(summary: Summary, error: KafkaError) -> None:
    summary.failed += 1
    summary.first_failure = summary.first_failure or str(error)


@asynccontextmanager
async def _producer_at(bootstrap: str, topic: str, summary: Summary) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        enable_idempotence=True,
        acks="all",
        compression_type="lz4" if has_lz4() else "gzip",
        max_request_size=MAX_REQUEST_BYTES,
        max_batch_size=BATCH_BYTES,
        linger_ms=LINGER_MS,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )
    try:
        await producer.start()
        yield producer
    except UnknownTopicOrPartitionError as error:
        raise Unavailable(f"Kafka at {bootstrap} has no topic {topic}: create it.") from error
    except NO_ANSWER as error:
        so_far = f" after {summary.sent:,} messages: send all again, nothing counts twice" if summary.sent else ""
        raise Unavailable(f"Kafka at {bootstrap} does not answer{so_far}.") from error
    finally:
        await producer.stop()
