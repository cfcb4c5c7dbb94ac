"""The topics: created where they are missing, left alone where they are not."""

import logging
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from ingest.settings import IngestSettings, client_options
from ingest.world import kafka_trouble
from schema.errors import Unavailable

log = logging.getLogger(__name__)

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
DEAD_LETTER_OVERHEAD_BYTES = 1024 * 1024
"""How much larger than its message a dead letter may be, for its headers: the largest must have somewhere to go."""

TOPIC_CONFIG = {
    "cleanup.policy": "delete",
    "retention.ms": "-1",  # kept for ever: better vocabularies mean a replay
    "retention.bytes": "-1",
    # whatever a producer compresses with, aiokafka reads gzip without another library
    "compression.type": "gzip",
    "compression.gzip.level": "1",
    # far above what is taken: a message that is too large must arrive to be set aside with that reason
    "max.message.bytes": str(MAX_MESSAGE_BYTES),
    # the broker's clock says when a message was received, the same at every replay
    "message.timestamp.type": "LogAppendTime",
}
DEAD_LETTER_CONFIG = {**TOPIC_CONFIG, "max.message.bytes": str(MAX_MESSAGE_BYTES + DEAD_LETTER_OVERHEAD_BYTES)}


async def create_topics(settings: IngestSettings) -> list[str]:
    """Create the topic of reports and that of dead letters where they are missing; return the names of the new ones.

    Raises Unavailable while Kafka does not answer, IngestStopped where it refuses.
    """
    wanted = {
        settings.topic: _new_topic(settings.topic, settings.partitions, TOPIC_CONFIG),
        settings.dead_letter_topic: _new_topic(settings.dead_letter_topic, 1, DEAD_LETTER_CONFIG),
    }
    with kafka_trouble("creating the topics"):
        admin = AIOKafkaAdminClient(**client_options(settings))
        try:
            await admin.start()
            missing = [new for new in wanted.values() if not await _exists(admin, new.name)]
            created = await admin.create_topics(missing) if missing else None
        finally:
            await admin.close()
        for failure in created.topic_errors if created else ():
            _check(*failure)
    for new in missing:
        log.info("Created the topic %s with %d partitions", new.name, new.num_partitions)
    return [new.name for new in missing]


async def partitions_of(settings: IngestSettings) -> list[int]:
    """Return the numbers of the partitions of the topic of reports. Raises Unavailable where there is no such topic."""
    with kafka_trouble("looking at the topic"):
        admin = AIOKafkaAdminClient(**client_options(settings))
        try:
            await admin.start()
            (topic,) = await admin.describe_topics([settings.topic])
        finally:
            await admin.close()
    if topic["error_code"]:
        raise Unavailable(f"Kafka has no topic {settings.topic}: `paygauge ingest` creates it.")
    return sorted(partition["partition"] for partition in topic["partitions"])


def _new_topic(name: str, partitions: int, config: dict[str, str]) -> NewTopic:
    # -1 is the broker's default; aiokafka takes it only beside an assignment of replicas, which may be empty
    return NewTopic(name, partitions, -1, {}, topic_configs=config)


async def _exists(admin: AIOKafkaAdminClient, name: str) -> bool:
    # listing all topics misses one that is just being created; asked for by name, it is there or an error
    (topic,) = await admin.describe_topics([name])
    return not topic["error_code"]


def _check(name: str, code: int, message: str | None, *_: Any) -> None:
    error = for_code(code)
    if code and error is not TopicAlreadyExistsError:  # two processes start together
        raise error(f"{name}: {message or error.__name__}")
