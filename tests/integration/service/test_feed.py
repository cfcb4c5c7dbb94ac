"""What is in MongoDB is what the service answers from, at the start and as it changes."""

import os
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pymongo.collection import Collection
from starlette.testclient import TestClient

from deploy.embedded.mongo import MongoServer
from schema.document import COLLECTION
from service.app import create_app
from service.settings import ServiceSettings
from tests.integration.service.conftest import Ask, until
from tests.serving import stretched
from tests.unit.figures.reports import document

COUNT = "{ cohort { sample { reports contributors } distribution { median { value low high } } } about { snapshot } }"


def held(ask: Ask) -> int:
    return int(ask(COUNT)["cohort"]["sample"]["reports"])


def test_what_was_there_before_is_loaded(reports: Collection[dict[str, Any]], request: Any) -> None:
    reports.insert_many([document(str(n), 100_000.0 + 1_000 * n) for n in range(101)])
    ask = request.getfixturevalue("ask")
    answer = ask(COUNT)["cohort"]
    assert answer["sample"] == {"reports": 101, "contributors": 101}
    assert answer["distribution"]["median"] == {"value": 150_000, "low": 140_000, "high": 160_000}


def test_a_report_is_visible_within_two_seconds(ask: Ask, reports: Collection[dict[str, Any]]) -> None:
    assert held(ask) == 0
    started = time.monotonic()
    reports.insert_one(document("new", 100_000.0))
    until(lambda: held(ask) == 1)
    assert time.monotonic() - started < stretched(2)


def test_a_newer_version_replaces_and_a_tombstone_removes(ask: Ask, reports: Collection[dict[str, Any]]) -> None:
    reports.insert_many([document(str(n), 100_000.0) for n in range(10)])
    until(lambda: held(ask) == 10)
    for n in range(5):
        newer = document(str(n), 200_000.0)
        reports.replace_one({"_id": newer["_id"]}, newer)
    gone = document("9", 0)
    reports.replace_one({"_id": gone["_id"]}, {**gone, "state": "withdrawn", "pay": None})
    until(lambda: held(ask) == 9)
    assert ask("{ cohort { distribution { median { value } } } }") == {
        "cohort": {"distribution": {"median": {"value": 200_000}}}
    }


def test_a_document_that_was_deleted_by_hand_is_no_longer_counted(
    ask: Ask, reports: Collection[dict[str, Any]]
) -> None:
    reports.insert_many([document(str(n), 100_000.0) for n in range(3)])
    until(lambda: held(ask) == 3)
    reports.delete_one({"subject": "1"})
    until(lambda: held(ask) == 2)


def test_a_collection_that_was_dropped_is_loaded_anew(ask: Ask, reports: Collection[dict[str, Any]]) -> None:
    reports.insert_many([document(str(n), 100_000.0) for n in range(3)])
    until(lambda: held(ask) == 3)
    reports.drop()
    until(lambda: held(ask) == 0)
    reports.insert_one(document("again", 100_000.0))
    until(lambda: held(ask) == 1)


def test_a_restart_of_mongod_is_noticed_and_survived(mongo_server: MongoServer) -> None:
    with TestClient(create_app(ServiceSettings(mongo=mongo_server.uri))) as client:
        until(lambda: client.get("/health/ready").status_code == 200)
        mongo_server.kill()
        assert client.get("/health/ready").json() == {"ready": False, "mongo": False, "columns": True}
        assert client.get("/health/live").status_code == 200
        # figures are still given from the columns
        assert client.post("/graphql", json={"query": COUNT}).json()["data"]["cohort"]["sample"]["reports"] == 0
        mongo_server.start()
        mongo_server.wait_until_ready()
        until(lambda: client.get("/health/ready").status_code == 200)
        feed = client.app_state["feed"]
        feed._reports.database[COLLECTION].insert_one(document("later", 100_000.0))
        until(lambda: feed.snapshot is not None and len(feed.snapshot) == 1)


def test_a_mongod_that_hangs_is_noticed_while_probes_wait_and_survived(mongo_server: MongoServer) -> None:
    with TestClient(create_app(ServiceSettings(mongo=mongo_server.uri))) as client:
        until(lambda: client.get("/health/ready").status_code == 200)
        assert mongo_server.pid
        os.kill(mongo_server.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert client.get("/health/ready").json() == {"ready": False, "mongo": False, "columns": True}
            unknown = client.post("/graphql", json={"query": COUNT}, headers={"Authorization": "Bearer pk_unknown"})
            assert time.monotonic() - started < stretched(10)
            assert unknown.status_code == 503
            assert unknown.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
            assert client.post("/graphql", json={"query": COUNT}).status_code == 200
        finally:
            os.kill(mongo_server.pid, signal.SIGCONT)
        until(lambda: client.get("/health/ready").status_code == 200)


FRESHNESS = "{ about { freshness { p50 p99 count since } } }"


def test_how_fresh_new_reports_are_is_measured_from_kafka_to_here(
    ask: Ask, client: TestClient, reports: Collection[dict[str, Any]]
) -> None:
    assert ask(FRESHNESS)["about"]["freshness"] is None
    now = datetime.now(UTC).replace(tzinfo=None)
    new = [document(str(n), 100_000.0, received=now) for n in range(20)]
    reports.insert_many(new)
    until(lambda: held(ask) == 20)
    # neither a newer version nor what reached Kafka before this service had loaded is counted
    reports.replace_one({"_id": new[0]["_id"]}, {**new[0], "received": now})
    reports.insert_one(document("older", 100_000.0, received=now - timedelta(hours=1)))
    until(lambda: held(ask) == 21)
    found = ask(FRESHNESS)["about"]["freshness"]
    assert found["count"] == 20
    assert 0 < found["p50"] <= found["p99"] < 2
    scraped = client.get("/metrics")
    assert scraped.headers["content-type"].startswith("text/plain")
    measured = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(scraped.text)
        for sample in family.samples
    }
    assert measured["paygauge_reports",] == 21
    assert measured["paygauge_feed_following",] == 1
    assert measured["paygauge_snapshot_version",] == ask(COUNT)["about"]["snapshot"]
    assert measured["paygauge_recent_freshness_seconds", "0.99"] == pytest.approx(found["p99"], abs=0.001)
    assert measured["paygauge_requests_total", "/graphql", "200"] > 0


def test_a_report_that_cannot_be_read_is_named_in_the_log_and_the_others_count(
    ask: Ask, reports: Collection[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    broken = {**document("broken", 1.0), "pay": {"total": "a lot"}}
    reports.insert_many([broken, *(document(str(n), 100_000.0) for n in range(10))])
    until(lambda: held(ask) == 10)
    (said,) = [record for record in caplog.records if getattr(record, "report", None) == broken["_id"]]
    assert "cannot be read" in said.message
