"""A client that does not read what it asked for is cut off with a code, and is nobody else's trouble."""

import json
import socket as tcp
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from service import websocket
from service.app import create_app
from service.settings import ServiceSettings
from tests.integration.service.conftest import until
from tests.integration.service.sending import SPOKEN
from tests.serving import stretched

QUESTION = "{ __schema { types { name description fields { name description args { name description } } } } }"
"""Its answer has 50 kB."""
KERNEL_BYTES = 2**16
"""What the kernel holds for a socket at each end; it would be megabytes, and they take long to fill."""


@pytest.fixture
def url(mongo: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service under uvicorn, as it is deployed, that waits a second for slow clients instead of ten."""
    monkeypatch.setattr(websocket, "SLOW_SECONDS", 1.0)
    listening = tcp.create_server(("127.0.0.1", 0))
    listening.setsockopt(tcp.SOL_SOCKET, tcp.SO_SNDBUF, KERNEL_BYTES)
    port = listening.getsockname()[1]
    app = create_app(ServiceSettings(mongo=mongo, database=database))
    config = uvicorn.Config(app, ws=websocket.BoundedProtocol, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        until(lambda: server.started)
        until(lambda: httpx2.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200)
        yield f"127.0.0.1:{port}/graphql"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def asked(url: str, times: int) -> Iterator[ClientConnection]:
    """Open a socket and ask so many times; nothing is read yet."""
    narrow = tcp.socket()
    narrow.setsockopt(tcp.SOL_SOCKET, tcp.SO_RCVBUF, KERNEL_BYTES)
    narrow.connect(("127.0.0.1", int(url.split(":")[1].split("/")[0])))
    with connect(
        f"ws://{url}", sock=narrow, subprotocols=SPOKEN, max_size=2**24, max_queue=1, close_timeout=1
    ) as socket:
        socket.send(json.dumps({"type": "connection_init"}))
        for number in range(times):
            socket.send(json.dumps({"id": str(number), "type": "subscribe", "payload": {"query": QUESTION}}))
        yield socket


def read_to_the_end(socket: ClientConnection) -> None:
    while True:
        socket.recv(timeout=10)


def test_a_client_that_does_not_read_is_closed_with_4413_and_others_are_answered_meanwhile(url: str) -> None:
    with asked(url, 100) as slow:
        waits, end = [], time.monotonic() + 3
        while time.monotonic() < end:
            started = time.monotonic()
            assert httpx2.post(f"http://{url}", json={"query": "{ about { reports } }"}).status_code == 200
            waits.append(time.monotonic() - started)
            time.sleep(0.05)
        # four of the large answers may be made in between
        assert statistics.median(waits) < stretched(0.1)
        assert max(waits) < stretched(1)
        with pytest.raises(ConnectionClosed) as closed:
            read_to_the_end(slow)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == websocket.SLOW_CLIENT


def test_a_client_that_reads_slowly_but_does_read_gets_it_all(url: str) -> None:
    completed = 0
    with asked(url, 40) as slow:
        while completed < 40:
            time.sleep(0.01)
            completed += json.loads(slow.recv(timeout=10))["type"] == "complete"
