"""Reports that come through the API go to Kafka like any producer's: the one module of the service that knows Kafka."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from schema.document import partition_key
from schema.errors import Unavailable
from schema.event import MAX_EVENT_BYTES, STRUCTURED

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

log = logging.getLogger(__name__)

ANSWER_SECONDS = 8.0  # with what closing takes, within the 10 s that clients tend to wait
CLOSE_SECONDS = 1.0
ENVELOPE_BYTES = 16 * 1024
HEADERS = [("content-type", STRUCTURED.encode())]


@dataclass(frozen=True)
class Receipt:
    """Where Kafka keeps a message that all replicas in sync have acknowledged, and when it took it."""

    partition: int
    offset: int
    at: datetime


class Publisher:
    """Sends events to the topic of reports; connects at the first one, and anew after a failure."""

    def __init__(self, options: Mapping[str, Any], topic: str) -> None:
        self._options, self._topic = options, topic
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()

    def warm(self) -> None:
        """Have the client imported, before anybody waits for it; a start does not."""
        import aiokafka  # noqa: F401

    async def publish(self, source: str, subject: str, contributor: str | None, value: bytes) -> Receipt:
        """Send one event in structured mode and return its receipt.

        Raises Unavailable where no acknowledgement came: the event may be in Kafka all the same, so it is to be sent
        again under the same name, which counts once.
        """
        from aiokafka.errors import KafkaError  # see warm

        producer: AIOKafkaProducer | None = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                producer = await self._opened()
                key = partition_key(source, subject, contributor)
                sent = await producer.send_and_wait(self._topic, value, key, headers=HEADERS)
        except (KafkaError, TimeoutError, OSError) as error:
            log.warning("Kafka did not acknowledge a report: %s", error or type(error).__name__)
            await self._close(producer)
            raise Unavailable("Kafka did not acknowledge the report: send it again with the same id.") from error
        return Receipt(sent.partition, sent.offset, datetime.fromtimestamp(sent.timestamp / 1000, UTC))

    async def _opened(self) -> "AIOKafkaProducer":
        from aiokafka import AIOKafkaProducer  # see warm

        async with self._opening:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **{**self._options, "client_id": "paygauge-service"},
                    enable_idempotence=True,
                    acks="all",
                    max_request_size=MAX_EVENT_BYTES + ENVELOPE_BYTES,
                )
                try:
                    await producer.start()
                except BaseException:
                    await _stop(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _close(self, producer: "AIOKafkaProducer | None") -> None:
        # several may fail on the same one: only the first stops it, and none stops its successor
        if producer is not None and producer is self._producer:
            self._producer = None
            await _stop(producer)

    async def close(self) -> None:
        """Close the connection."""
        await self._close(self._producer)


async def _stop(producer: "AIOKafkaProducer") -> None:
    try:
        await asyncio.wait_for(producer.stop(), CLOSE_SECONDS)
    except TimeoutError:
        log.info("A producer whose broker is gone did not stop in time")
