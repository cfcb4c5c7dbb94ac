"""Reports through the API, the whole way: over HTTP to Kafka, by ingest to MongoDB, and followed back."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import MongoClient
from websockets.sync.client import connect

from deploy import keys
from deploy.embedded.kafka import KafkaServer
from ingest.settings import IngestSettings
from ingest.topics import create_topics
from schema.event import SUBMITTED
from schema.settings import read_settings
from service.keys import Scope
from tests.integration.service.conftest import until
from tests.integration.service.sending import REPORTS, SPOKEN, SUBMIT, VALIDATE, Way, code_of, report, status, submitted
from tests.serving import post, served, stretched


async def test_a_receipt_says_where_kafka_keeps_the_report(way: Way) -> None:
    sent = report()
    found = submitted(way, sent)
    assert found["userErrors"] == []
    receipt = found["receipt"]
    assert (receipt["source"], receipt["id"]) == (sent["source"], sent["id"])
    consumer = AIOKafkaConsumer(way.environ["PAYGAUGE_TOPIC"], bootstrap_servers=way.environ["PAYGAUGE_KAFKA"])
    await consumer.start()
    try:
        (where,) = (each for each in consumer.assignment() if each.partition == receipt["partition"])
        consumer.seek(where, int(receipt["offset"]))
        event = json.loads((await consumer.getone(where)).value)
    finally:
        await consumer.stop()
    assert (event["id"], event["subject"], event["source"]) == (sent["id"], sent["id"], sent["source"])
    assert event["type"] == SUBMITTED
    assert event["data"]["pay"]["base"]["amount"] == 90_000


def test_a_report_is_followed_from_receipt_to_answer(way: Way) -> None:
    sent = report()
    assert status(way, sent["id"]) is None
    submitted(way, sent)
    until(lambda: status(way, sent["id"]) is not None)
    found = status(way, sent["id"])
    assert (found["state"], found["reason"], found["message"]) == ("ACCEPTED", None, None)


def test_a_report_that_is_sent_twice_under_one_id_counts_once(way: Way) -> None:
    sent = report()
    first, second = (submitted(way, sent)["receipt"] for _ in range(2))
    assert first["partition"] == second["partition"]
    assert int(first["offset"]) < int(second["offset"])
    last = report()
    submitted(way, last)
    until(lambda: status(way, last["id"]) is not None)
    until(lambda: status(way, sent["id"]) is not None)
    with MongoClient[dict[str, Any]](way.environ["PAYGAUGE_MONGO"]) as client:
        held = client[way.environ["PAYGAUGE_DATABASE"]]["reports"]
        assert held.count_documents({"subject": sent["id"]}) == 1
    assert status(way, sent["id"])["state"] == "ACCEPTED"


async def test_what_came_by_kafka_is_followed_too_and_says_why_it_was_set_aside(way: Way) -> None:
    sent = report()
    submitted(way, sent)
    until(lambda: status(way, sent["id"]) is not None)
    newer = {"id": "newer", "subject": sent["id"], "time": datetime.now(UTC).isoformat()}
    await send(way, _event({**newer, "data": report_data()}))
    until(lambda: status(way, sent["id"])["state"] == "REPLACED")
    assert status(way, "newer", subject=sent["id"])["state"] == "ACCEPTED"
    wrong = {**report_data(), "pay": {"currency": "XXQ", "base": 1}}
    await send(way, _event({"id": "wrong", "subject": "wrong", "time": "2025-01-01T00:00:00Z", "data": wrong}))
    until(lambda: status(way, "wrong") is not None)
    found = status(way, "wrong")
    assert (found["state"], found["reason"]) == ("SET_ASIDE", "UNKNOWN_CURRENCY")
    assert "XXQ" in found["message"]


def report_data() -> dict[str, Any]:
    return {"title": "ML Engineer", "effective": "2025-02", "pay": {"currency": "USD", "base": 150_000}}


def _event(more: dict[str, Any]) -> bytes:
    event = {"specversion": "1.0", "source": "https://form.example.org", "type": SUBMITTED, **more}
    return json.dumps(event).encode()


async def send(way: Way, value: bytes) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=way.environ["PAYGAUGE_KAFKA"])
    await producer.start()
    try:
        headers = [("content-type", b"application/cloudevents+json")]
        await producer.send_and_wait(way.environ["PAYGAUGE_TOPIC"], value, headers=headers)
    finally:
        await producer.stop()


@pytest.mark.parametrize(
    ("wrong", "where", "reason"),
    [
        ({"pay": {"currency": "XXQ", "base": {"amount": 1}}}, "pay.currency", "UNKNOWN_CURRENCY"),
        ({"pay": {"currency": "EUR"}}, "pay", "MISSING_FIELD"),
        ({"title": ""}, "title", "OUT_OF_RANGE"),
        ({"effective": "soon"}, "effective", None),
        ({"effective": "1066"}, "effective", None),
        ({"pay": {"currency": "EUR", "base": {"amount": -1}}}, "pay.base", None),
        ({"pay": {"currency": "EUR", "base": {"amount": 1e300}}}, "pay.base", None),
        ({"experience": {"years": 400}}, "experience.years", "OUT_OF_RANGE"),
        ({"skills": ["x"] * 101}, "skills", "OUT_OF_RANGE"),
        ({"source": ""}, "source", "OUT_OF_RANGE"),
        ({"id": "x" * 501}, "id", "OUT_OF_RANGE"),
        ({"title": "x" * 501}, "title", "OUT_OF_RANGE"),
    ],
)
def test_what_is_wrong_is_said_alike_by_validate_and_submit_and_nothing_is_sent(
    way: Way, wrong: dict[str, Any], where: str, reason: str | None
) -> None:
    sent = report(**wrong)
    found = submitted(way, sent)
    assert found["receipt"] is None
    (issue,) = found["userErrors"]
    assert issue["path"].startswith(where)
    assert reason is None or issue["reason"] == reason
    assert issue["message"]
    validated = post(way.url, VALIDATE, report=sent)["data"]["validateReport"]
    assert validated == {"ok": False, "issues": [issue], "normalized": None}


def test_validation_says_what_a_report_would_become_and_sends_nothing(way: Way) -> None:
    sent = report(
        place={"text": "Bengaluru, India"}, skills=["pytorch", "k8s"], company={"name": "Google", "ml": "CORE"}
    )
    found = post(way.url, VALIDATE, report=sent)["data"]["validateReport"]
    assert (found["ok"], found["issues"]) == (True, [])
    normalized = found["normalized"]
    terms = {(each["term"]["dimension"], each["term"]["code"]): each for each in normalized["terms"]}
    assert terms["LEVEL", "SENIOR"]["match"] != "NONE"
    assert terms["METRO", "bengaluru"]["from"] == "Bengaluru, India"
    assert ("COUNTRY", "IN") in terms
    assert ("SKILL", "pytorch") in terms
    assert normalized["currency"] == "EUR"
    assert normalized["annualUsd"] == pytest.approx(90_000 * normalized["rate"], rel=1e-6)
    assert status(way, sent["id"]) is None


def test_a_socket_takes_reports_from_who_sends_a_key_when_it_opens(way: Way) -> None:
    address = way.url.replace("http", "ws") + "/graphql"
    for payload, expected in (({}, "UNAUTHENTICATED"), ({"Authorization": f"Bearer {way.key}"}, None)):
        with connect(address, subprotocols=SPOKEN) as socket:
            socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(socket.recv())["type"] == "connection_ack"
            mutation = {"query": SUBMIT, "variables": {"report": report()}}
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": mutation}))
            answer = json.loads(socket.recv(timeout=20))["payload"]
        if expected:
            assert code_of(answer) == expected
        else:
            assert answer["data"]["submitReport"]["receipt"]


def test_a_submitted_report_reaches_who_follows_its_cohort(way: Way) -> None:
    address = way.url.replace("http", "ws") + "/graphql"
    query = "subscription { cohort(where: {kind: [PAYROLL]}, every: 100) { sample { reports } } }"
    with connect(address, subprotocols=SPOKEN) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        socket.recv()
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": query}}))
        before = json.loads(socket.recv(timeout=10))["payload"]["data"]["cohort"]["sample"]["reports"]
        started = time.monotonic()
        submitted(way, report(kind="PAYROLL"))
        after = json.loads(socket.recv(timeout=10))["payload"]["data"]["cohort"]["sample"]["reports"]
    assert after == before + 1
    assert time.monotonic() - started < stretched(2)


async def test_while_kafka_is_away_a_report_is_refused_clearly_and_taken_again_afterwards(
    kafka_server: KafkaServer, environ: dict[str, str], tmp_path: Path
) -> None:
    alone = {**environ, "PAYGAUGE_KAFKA": kafka_server.bootstrap}
    await create_topics(read_settings(IngestSettings, alone))
    key = keys.create(alone, "a test's", [Scope.REPORTS_WRITE])
    with served(alone, tmp_path / "serve.log") as url:
        sent = report()
        assert post(url, SUBMIT, key, report=sent)["data"]["submitReport"]["receipt"]
        kafka_server.kill()
        answer = post(url, SUBMIT, key, report=sent)
        assert code_of(answer) == "UNAVAILABLE"
        assert "again with the same id" in answer["errors"][0]["message"]
        assert post(url, REPORTS)["data"]  # reading goes on
        kafka_server.start()
        kafka_server.wait_until_ready()
        until(lambda: "errors" not in post(url, SUBMIT, key, report=sent), 30)


def test_without_kafka_the_way_in_is_closed_with_a_code(environ: dict[str, str], tmp_path: Path) -> None:
    key = keys.create(environ, "a test's", [Scope.REPORTS_WRITE])
    without = {**environ, "PAYGAUGE_KAFKA": ""}
    with served(without, tmp_path / "serve.log") as url:
        assert code_of(post(url, SUBMIT, key, report=report())) == "NO_KAFKA"
