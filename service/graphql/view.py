"""GraphQL over HTTP and WebSocket: one request, one snapshot."""

from typing import Any

import strawberry
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.unset import UnsetType

from schema.errors import PaygaugeError, Unavailable
from service.access import Forbidden, Unauthenticated, UnknownPolicy
from service.graphql.bodies import BodyError, read_body, replayed
from service.graphql.context import POLICY, Context
from service.graphql.errors import code_of
from service.graphql.sockets import TextAdapter, TransportHandler
from service.web.explorer import explorer_page

STATUSES: dict[type[PaygaugeError], tuple[int, dict[str, str]]] = {
    Unauthenticated: (401, {"WWW-Authenticate": "Bearer"}),
    Forbidden: (403, {}),
    UnknownPolicy: (400, {}),
    Unavailable: (503, {"Retry-After": "1"}),
}

NOT_LOADED = "The reports are still being loaded. /health/ready says when they are; try again then."


class GraphQLView(GraphQL[Context, None]):
    """Serves the API, and GraphiQL to browsers that open it."""

    graphql_transport_ws_handler_class = TransportHandler
    websocket_adapter_class = TextAdapter

    def __init__(self, schema: strawberry.Schema) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            max_subscriptions_per_connection=None,  # each client has its slots, over all of its sockets
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that the columns are not loaded yet."""
        if scope["type"] == "http":
            request = Request(scope, receive)
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                return await explorer_page(request)(scope, receive, send)
            try:
                await _admit(request)
            except (Unauthenticated, Forbidden, UnknownPolicy, Unavailable) as error:
                return await _refused(error)(scope, receive, send)
            if scope["state"]["feed"].snapshot is None:
                return await _not_ready()(scope, receive, send)
            if request.method == "POST":
                try:
                    receive = replayed(await read_body(request), receive)
                except BodyError as error:
                    shown = {"message": error.message, "extensions": {"code": error.code}}
                    refused = JSONResponse({"errors": [shown]}, status_code=error.status)
                    return await refused(scope, receive, send)
        elif scope["state"]["feed"].snapshot is None:
            return await WebSocket(scope, receive, send).send_denial_response(_not_ready())
        await super().__call__(scope, receive, send)
        return None

    async def on_ws_connect(self, context: Context) -> dict[str, object] | UnsetType | None:
        """Take a socket, or close it with 4403 where it lacks a key or scope for what it asks."""
        try:
            await context.reader()
            await context.choose_policy()
        except PaygaugeError as error:
            raise ConnectionRejectionError from error
        return await super().on_ws_connect(context)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: D102
        state: Any = request.state
        snapshot = state.feed.snapshot
        return Context(
            request=request,
            response=response if isinstance(response, Response) else None,
            snapshot=snapshot and snapshot.aged(state.policy.minimum_age_days),
            policy=state.policy,
            executor=state.executor,
            ingestion=state.ingestion,
            feed=state.feed,
            changes=state.changes,
            slots=state.slots,
            access=state.access,
            publisher=state.publisher,
        )


def _not_ready() -> JSONResponse:
    error = {"message": NOT_LOADED, "extensions": {"code": "NOT_READY"}}
    return JSONResponse({"errors": [error]}, status_code=503, headers={"Retry-After": "1"})


async def _admit(request: Request) -> None:
    """Let a reader in; from here on `state.policy` is the policy of this request."""
    authorization, access = request.headers.get("authorization"), request.state.access
    await access.reader(authorization)
    request.state.policy = await access.policy(authorization, request.headers.get(POLICY), request.state.policy)


def _refused(error: PaygaugeError) -> JSONResponse:
    status, headers = STATUSES[type(error)]
    shown = {"message": str(error), "extensions": {"code": code_of(error)}}
    return JSONResponse({"errors": [shown]}, status_code=status, headers=headers)
