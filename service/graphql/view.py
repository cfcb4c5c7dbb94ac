"""Where the API is served: HTTP here, WebSocket by Strawberry."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from schema.errors import PaygaugeError
from service.graphql.bodies import Refusal
from service.graphql.context import Context, context_of
from service.graphql.http import NOT_LOADED, Endpoint
from service.graphql.negotiation import JSON
from service.graphql.replies import refused
from service.graphql.schema import Schema
from service.graphql.sockets import TextAdapter, TransportHandler

INIT_TIME = timedelta(seconds=10)
"""How long a socket may stand open before its client says who it is."""


class GraphQLView(GraphQL[Context, None]):
    """Serves the API, and GraphiQL to browsers that open it. Pages of `origins` may open sockets, and its own."""

    graphql_transport_ws_handler_class = TransportHandler
    websocket_adapter_class = TextAdapter

    def __init__(self, schema: Schema, endpoint: Endpoint, origins: tuple[str, ...] = ()) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            max_subscriptions_per_connection=None,  # each client has its slots, over all of its sockets
            allowed_origins=origins,
            connection_init_wait_timeout=INIT_TIME,
        )
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that the columns are not loaded yet."""
        if scope["type"] == "http":
            reply = await self._endpoint.reply(scope, receive)
            await reply(scope, receive, send)
        elif scope["state"]["feed"].snapshot is None:
            refusal = Refusal(503, "NOT_READY", NOT_LOADED, Retry_After="1")
            await refused(refusal, JSON)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def on_ws_connect(self, context: Context) -> dict[str, object] | UnsetType | None:
        """Take a socket, or close it with 4403 where it lacks a key or scope for what it asks."""
        try:
            await context.reader()
            await context.choose_policy()
        except PaygaugeError as error:
            raise ConnectionRejectionError from error
        return await super().on_ws_connect(context)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: ARG002,D102
        return context_of(request, request.state.feed.snapshot, request.state.policy)
