"""Clients that take their time, against the server as it is deployed."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.serving import served

SHORT = {"PAYGAUGE_BODY_SECONDS": "1"}
HEAD = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
FOLLOW = json.dumps({"query": "subscription { cohort(every: 100) { sample { reports } } }"})


@pytest.fixture(scope="module")
def address(mongo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    log = tmp_path_factory.mktemp("serve") / "serve.log"
    with served({"PAYGAUGE_MONGO": mongo, "PAYGAUGE_DATABASE": "connections", **SHORT}, log) as url:
        parts = urlsplit(url)
        yield str(parts.hostname), int(parts.port or 0)


def everything(connection: socket.socket, seconds: float) -> bytes:
    """Return what comes until the server closes; it is a failure where it does not."""
    connection.settimeout(seconds)
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def send_for_long(connection: socket.socket, piece: bytes = b"a" * 65_536, times: int = 1_000) -> None:
    """Send megabytes; it is a failure where they are all taken."""
    for _ in range(times):
        connection.sendall(piece)
        time.sleep(0.001)


def test_a_body_that_drips_is_refused_after_its_time(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD.encode())
        started = time.monotonic()
        for _ in range(3):
            connection.sendall(b" ")
            time.sleep(0.2)
        answer = everything(connection, 10)
    assert b"408" in answer.partition(b"\r\n")[0]
    assert b"TOO_SLOW" in answer
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("sent", [b"", b"GET /graphql HTTP/1.1\r\nX-A: "], ids=["nothing", "half a head"])
def test_a_connection_that_does_not_ask_is_closed(address: tuple[str, int], sent: bytes) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(sent)
        assert everything(connection, 20) == b""


def test_a_head_without_end_is_refused(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /graphql HTTP/1.1\r\nX-A: ")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            send_for_long(connection)


@pytest.mark.parametrize(
    ("version", "hosts", "status"),
    [("1.1", [], b"400"), ("1.1", ["a", "b"], b"400"), ("1.1", ["a"], b"200"), ("1.0", [], b"200")],
    ids=["none", "two", "one", "none before HTTP/1.1"],
)
def test_a_request_names_one_host(address: tuple[str, int], version: str, hosts: list[str], status: bytes) -> None:
    lines = [f"GET /health/live HTTP/{version}", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
    with socket.create_connection(address) as connection:
        connection.sendall("\r\n".join(lines).encode())
        assert status in everything(connection, 10).partition(b"\r\n")[0]


@pytest.mark.parametrize(("ahead", "answered"), [(16, True), (1_000, False)])
def test_a_connection_sends_few_requests_ahead_of_their_answers(
    address: tuple[str, int], ahead: int, answered: bool
) -> None:
    live = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    last = live.replace(b"x\r\n", b"x\r\nConnection: close\r\n")
    got = b""
    with socket.create_connection(address) as connection, contextlib.suppress(ConnectionError):
        connection.settimeout(10)
        connection.sendall((ahead - 1) * live + last)
        while part := connection.recv(65_536):
            got += part
    assert (got.count(b"HTTP/1.1 200") == ahead) is answered


@pytest.mark.parametrize(
    "endless",
    [b"1\r\n \r\n", b"1;" + b"x" * 1_000 + b"\r\n \r\n", b"0\r\n" + b"X-A: b\r\n" * 1_000],
    ids=["a body in single bytes", "chunks that are all extension", "headers after the body"],
)
def test_what_has_no_end_beside_a_body_is_refused(address: tuple[str, int], endless: bytes) -> None:
    head = HEAD.replace("Content-Length: 1000", "Transfer-Encoding: chunked")
    with socket.create_connection(address) as connection:
        connection.sendall(head.encode())
        with pytest.raises(ConnectionError):
            send_for_long(connection, endless * (65_536 // len(endless)), 40)


def test_a_request_has_at_most_a_hundred_headers(address: tuple[str, int]) -> None:
    def status_of(headers: int) -> bytes:
        more = "".join(f"X-{number}: y\r\n" for number in range(headers - 2))
        with socket.create_connection(address) as connection:
            connection.sendall(f"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n".encode())
            return everything(connection, 10).split()[1]

    assert (status_of(100), status_of(101)) == (b"200", b"400")


def test_a_body_that_is_announced_too_large_is_refused_unread(address: tuple[str, int]) -> None:
    with socket.create_connection(address) as connection:
        connection.sendall(HEAD.replace("1000", "10000000").encode())
        assert b"413" in everything(connection, 10).partition(b"\r\n")[0]


def test_a_subscription_comes_as_events_until_the_client_goes(address: tuple[str, int]) -> None:
    head = HEAD.replace("1000", str(len(FOLLOW))).replace("Host: x", "Host: x\r\nAccept: text/event-stream")
    with socket.create_connection(address) as connection:
        connection.sendall((head + FOLLOW).encode())
        connection.settimeout(10)
        got = b""
        while b'event: next\ndata: {"data":{"cohort":{"sample":{"reports":0}}}}\n\n' not in got:
            part = connection.recv(65_536)
            assert part, got
            got += part
