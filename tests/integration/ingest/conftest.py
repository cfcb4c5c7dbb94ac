"""Settings of each test's own: topic, dead letters, group and database."""

import pytest

from ingest.settings import IngestSettings


@pytest.fixture
def settings(kafka: str, mongo: str, topic: str, group: str, database: str) -> IngestSettings:
    """The shared servers, by names of the test's own; a killed process holds its partitions for the shortest time."""
    return IngestSettings(
        kafka=kafka,
        mongo=mongo,
        topic=topic,
        dead_letter_topic=f"{topic}.dead-letter",
        group=group,
        database=database,
        partitions=3,
        session_timeout=6,
    )
