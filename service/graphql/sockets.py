"""GraphQL over WebSocket (graphql-transport-ws): what is taken from a client, and what is sent to it."""

from collections.abc import AsyncGenerator
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.websockets import WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from service.graphql.context import Context


class TextAdapter(ASGIWebSocketAdapter):
    """Reads and writes text: clients of graphql-ws die of binary frames, which is what a writer of bytes sends."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:  # noqa: ARG002
        """Yield the messages until the client is gone. Raises NonJsonMessageReceived and NonTextMessageReceived."""
        while self.ws.application_state is not WebSocketState.DISCONNECTED:
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
    """Takes messages of any shape: what is none of the protocol's closes the socket with 4400."""

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
