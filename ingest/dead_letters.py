"""Dead letters: messages that were set aside, with their original bytes and headers, and why; written and read."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import ConsumerRecord
from msgspec import Struct

from ingest.settings import IngestSettings, client_options
from ingest.topics import DEAD_LETTER_OVERHEAD_BYTES, MAX_MESSAGE_BYTES
from ingest.world import kafka_trouble
from schema.errors import Rejection
from schema.event import EPOCH

log = logging.getLogger(__name__)

PREFIX = "paygauge-"
OURS = ("reason", "message", "path", "topic", "partition", "offset", "normaliser")
"""Our headers, in this order after the message's own."""
TRUNCATED = PREFIX + "truncated"
TRUNCATED_BYTES = 1024 * 1024
REPLAYED = PREFIX + "replayed"

SEND_SECONDS = 20.0
CLOSE_SECONDS = 1.0
READ_MS = 500
LONGEST_MESSAGE = 1_000  # characters of a rejection's text
LAST_MILLISECOND = 253_402_300_799_999  # 9999-12-31, the end of Python's calendar

Headers = tuple[tuple[str, bytes], ...]


class DeadLetter(Struct, frozen=True):
    """A message that was set aside: where it stood in Kafka, what it was, and why it was rejected by which normaliser.

    `at` is when Kafka received the message or, when read back, the dead letter.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str
    path: str
    message: str
    normaliser: int
    at: datetime

    @property
    def place(self) -> str:
        """Where the message stands, which names it: topic/partition/offset."""
        return place_of(self)

    @property
    def is_truncated(self) -> bool:
        """Whether only the beginning of the message is here: whole it exceeded what this topic takes."""
        return bool(self.headers) and self.headers[0][0] == TRUNCATED

    def names(self) -> dict[str, str | None]:
        """Return the event's `source`, `event` (its id) and `subject`, each where it can be read."""
        headers = text_headers(self)
        names = {name: headers.get(f"ce_{attribute}") for name, attribute in _ATTRIBUTES.items()}
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            envelope = _decode_names(self.value or b"")
            given = {name: getattr(envelope, attribute) for name, attribute in _ATTRIBUTES.items()}
            names |= {name: value for name, value in given.items() if isinstance(value, str)}
        return names


class _Names(Struct):
    source: Any = None
    id: Any = None
    subject: Any = None


_ATTRIBUTES = {"source": "source", "event": "id", "subject": "subject"}
_decode_names = msgspec.json.Decoder(_Names).decode


def dead_letter_of(record: ConsumerRecord, rejection: Rejection, normaliser: int) -> DeadLetter:
    """Return the dead letter of a message that this normaliser rejected."""
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=tuple(record.headers),
        reason=rejection.reason.value,
        path=rejection.path,
        message=rejection.detail[:LONGEST_MESSAGE],
        normaliser=normaliser,
        at=received_at(record),
    )


def place_of(message: ConsumerRecord | DeadLetter) -> str:
    """Return topic/partition/offset."""
    return f"{message.topic}/{message.partition}/{message.offset}"


def text_headers(message: ConsumerRecord | DeadLetter) -> dict[str, str]:
    """Return the headers as text by lower-case name; bytes that are no UTF-8 become U+FFFD."""
    return {name.lower(): (value or b"").decode("utf-8", "replace") for name, value in message.headers}


def received_at(record: ConsumerRecord) -> datetime:
    """Return when Kafka received the message, the same at every replay; now where the message does not say."""
    if record.timestamp <= 0:
        return datetime.now(UTC)
    return _moment(min(record.timestamp, LAST_MILLISECOND))


@lru_cache(1024)
def _moment(milliseconds: int) -> datetime:
    # the messages of one append have one
    return EPOCH + timedelta(milliseconds=milliseconds)


class DeadLetterWriter:
    """Sends dead letters to their topic; connects to Kafka at the first one, and anew after a failure."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        """Return when all replicas that are in sync hold every letter. Raises Unavailable; some may be there then."""
        with kafka_trouble("setting messages aside"):
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await self._send(letters)
            except BaseException:
                await self.close()  # an idempotent producer that failed once may refuse everything from then on
                raise

    async def _send(self, letters: Sequence[DeadLetter]) -> None:
        if self._producer is None:
            self._producer = await start_producer(self._settings)
        sent = []
        for letter in letters:
            key, value, headers = _message_of(letter)
            sent.append(await self._producer.send(self._settings.dead_letter_topic, value, key, headers=headers))
        for outcome in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def close(self) -> None:
        """Close the connection."""
        producer, self._producer = self._producer, None
        if producer:
            await stop_client(producer)

    async def __aenter__(self) -> Self:
        """Nothing is opened yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()


async def start_producer(settings: IngestSettings) -> AIOKafkaProducer:
    """Return a producer that has connected: idempotent, and acknowledged by all replicas that are in sync."""
    producer = AIOKafkaProducer(
        **client_options(settings),
        enable_idempotence=True,
        acks="all",
        max_request_size=MAX_MESSAGE_BYTES + DEAD_LETTER_OVERHEAD_BYTES,
    )
    try:
        await producer.start()
    except BaseException:
        await stop_client(producer)
        raise
    return producer


async def stop_client(client: Any, seconds: float = CLOSE_SECONDS) -> None:
    """Stop a client of aiokafka; give up after a while, for one whose broker is gone may take very long."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(client.stop(), seconds)


def _message_of(letter: DeadLetter) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]:
    ours = [(PREFIX + name, str(getattr(letter, name)).encode(errors="replace")) for name in OURS]
    key, value = letter.key, letter.value
    size = len(key or b"") + len(value or b"") + sum(len(name) + len(text or b"") for name, text in letter.headers)
    if size > MAX_MESSAGE_BYTES:  # compressed it fitted into the topic of reports; whole it would fit nowhere
        return None, (value or b"")[:TRUNCATED_BYTES], [(TRUNCATED, str(size).encode()), *ours]
    if key is None and value is None:
        key = b""  # aiokafka sends no message without both
    return key, value, [*letter.headers, *ours]


def _letter_in(record: ConsumerRecord) -> DeadLetter:
    own, ours = record.headers[: -len(OURS)], record.headers[-len(OURS) :]
    why = {name.removeprefix(PREFIX): (text or b"").decode(errors="replace") for name, text in ours}
    what = {"key": record.key, "value": record.value, "headers": tuple(own), "at": received_at(record)}
    return msgspec.convert({**why, **what}, DeadLetter, strict=False)


async def list_dead_letters(settings: IngestSettings, reasons: Collection[str] = ()) -> AsyncIterator[DeadLetter]:
    """Yield the dead letters that are there now, oldest first, each message once; of these reasons, or of all.

    A message that is rejected again after a replay has another place and is another. Raises Unavailable.
    """
    seen: set[str] = set()
    with kafka_trouble("reading the dead letters"):
        async for record in _records_now(settings):
            try:
                letter = _letter_in(record)
            except msgspec.ValidationError:
                log.warning("The message at %s is no dead letter of ours", place_of(record))
                continue
            if letter.place not in seen and (not reasons or letter.reason in reasons):
                yield letter
            seen.add(letter.place)


async def _records_now(settings: IngestSettings) -> AsyncIterator[ConsumerRecord]:
    # without a group it is assigned all partitions, and nothing is committed
    consumer = AIOKafkaConsumer(
        settings.dead_letter_topic, **client_options(settings), auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        await consumer.start()
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=READ_MS)).items():
                for record in records:
                    if record.offset < ends[partition]:
                        yield record
    finally:
        await stop_client(consumer)
