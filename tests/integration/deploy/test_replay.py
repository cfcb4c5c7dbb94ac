"""`paygauge replay`, the command, beside a stack that goes on answering."""

import asyncio
import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from ingest.settings import IngestSettings
from schema.document import COLLECTION, Document
from tests.integration.ingest.support import ingest_all, send, stored, submitted
from tests.running import COMMAND, Up

START_SECONDS = 20.0


def start(environ: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen([COMMAND, "replay"], env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def answer(up: Up) -> bytes:
    query = b'{"query": "{ cohort { sample { reports contributors } distribution { median { value } } } }"}'
    request = urllib.request.Request(f"{up.url}/graphql", query, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        body: bytes = response.read()
    return body


def test_the_service_answers_the_same_while_everything_is_read_again(stack: Up) -> None:
    before = answer(stack)
    replaying = start(stack.environ)
    answers = {answer(stack)}
    while replaying.poll() is None:
        answers.add(answer(stack))
    assert answers == {before}
    printed, complaint = replaying.communicate()
    assert (replaying.returncode, complaint) == (0, "")
    assert printed.startswith("Read ")
    assert ": 0 documents changed" in printed
    assert "added" not in printed


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_stops_it_and_the_next_goes_on_there(
    told: signal.Signals, kafka: str, mongo: str, topic: str, group: str, database: str, tmp_path: Path
) -> None:
    names: dict[str, Any] = {"topic": topic, "dead_letter_topic": f"{topic}.dead-letter", "group": group}
    settings = IngestSettings(kafka=kafka, mongo=mongo, database=database, **names)
    await send(settings, [submitted(f"r-{number}") for number in range(2_000)])
    await ingest_all(settings)
    whole = await stored(settings)
    with MongoClient[Document](mongo) as client:
        client[database][COLLECTION].drop()
    named = {"kafka": kafka, "mongo": mongo, "database": database, "home": str(tmp_path), **names}
    environ = {**os.environ, **{f"PAYGAUGE_{name.upper()}": value for name, value in named.items()}}

    replaying = start({**environ, "PAYGAUGE_BATCH_RECORDS": "1"})
    deadline = time.monotonic() + START_SECONDS
    while len((await stored(settings)).documents) < 20:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    replaying.send_signal(told)
    printed, complaint = replaying.communicate(timeout=10)
    assert (replaying.returncode, complaint) == (1, "")
    assert printed.startswith("Stopped at ")
    assert " of 2,000 messages; `paygauge replay` goes on there. So far 0 documents changed; " in printed
    first = int(printed.rpartition("; ")[2].split()[0].replace(",", ""))

    replaying = start(environ)
    printed, _ = replaying.communicate(timeout=60)
    assert replaying.returncode == 0
    second = int(printed.rpartition("; ")[2].split()[0].replace(",", ""))
    assert first + second == 2_000
    assert await stored(settings) == whole
