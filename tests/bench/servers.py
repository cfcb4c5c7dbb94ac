"""MongoDB and Kafka for measuring, by the code that `paygauge up` uses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.settings import StackSettings
from schema.settings import read_settings


def downloads_folder() -> Path:
    """Return where Kafka's jars are kept from one run to the next."""
    return read_settings(StackSettings, os.environ).downloads_folder


@contextmanager
def servers(folder: Path) -> Iterator[tuple[MongoServer, KafkaServer]]:
    """Run both in folders of their own, ready, until the context ends."""
    for name in ("mongo", "kafka"):
        (folder / name).mkdir()
    with (
        MongoServer(folder / "mongo", folder / "mongo.log") as mongo,
        KafkaServer(folder / "kafka", downloads_folder(), folder / "kafka.log") as kafka,
    ):
        mongo.wait_until_ready()
        kafka.wait_until_ready()
        yield mongo, kafka
