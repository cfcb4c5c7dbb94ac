"""GraphQL over WebSocket (graphql-transport-ws): what is taken from a client, and what is sent to it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from service.graphql.context import Context

AT_ONCE = 4
"""Operations of one socket that are answered at a time. The large ones take about 20 ms of the loop each."""


OPERATION = {"query": str, "operationName": str | None, "variables": dict | None}


class TextAdapter(ASGIWebSocketAdapter):
    """Reads and writes text: clients of graphql-ws die of binary frames, which is what a writer of bytes sends."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:  # noqa: ARG002
        """Yield the messages until the client is gone. Raises NonJsonMessageReceived and NonTextMessageReceived."""
        while self.ws.application_state is not WebSocketState.DISCONNECTED:
            await asyncio.sleep(0)  # a message that is there already is had without a turn of others
            try:
                text = await self.ws.receive_text()
            except KeyError as error:
                raise NonTextMessageReceived from error
            except WebSocketDisconnect:
                return
            try:
                yield orjson.loads(text)
            except orjson.JSONDecodeError as error:
                raise NonJsonMessageReceived from error

    async def send_json(self, message: Any) -> None:
        """Send a message. Raises WebSocketDisconnected."""
        encoded = self.view.encode_json(message)
        try:
            await self.ws.send_text(encoded if isinstance(encoded, str) else encoded.decode())
        except (WebSocketDisconnect, RuntimeError) as error:  # RuntimeError: we have closed it ourselves meanwhile
            raise WebSocketDisconnected from error


class TransportHandler(BaseGraphQLTransportWSHandler[Context, None]):
    """Takes messages of any shape: what is none of the protocol's closes the socket with 4400.

    Operations take turns: the next message is read when fewer than AT_ONCE wait for their first answer. So a socket
    that asks much at a time, or does not read, waits for itself, and nobody waits for it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._unanswered: set[str] = set()

    async def handle_subscribe(self, message: Any) -> None:
        """Start an operation in its turn. Raises TypeError where there is none in the message."""
        name, payload = message["id"], message["payload"]
        if not all(isinstance(payload.get(parameter), kind) for parameter, kind in OPERATION.items()):
            raise TypeError("not an operation")
        if name not in self.operations:
            await self._turns.acquire()
            self._unanswered.add(name)
        await super().handle_subscribe(message)
        if name not in self.operations:
            self._answered(name)

    async def send_message(self, message: Any) -> None:
        """Send a message; an operation that has sent one has had its turn."""
        try:
            await super().send_message(message)
        finally:
            self._answered(message.get("id"))

    async def cleanup_operation(self, operation_id: str) -> None:
        """End an operation."""
        await super().cleanup_operation(operation_id)
        self._answered(operation_id)

    def _answered(self, name: str | None) -> None:
        if name in self._unanswered:
            self._unanswered.remove(name)
            self._turns.release()

    async def handle_message(self, message: Any) -> None:
        """Act on a message."""
        try:
            await super().handle_message(message)
        except (TypeError, AttributeError):
            await self.handle_invalid_message("Message is none of graphql-transport-ws")

    @staticmethod
    def _get_pre_execution_close_reason(_: GraphQLError) -> None:
        # one operation that cannot be read does not end the others: it is answered with an `error` of its own
        return None

    async def handle_task_exception(self, error: Exception) -> None:
        """Log an error of ours; that a client went away while it was answered is none."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)
