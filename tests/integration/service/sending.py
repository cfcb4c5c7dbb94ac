"""What the tests of reports that come through the API share: a whole way in, who may use it, and what is sent."""

import time
import uuid
from typing import Any, NamedTuple

import jwt
from websockets.typing import Subprotocol

from tests.serving import post

SPOKEN = [Subprotocol("graphql-transport-ws")]
SECRET = "a secret of the test's own, long enough"
SUBMIT = """mutation ($report: ReportInput!) { submitReport(report: $report) {
  receipt { source id acceptedAt partition offset } userErrors { path reason message } } }"""
STATUS = """query ($source: String!, $id: ID!, $subject: ID) {
  reportStatus(source: $source, id: $id, subject: $subject) { state reason message at } }"""
VALIDATE = """query ($report: ReportInput!) { validateReport(report: $report) { ok issues { path reason message }
  normalized { terms { term { dimension code } from match } annualUsd currency rate rateDate flags } } }"""
REPORTS = "{ about { reports } }"


class Way(NamedTuple):
    """A service and an ingest over names of their own, and a key that may write."""

    url: str
    environ: dict[str, str]
    key: str


def report(name: str | None = None, **more: Any) -> dict[str, Any]:
    pay = {"currency": "EUR", "base": {"amount": 90_000}}
    named = {"source": "https://form.example.org", "id": name or uuid.uuid4().hex}
    return {**named, "effective": "2025-03", "title": "Senior ML Engineer (NLP)", "pay": pay, **more}


def submitted(way: Way, sent: dict[str, Any]) -> Any:
    answer = post(way.url, SUBMIT, way.key, report=sent)
    assert "errors" not in answer, answer
    return answer["data"]["submitReport"]


def status(way: Way, name: str, source: str = "https://form.example.org", **more: Any) -> Any:
    answer = post(way.url, STATUS, way.key, source=source, id=name, **more)
    assert "errors" not in answer, answer
    return answer["data"]["reportStatus"]


def code_of(answer: Any) -> str:
    assert not (answer.get("data") or {}).get("submitReport")
    return str(answer["errors"][0]["extensions"]["code"])


def token(**claims: Any) -> str:
    usual = {
        "sub": "somebody",
        "exp": int(time.time()) + 60,
        "aud": "paygauge",
        "iss": "https://issuer.example.org",
        "scope": "reports:write",
    }
    kept = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return jwt.encode(kept, SECRET, algorithm="HS256")
