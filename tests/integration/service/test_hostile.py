"""A hostile suite: each request of hostile.toml gets its status and code, and nobody else waits for it.

While each is answered, a canary asks a small question of its own. Where the canary waited too long, the request is sent
again: what this machine does besides does not come back each time, and a request that holds up the event loop does.
"""

import http.client
import json
import re
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pymongo import MongoClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from schema.document import COLLECTION
from tests.integration.service.sending import SPOKEN
from tests.serving import served, stretched
from tests.unit.figures.reports import LEVELS, ROLES, document

WAIT_SECONDS = 0.1
TRIES = 4
PAUSE_SECONDS = 0.01
SLOW_SECONDS = 1.0
CANARY = json.dumps({"query": "{ about { snapshot } cohort { sample { reports } } }"})

Row = dict[str, Any]
TABLE: dict[str, list[Row]] = tomllib.loads(Path(__file__).with_name("hostile.toml").read_text(encoding="utf-8"))
REQUESTS = [row for name, rows in TABLE.items() if name != "sockets" for row in rows]


def expanded(text: str) -> str:
    """Write out [[x *3]]: x three times, # in it for 0, 1, 2, and #+ for the next number."""

    def repeated(found: re.Match[str]) -> str:
        part, times = found[1], int(found[2])
        if "#" not in part:
            return part * times
        return "".join(part.replace("#+", str(n + 1)).replace("#", str(n)) for n in range(times))

    return re.sub(r"\[\[(.*?)\*(\d+)\]\]", repeated, text, flags=re.S)


def expanded_all(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: expanded_all(each) for name, each in value.items()}
    if isinstance(value, list):
        return [expanded_all(each) for each in value]
    return expanded(value) if isinstance(value, str) else value


class Canary:
    """Somebody with a small question on a connection of their own, and how long each answer took."""

    def __init__(self, host: str) -> None:
        self._connection = http.client.HTTPConnection(host, timeout=10)
        self._waits: list[float] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.failed: Exception | None = None

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                started = time.perf_counter()
                self._connection.request("POST", "/graphql", CANARY, {"Content-Type": "application/json"})
                answer = json.loads(self._connection.getresponse().read())
                self._waits.append(time.perf_counter() - started)
                assert "errors" not in answer, answer
                self._stopping.wait(PAUSE_SECONDS)
        except Exception as error:
            self.failed = error

    def longest_during(self, work: Callable[[], None]) -> float:
        """Do the work and return the longest wait meanwhile, in seconds."""
        before = len(self._waits)
        work()
        while len(self._waits) < before + 2 and not self.failed:  # one may have begun before the work did
            time.sleep(PAUSE_SECONDS)
        assert self.failed is None, self.failed
        return max(self._waits[before:])

    def __enter__(self) -> "Canary":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._connection.close()


