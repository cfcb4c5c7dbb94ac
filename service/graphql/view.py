"""GraphQL over HTTP and WebSocket: one request, one snapshot."""

from typing import Any

import strawberry
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from service.graphql.bodies import BodyError, read_body, replayed
from service.graphql.context import Context
from service.web.explorer import explorer_page

NOT_LOADED = "The reports are still being loaded. /health/ready says when they are; try again then."


class GraphQLView(GraphQL[Context, None]):
    """Serves the API, and GraphiQL to browsers that open it."""

    def __init__(self, schema: strawberry.Schema) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that the columns are not loaded yet."""
        if scope["type"] == "http":
            request = Request(scope, receive)
            if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
                return await explorer_page(request)(scope, receive, send)
            if scope["state"]["feed"].snapshot is None:
                error = {"message": NOT_LOADED, "extensions": {"code": "NOT_READY"}}
                not_ready = JSONResponse({"errors": [error]}, status_code=503, headers={"Retry-After": "1"})
                return await not_ready(scope, receive, send)
            if request.method == "POST":
                try:
                    receive = replayed(await read_body(request), receive)
                except BodyError as error:
                    shown = {"message": error.message, "extensions": {"code": error.code}}
                    refused = JSONResponse({"errors": [shown]}, status_code=error.status)
                    return await refused(scope, receive, send)
        await super().__call__(scope, receive, send)
        return None

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:  # noqa: D102
        state: Any = request.state
        return Context(
            request=request,
            response=response if isinstance(response, Response) else None,
            snapshot=state.feed.snapshot,
            policy=state.policy,
            executor=state.executor,
            ingestion=state.ingestion,
        )
