"""Replay: messages that were set aside are sent to the topic of reports again, as they were."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from msgspec import Struct

from ingest.dead_letters import REPLAYED, DeadLetter, list_dead_letters, start_producer, stop_client
from ingest.settings import IngestSettings
from ingest.store import Store
from ingest.world import kafka_trouble

BATCH_LETTERS = 500


class Replay(Struct):
    """What became of the dead letters: sent again, already sent by an earlier replay, or truncated and so unusable."""

    sent: int = 0
    before: int = 0
    truncated: int = 0


async def replay_dead_letters(settings: IngestSettings, reasons: Collection[str] = ()) -> Replay:
    """Send the dead letters of these reasons (or all) again, each once, and mark them; return how many there were.

    One that passes now leaves no trace but the mark; one that is rejected again is a dead letter of its new place.
    Raises Unavailable; starting again then sends what is not marked.
    """
    replay = Replay()
    async with Store(settings) as store:
        marked = await store.replayed_places()
        with kafka_trouble("replaying"):
            producer = await start_producer(settings)
            try:
                batch: list[DeadLetter] = []
                async for letter in list_dead_letters(settings, reasons):
                    if letter.place in marked:
                        replay.before += 1
                    elif letter.is_truncated:
                        replay.truncated += 1
                    else:
                        batch.append(letter)
                    if len(batch) == BATCH_LETTERS:
                        replay.sent += await _send(batch, producer, settings.topic, store)
                        batch = []
                replay.sent += await _send(batch, producer, settings.topic, store)
            finally:
                await stop_client(producer)
    return replay


async def _send(batch: Sequence[DeadLetter], producer: AIOKafkaProducer, topic: str, store: Store) -> int:
    waiting: list[Any] = []
    for letter in batch:
        headers = [(name, value) for name, value in letter.headers if name != REPLAYED]
        headers.append((REPLAYED, letter.place.encode()))
        waiting.append(await producer.send(topic, letter.value, letter.key, headers=headers))
    await asyncio.gather(*waiting)
    if batch:
        await store.mark_replayed([letter.place for letter in batch])
    return len(batch)
