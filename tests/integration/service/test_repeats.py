"""What was asked before in the same words is answered without the application, and not otherwise than by it."""

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from pymongo.collection import Collection
from starlette.types import Receive, Scope, Send

from service.app import create_app
from service.http import BoundedHTTPProtocol
from service.settings import ServiceSettings
from tests.integration.service.conftest import until
from tests.unit.figures.reports import document

Reports = Collection[dict[str, Any]]

QUESTION = {"query": "{ about { reports } }"}
RESPONSE = "application/graphql-response+json"
ORIGIN = "https://pay.example"


class Served:
    """A service under uvicorn and a client of it; `passed` is how many requests came to the application."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._app = create_app(settings)
        self.passed = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.passed += scope["type"] == "http" and scope["path"] == "/graphql"
        await self._app(scope, receive, send)

    @contextmanager
    def running(self) -> Iterator["Served"]:
        listening = socket.create_server(("127.0.0.1", 0))
        self.address = listening.getsockname()
        server = uvicorn.Server(
            uvicorn.Config(self, http=BoundedHTTPProtocol, proxy_headers=False, log_level="warning", access_log=False)
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            until(lambda: server.started)
            with httpx2.Client(base_url=f"http://127.0.0.1:{self.address[1]}") as self.client:
                until(lambda: self.client.get("/health/ready").status_code == 200)
                yield self
        finally:
            server.should_exit = True
            thread.join()

    def post(self, body: Mapping[str, Any] = QUESTION, **headers: str) -> httpx2.Response:
        return self.client.post("/graphql", json=body, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.fixture
def service(mongo: str, database: str) -> Iterator[Served]:
    with Served(ServiceSettings(mongo=mongo, database=database, origins=ORIGIN)).running() as served:
        yield served


def shown(response: httpx2.Response) -> tuple[int, dict[str, str], bytes]:
    return (
        response.status_code,
        {name: value for name, value in response.headers.items() if name != "date"},
        response.content,
    )


@pytest.mark.parametrize("headers", [{}, {"Origin": ORIGIN}, {"Accept": RESPONSE}], ids=str)
def test_a_repeat_is_answered_without_the_application_and_as_by_it(service: Served, headers: dict[str, str]) -> None:
    first = service.post(**headers)
    passed = service.passed
    assert [shown(service.post(**headers)) for _ in range(3)] == [shown(first)] * 3
    assert service.passed == passed
    assert "date" in first.headers


def test_a_repeat_sees_the_reports_of_now(reports: Reports, service: Served) -> None:
    assert service.post().json()["data"]["about"]["reports"] == 0
    reports.insert_one(document("1", 100_000.0))
    until(lambda: bool(service.post().json()["data"]["about"]["reports"] == 1))
    passed = service.passed
    assert service.post().json()["data"]["about"]["reports"] == 1
    assert service.passed == passed


@pytest.mark.parametrize(
    ("headers", "name", "value"),
    [
        ({"Origin": ORIGIN}, "Access-Control-Allow-Origin", ORIGIN),
        ({"Origin": "https://evil.example"}, "Access-Control-Allow-Origin", None),
        (
            {"Accept": "application/graphql-response+json"},
            "Content-Type",
            "application/graphql-response+json; charset=utf-8",
        ),
        ({"Accept": "text/event-stream"}, "Content-Type", "text/event-stream; charset=utf-8"),
    ],
)
def test_what_is_asked_under_other_headers_is_no_repeat(
    service: Served, headers: dict[str, str], name: str, value: str | None
) -> None:
    service.post()
    service.post(Origin="https://other.example")
    assert service.post(**headers).headers.get(name) == value


def test_another_policy_has_an_answer_of_its_own(service: Served) -> None:
    asked = {"query": "{ about { privacy { name } } }"}
    for _ in range(2):
        names = [
            service.post(asked, **headers).json()["data"]["about"]["privacy"]["name"]
            for headers in ({}, {"Paygauge_Policy": "EMPLOYER_STRICT"})
        ]
        assert names == ["WORKER_PUBLIC", "EMPLOYER_STRICT"]


def test_who_shows_a_key_or_sends_another_kind_of_body_is_looked_at_each_time(service: Served) -> None:
    service.post()
    assert service.post(Authorization="Bearer pk_" + "x" * 43).status_code == 401
    assert service.post(Content_Type="text/plain").status_code == 415
    assert service.post(Content_Encoding="gzip").status_code == 415


@pytest.mark.parametrize("asked", ["{ ingestion { source } }", "{ nothing }"])
def test_what_is_not_kept_is_never_a_repeat(service: Served, asked: str) -> None:
    for times in range(1, 4):
        service.post({"query": asked})
        assert service.passed == times


def test_repeats_count_on_the_client_and_in_the_measures(mongo: str, database: str) -> None:
    counted = 'paygauge_request_seconds_count{path="/graphql"} '
    with Served(ServiceSettings(mongo=mongo, database=database, requests_per_minute=60)).running() as service:
        measured = lambda: float(service.client.get("/metrics").text.partition(counted)[2].split()[0])  # noqa: E731
        service.post()
        before, started = measured(), time.monotonic()
        statuses = [service.post().status_code for _ in range(30)]
        # a slow machine gives tokens back meanwhile
        assert 4 <= statuses.count(200) <= 6 + (time.monotonic() - started)
        assert set(statuses) == {200, 429}
        assert measured() == before + 30


def test_requests_that_come_together_or_in_pieces_are_answered_in_turn(service: Served) -> None:
    bodies = [json.dumps({"query": f"{{ about {{ {name} }} }}"}).encode() for name in ("reports", "version", "reports")]
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
    sent = b"".join(head.format(len(body)).encode() + body for body in bodies)
    for size in (len(sent), 100, 7):
        with socket.create_connection(service.address) as connection:
            for start in range(0, len(sent), size):
                connection.sendall(sent[start : start + size])
            connection.settimeout(10)
            got = b""
            while got.count(b'{"data":') < 3:
                got += connection.recv(65_536)
        parts = got.split(b'{"data":{"about":{"')[1:]
        assert [part.partition(b'"')[0] for part in parts] == [b"reports", b"version", b"reports"]
