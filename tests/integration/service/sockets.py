"""A client of graphql-transport-ws for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient, WebSocketTestSession

PROTOCOL = "graphql-transport-ws"


class Socket:
    """An open socket: `subscribe`, then `receive` what comes."""

    def __init__(self, session: WebSocketTestSession) -> None:
        self.session = session

    def subscribe(self, name: str, query: str, **variables: Any) -> None:
        """Start an operation of this name."""
        self.send({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}})

    def complete(self, name: str) -> None:
        """End it."""
        self.send({"id": name, "type": "complete"})

    def send(self, message: Any) -> None:
        """Send any message."""
        self.session.send_json(message)

    def receive(self) -> Any:
        """Wait for the next message, which is text."""
        return self.session.receive_json(mode="text")

    def data(self) -> Any:
        """Wait for the next message, which is data without errors."""
        message = self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]


@contextmanager
def opened(client: TestClient, **params: Any) -> Iterator[Socket]:
    """Open a socket with these parameters of the connection; it has been acknowledged."""
    with client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as session:
        socket = Socket(session)
        socket.send({"type": "connection_init", "payload": params})
        assert socket.receive() == {"type": "connection_ack"}
        yield socket