@pytest.fixture(scope="module")
def host(mongo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with some thousand reports; a client may ask as often as it likes, since here it is always the same."""
    with MongoClient[dict[str, Any]](mongo) as client:
        held = (
            document(str(n), 50_000.0 + n, role=ROLES[n % 3], level=LEVELS[n % 2], company=f"company-{n % 700}")
            for n in range(5_000)
        )
        client["hostile"][COLLECTION].insert_many(held)
        environ = {
            "PAYGAUGE_MONGO": mongo,
            "PAYGAUGE_DATABASE": "hostile",
            "PAYGAUGE_KAFKA": "",
            "PAYGAUGE_REQUESTS_PER_MINUTE": "0",
            "PAYGAUGE_BODY_SECONDS": str(SLOW_SECONDS),
        }
        with served(environ, tmp_path_factory.mktemp("hostile") / "serve.log") as url:
            yield urlsplit(url).netloc
        client.drop_database("hostile")


@pytest.fixture(scope="module")
def canary(host: str) -> Iterator[Canary]:
    with Canary(host) as canary:
        yield canary


def sent(host: str, row: Row) -> tuple[int, str]:
    """Send a request of the table and return the status and the first error's code."""
    kept = expanded_all({name: row[name] for name in ("query", "variables") if name in row})
    body = bytes.fromhex(row["hex"]) if "hex" in row else expanded(row.get("body", "")).encode()
    headers = {"Content-Type": "application/json", **expanded_all(row.get("headers", {}))}
    connection = http.client.HTTPConnection(host, timeout=20)
    try:
        path = expanded(row.get("path", "/graphql")).replace(" ", "%20")
        connection.request(row.get("method", "POST"), path, json.dumps(kept).encode() if kept else body, headers)
        response = connection.getresponse()
        return response.status, code_of(response.read())
    finally:
        connection.close()


def code_of(content: bytes) -> str:
    try:
        answer = json.loads(content)
    except ValueError:
        return ""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    return str(errors[0]["extensions"]["code"]) if errors else ""


def check_nobody_waits(canary: Canary, attack: Callable[[], None]) -> None:
    waits: list[float] = []
    while len(waits) < TRIES and (not waits or waits[-1] > stretched(WAIT_SECONDS)):
        waits.append(canary.longest_during(attack))
    assert waits[-1] <= stretched(WAIT_SECONDS), waits


def test_the_suite_is_large() -> None:
    assert len(REQUESTS) + len(TABLE["sockets"]) >= 150


@pytest.mark.parametrize("row", REQUESTS, ids=lambda row: row["name"])
def test_a_hostile_request_gets_its_code_and_holds_up_nobody(host: str, canary: Canary, row: Row) -> None:
    def attack() -> None:
        assert sent(host, row) == (row["status"], row["code"])

    check_nobody_waits(canary, attack)


@pytest.mark.parametrize("row", TABLE["sockets"], ids=lambda row: row["name"])
def test_a_hostile_socket_gets_its_code_and_holds_up_nobody(host: str, canary: Canary, row: Row) -> None:
    def attack() -> None:
        with connect(f"ws://{host}/graphql", subprotocols=SPOKEN, close_timeout=1) as opened:
            opened.send('{"type": "connection_init"}')
            assert json.loads(opened.recv(timeout=10))["type"] == "connection_ack"
            for message in row["send"]:
                opened.send(expanded(message))
            if "close" in row:
                with pytest.raises(ConnectionClosed) as closed:
                    read_to_the_end(opened)
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == row["close"]
            else:
                answer = json.loads(opened.recv(timeout=10))["payload"]
                errors = answer if isinstance(answer, list) else answer["errors"]
                assert errors[0]["extensions"]["code"] == row["error"]

    check_nobody_waits(canary, attack)


@pytest.mark.parametrize(
    ("opcode", "content", "times"),
    [(10, b"", 500_000), (1, b'{"type":"subscribe","id":"1","payload":{"query":"{a}"}}', 2_000)],
    ids=["pongs that nobody asked for", "operations that cannot be"],
)
def test_a_flood_of_frames_holds_up_nobody(host: str, canary: Canary, opcode: int, content: bytes, times: int) -> None:
    def attack() -> None:
        with connect(f"ws://{host}/graphql", subprotocols=SPOKEN, close_timeout=1) as opened:
            opened.send('{"type": "connection_init"}')
            frame = bytes([0x80 | opcode, 0x80 | len(content), 0, 0, 0, 0]) + content
            opened.socket.sendall(frame * times)
            opened.send('{"type": "subscribe", "id": "last", "payload": {"query": "{ about { reports } }"}}')
            while json.loads(answer := opened.recv(timeout=20)).get("id") != "last":
                pass
            assert json.loads(answer)["type"] == "next"

    check_nobody_waits(canary, attack)


def test_a_flood_of_requests_on_one_connection_holds_up_nobody(host: str, canary: Canary) -> None:
    def attack() -> None:
        name, _, port = host.partition(":")
        with socket.create_connection((name, int(port)), timeout=10) as connection, suppress(ConnectionError):
            connection.sendall(b"GET /graphql?query={about{version}} HTTP/1.1\r\nHost: x\r\n\r\n" * 10_000)
            while connection.recv(65_536):
                pass

    check_nobody_waits(canary, attack)


def read_to_the_end(opened: Any) -> None:
    while True:
        opened.recv(timeout=10)


def test_a_body_that_never_ends_is_refused_in_time_and_holds_up_nobody(host: str, canary: Canary) -> None:
    def attack() -> None:
        connections = [http.client.HTTPConnection(host, timeout=10) for _ in range(50)]
        for connection in connections:
            connection.putrequest("POST", "/graphql")
            connection.putheader("Content-Type", "application/json")
            connection.putheader("Content-Length", "1000")
            connection.endheaders(b'{"query"')
        started = time.monotonic()
        for connection in connections:
            response = connection.getresponse()
            assert (response.status, code_of(response.read())) == (408, "TOO_SLOW")
            connection.close()
        assert time.monotonic() - started < 5 * SLOW_SECONDS

    check_nobody_waits(canary, attack)
