"""The example operations do what a frontend copies them for: each is run as it stands, on the demo's reports."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate
from websockets.sync.client import connect

import schema
from deploy import keys
from service.graphql.schema import schema as api
from service.keys import Scope
from tests.integration.service.conftest import until
from tests.integration.service.sending import SPOKEN
from tests.running import Up
from tests.serving import post

FOLDER = Path(schema.__file__).parent / "examples" / "operations"
OPERATIONS = sorted(path.stem for path in FOLDER.glob("*.graphql"))

# What each is asked for, by the way to it: it must be there, and not be null or empty.
ANSWERS = {
    "benchmark": ["cohort.benchmark.median", "levelEquivalents.0.code"],
    "career": ["cohort.negotiation.upliftBase.value", "cohort.mobility.switched.value"],
    "compare": ["cohort.compare.other.distribution.median.value", "cohort.compare.difference.value"],
    "dashboard": ["cohort.distribution.quantiles.4.estimate.value", "cohort.trend.points.3.raw.value", "cohort.mix.1"],
    "facets": ["dimensions.0.values.0.reports", "dimensions.18.values.0.label"],
    "figures": ["figures.31.statement", "figures.0.estimate.value"],
    "live": ["cohort.distribution.quantiles.2.estimate.value"],
    "offer": ["evaluateOffer.percentile.value", "evaluateOffer.comparedWith.query", "evaluateOffer.parts.0"],
    "premium": ["cohort.premium.adjusted.value", "cohort.premium.controls.0"],
    "status": ["reportStatus.state", "ingestion.0.accepted"],
    "submit": ["submitReport.receipt.acceptedAt"],
    "table": ["cohort.breakdown.edges.4.node.cohort.distribution.median.value", "cohort.breakdown.pageInfo.endCursor"],
    "terms": ["terms.0.code"],
    "trend": ["cohort.trend.points.0.period", "cohort.trend.growth.adjusted.value"],
    "validate": ["validateReport.normalized.annualUsd", "validateReport.normalized.terms.0.term.label"],
}

NOTHING = (None, "", [])


def read(name: str) -> tuple[str, dict[str, Any]]:
    variables: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return (FOLDER / f"{name}.graphql").read_text(), variables


def at(answer: Any, way: str) -> Any:
    for step in way.split("."):
        if answer is None:
            break
        answer = answer[int(step)] if step.isdecimal() else answer[step]
    return answer


@pytest.fixture(scope="module")
def key(stack: Up) -> str:
    environ = {"PAYGAUGE_MONGO": stack.running.mongo}
    return keys.create(environ, "the example operations", [Scope.REPORTS_WRITE])


def test_each_operation_is_expected_to_answer_something() -> None:
    assert sorted(ANSWERS) == OPERATIONS


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_operation_is_what_the_schema_takes_and_says_what_it_is_for(name: str) -> None:
    text, _ = read(name)
    assert validate(api._schema, parse(text)) == []
    assert text.startswith("# ")


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in ("live", "status")])
def test_the_operation_answers_what_it_is_asked_for(stack: Up, key: str, name: str) -> None:
    query, variables = read(name)
    answer = post(stack.url, query, key, **variables)
    assert "errors" not in answer, answer["errors"]
    assert [way for way in ANSWERS[name] if at(answer["data"], way) in NOTHING] == [], answer["data"]


def test_a_report_that_was_submitted_has_a_status(stack: Up, key: str) -> None:
    submit, status = read("submit"), read("status")
    post(stack.url, submit[0], key, **submit[1])
    until(lambda: post(stack.url, status[0], key, **status[1])["data"]["reportStatus"] is not None)
    answer = post(stack.url, status[0], key, **status[1])
    assert [way for way in ANSWERS["status"] if at(answer["data"], way) in NOTHING] == [], answer["data"]


def test_the_subscription_answers_at_once(stack: Up) -> None:
    query, variables = read("live")
    with connect(stack.url.replace("http", "ws") + "/graphql", subprotocols=SPOKEN) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        socket.recv()
        payload = {"query": query, "variables": variables}
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        answer = json.loads(socket.recv(timeout=10))["payload"]
    assert "errors" not in answer, answer["errors"]
    assert [way for way in ANSWERS["live"] if at(answer["data"], way) in NOTHING] == [], answer["data"]
