"""A service that starts from what it kept answers as one that reads all of MongoDB does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pymongo import MongoClient, ReplaceOne
from pymongo.collection import Collection
from pymongo.database import Database

from deploy.embedded import mongo as mongo_process
from deploy.embedded.mongo import MongoServer
from schema.document import COLLECTION
from service import feed as feeds
from service.ahead import BASE, CHANGES
from service.feed import Feed
from service.figures.dimensions import PROPERTIES, UNKNOWN
from service.figures.snapshot import Snapshot
from tests.integration.service.conftest import until
from tests.unit.figures.reports import LEVELS, SKILL_SETS, document

Reports = Collection[dict[str, Any]]

WRITER = """
import sys
from pathlib import Path
from pymongo import MongoClient
from service import feed, layers
feed.SAVE_SECONDS, layers.DELTA_ROWS = 0.05, 50
running = feed.Feed(MongoClient(sys.argv[1])[sys.argv[2]], folder=Path(sys.argv[3]))
running.start()
running._thread.join()
"""


@contextmanager
def following(database: Database[Any], folder: Path | None, source: str | None = None) -> Iterator[Feed]:
    """A feed that has caught up; `source` is where it must have loaded from."""
    loaded = feeds.metrics.LOADS.labels(source or "mongo")._value
    before = loaded.get()
    feed = Feed(database, folder=folder)
    feed.start()
    try:
        until(lambda: feed.current, 20)
        assert loaded.get() - before == 1 or source is None
        yield feed
    finally:
        feed.stop()


def drawn(random: Random, subject: str) -> dict[str, Any]:
    pay, level = random.randrange(20, 60) * 5_000.0 + random.random(), random.choice(LEVELS)
    return document(subject, pay, level=level, skills=random.choice(SKILL_SETS), company=random.choice("abcdef"))


def change(reports: Reports, random: Random, count: int) -> None:
    """Insert, replace and withdraw reports."""
    writes = []
    for _ in range(count):
        new = drawn(random, str(random.randrange(500)))
        gone = random.random() < 0.2
        writes.append(
            ReplaceOne({"_id": new["_id"]}, {**new, "state": "withdrawn", "pay": None} if gone else new, upsert=True)
        )
    reports.bulk_write(writes)


def contents(snapshot: Snapshot) -> dict[int, Any]:
    """All that is held of each report, by id, in values and not in codes."""
    found: dict[int, Any] = {}
    for index, dead in ((snapshot.base, snapshot.dead), (snapshot.delta, ())):
        values = {}
        for dimension in PROPERTIES:
            book, many = snapshot.codebooks[dimension].values, [set() for _ in range(len(index))]  # type: ignore[var-annotated]
            for code, rows in index.bitmaps(dimension).items():
                for row in rows if code != UNKNOWN else ():
                    many[row].add(book[code])
            values[dimension] = many
        for row, key in enumerate(index.columns["id"].tolist()):
            if row not in dead:
                assert key not in found, "counted twice"
                found[key] = (index.total[row], {dimension: held[row] for dimension, held in values.items()})
    return found


def check(feed: Feed, database: Database[Any]) -> None:
    """What the feed holds, in the end, is what a feed that begins now holds."""
    with following(database, None) as anew:
        assert anew.snapshot
        expected = contents(anew.snapshot)
        until(lambda: feed.snapshot is not None and len(feed.snapshot) == len(expected))
        until(lambda: feed.snapshot is not None and contents(feed.snapshot) == expected)


def test_a_restart_ends_in_what_reading_everything_ends_in(reports: Reports, tmp_path: Path) -> None:
    random = Random(1)
    change(reports, random, 300)
    with following(reports.database, tmp_path, "mongo") as feed:
        until(lambda: (tmp_path / BASE).exists())
        change(reports, random, 100)
        check(feed, reports.database)
        assert feed.snapshot
        version = feed.snapshot.version
    assert (tmp_path / CHANGES).exists()
    change(reports, random, 100)
    reports.delete_many({"subject": {"$regex": "7$"}})
    with following(reports.database, tmp_path, "shelf") as again:
        check(again, reports.database)
        assert again.snapshot
        assert again.snapshot.version > version


def test_a_collection_that_came_after_the_start_is_kept_too(reports: Reports, tmp_path: Path) -> None:
    with following(reports.database, tmp_path, "mongo") as feed:
        change(reports, Random(12), 100)
        check(feed, reports.database)
    with following(reports.database, tmp_path, "shelf") as again:
        check(again, reports.database)


def test_a_feed_that_is_killed_at_any_moment_leaves_no_gap_and_nothing_twice(
    mongo: str, database: str, reports: Reports, tmp_path: Path
) -> None:
    random = Random(2)
    change(reports, random, 300)
    command = [sys.executable, "-c", WRITER, mongo, database, str(tmp_path)]
    for _ in range(4):
        running = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])})
        until(lambda: (tmp_path / BASE).exists())
        until_changed = (tmp_path / CHANGES).stat().st_mtime if (tmp_path / CHANGES).exists() else 0
        until(lambda: (tmp_path / CHANGES).exists() and (tmp_path / CHANGES).stat().st_mtime > until_changed)  # noqa: B023  used at once
        for _ in range(random.randrange(3, 12)):
            change(reports, random, 40)
            time.sleep(random.random() / 10)
        running.send_signal(signal.SIGKILL)
        running.wait()
        change(reports, random, 20)
        # not to be kept: the next is to start from what the killed one left
        kept = {name: (tmp_path / name).read_bytes() for name in (BASE, CHANGES)}
        with following(reports.database, tmp_path, "shelf") as feed:
            check(feed, reports.database)
        for name, content in kept.items():
            (tmp_path / name).write_bytes(content)


@pytest.mark.parametrize("damaged", [BASE, CHANGES])
def test_what_is_damaged_is_noticed_and_made_anew(reports: Reports, tmp_path: Path, damaged: str) -> None:
    change(reports, Random(3), 200)
    with following(reports.database, tmp_path):
        until(lambda: (tmp_path / BASE).exists())
        change(reports, Random(4), 50)
    content = (tmp_path / damaged).read_bytes()
    half = len(content) // 2
    (tmp_path / damaged).write_bytes(content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :])
    with following(reports.database, tmp_path, "mongo" if damaged == BASE else "shelf") as feed:
        check(feed, reports.database)
        until(lambda: damaged == CHANGES or (tmp_path / BASE).read_bytes() != content)
    with following(reports.database, tmp_path, "shelf") as feed:
        check(feed, reports.database)


def test_a_collection_that_was_dropped_and_filled_again_is_read_anew(reports: Reports, tmp_path: Path) -> None:
    change(reports, Random(5), 200)
    with following(reports.database, tmp_path):
        until(lambda: (tmp_path / BASE).exists())
    reports.drop()
    change(reports, Random(6), 100)
    with following(reports.database, tmp_path, "mongo") as feed:
        check(feed, reports.database)


def test_where_the_token_has_left_the_oplog_everything_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo_process, "OPLOG_MIB", 1)
    server = MongoServer(tmp_path, tmp_path / "mongo.log")
    server.argv = [*server.argv, "--syncdelay", "1"]  # s; what no checkpoint covers is not removed
    with server:
        server.wait_until_ready()
        with MongoClient[dict[str, Any]](server.uri) as client:
            reports, folder = client["paygauge"][COLLECTION], tmp_path / "columns"
            change(reports, Random(7), 200)
            with following(reports.database, folder):
                until(lambda: (folder / BASE).exists())
            change(reports, Random(8), 100)
            push_out_of_the_oplog(client)
            loads = feeds.metrics.LOADS.labels("mongo")._value.get()
            with following(reports.database, folder, "shelf") as feed:  # which then cannot be followed
                assert feeds.metrics.LOADS.labels("mongo")._value.get() == loads + 1
                check(feed, reports.database)


def push_out_of_the_oplog(client: MongoClient[dict[str, Any]]) -> None:
    """Write until nothing of before is in the oplog."""
    oplog, filler = client["local"]["oplog.rs"], client["other"]["filler"]
    last = oplog.find_one(sort=[("$natural", -1)])
    deadline = time.monotonic() + 60
    while oplog.find_one(sort=[("$natural", 1)])["ts"] <= last["ts"]:  # type: ignore[index]  # it is never empty
        for _ in range(10):
            filler.replace_one({"_id": 1}, {"_id": 1, "block": os.urandom(500_000)}, upsert=True)
        time.sleep(0.2)
        assert time.monotonic() < deadline


@pytest.mark.parametrize("kind", ["of an event that is not there", "of nothing at all"])
def test_a_token_that_mongodb_does_not_know_is_given_up(reports: Reports, tmp_path: Path, kind: str) -> None:
    change(reports, Random(9), 200)
    with reports.watch() as stream, following(reports.database, tmp_path) as feed:
        until(lambda: (tmp_path / BASE).exists())
        change(reports, Random(10), 1)
        token = stream.next()["_id"]["_data"]
        assert feed._layers
        assert feed._shelf
    forged = f"{token[:-40]}{int(token[-40], 16) ^ 1:X}{token[-39:]}" if kind.startswith("of an event") else "8201"
    moment = replace(feed._layers.moment, resume={"_data": forged})
    feed._shelf.save_changes(feed._layers.snapshot.base, {}, moment)
    change(reports, Random(11), 50)
    with following(reports.database, tmp_path, "shelf") as again:
        check(again, reports.database)
