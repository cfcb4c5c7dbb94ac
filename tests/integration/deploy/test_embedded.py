"""The embedded servers: they keep what was acknowledged through a crash, and never outlive whoever started them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import MongoClient

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.process import NotHere
from tests.running import is_alive


def test_mongodb_keeps_what_it_acknowledged_through_a_crash_and_a_new_port(mongo_server: MongoServer) -> None:
    with MongoClient(mongo_server.uri) as client:
        client.test.reports.insert_one({"_id": 1})
    mongo_server.kill()
    again = MongoServer(mongo_server.folder, mongo_server.log)
    assert again.uri == mongo_server.uri
    with again:
        again.wait_until_ready()
    (mongo_server.folder / "port").unlink()
    with MongoServer(mongo_server.folder, mongo_server.log) as moved:
        moved.wait_until_ready()
        assert moved.uri != mongo_server.uri
        with MongoClient(moved.uri) as client:
            assert client.test.reports.count_documents({}) == 1


async def test_kafka_keeps_what_it_acknowledged_through_a_crash(kafka_server: KafkaServer, topic: str) -> None:
    await _send(kafka_server.bootstrap, topic, b"x" * (16 << 20))
    kafka_server.kill()
    kafka_server.start()
    kafka_server.wait_until_ready()
    async with AIOKafkaConsumer(bootstrap_servers=kafka_server.bootstrap) as consumer:
        assert await consumer.end_offsets([TopicPartition(topic, 0)]) == {TopicPartition(topic, 0): 1}


async def _send(bootstrap: str, topic: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=17 << 20) as producer:
        await producer.send_and_wait(topic, value)


def test_a_process_dies_with_whoever_started_it(tmp_path: Path) -> None:
    program = f"""
import os, signal, time
from pathlib import Path
from deploy.embedded.mongo import MongoServer
server = MongoServer(Path({str(tmp_path)!r}), Path({str(tmp_path / "mongo.log")!r}))
server.start()
server.wait_until_ready()
print(server.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    _wait_until_gone(child)


def test_a_library_that_mongod_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "libcurl.so.4").touch()
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    with (
        MongoServer(tmp_path, tmp_path / "mongo.log") as server,
        pytest.raises(NotHere, match=r"libcurl\.so\.4.*apt-get install"),
    ):
        server.wait_until_ready()


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.05)
