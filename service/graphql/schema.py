"""The schema that the server and the contracts are made from, and what every operation passes through."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing, suppress
from typing import Any

import strawberry
from graphql import GraphQLError, OperationType
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StreamResult
from strawberry.types import ExecutionContext
from strawberry.types.execution import PreExecutionError

from schema.errors import PaygaugeError
from service.graphql.compiled import Queries
from service.graphql.context import Context
from service.graphql.documents import Documents, Invalid
from service.graphql.errors import shown
from service.graphql.executor import PlainExecutor
from service.graphql.limits import COST_OF_A_TOKEN, too_long
from service.graphql.root import Mutation, Query
from service.graphql.subscriptions import Subscription
from service.metrics import GRAPHQL_ERRORS


class Schema(strawberry.Schema):
    """The schema; every error passes through `shown` on its way out, wherever it arose."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.documents = Documents(self._schema)
        self.queries = Queries(self)

    def process_errors(self, errors: list[GraphQLError], _: ExecutionContext | None = None) -> None:
        """Replace the errors, in place, by what the client may see of them."""
        errors[:] = [shown(error) for error in errors]
        for error in errors:
            GRAPHQL_ERRORS.labels((error.extensions or {})["code"]).inc()

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any = None,
        root_value: Any = None,
        operation_name: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> StreamResult:
        """Answer one operation of a socket: a context of its own, so that it sees the snapshot of now."""
        try:
            context: Context = await context_value.renewed()
        except PaygaugeError as error:
            return _refusal(GraphQLError(str(error), original_error=error))
        results = await super().stream(query, variable_values, context, root_value, operation_name, *args, **kwargs)
        return self._within_limits(results, query or "", variable_values or {}, operation_name, context)

    async def _within_limits(
        self, results: StreamResult, query: str, variables: dict[str, Any], name: str | None, context: Context
    ) -> StreamResult:
        async with aclosing(results):
            try:
                prepared = await self.documents.prepared_apart(query, context.limits)
                operation = prepared.operation(name)
                cost = prepared.cost(operation, variables)
                await context.charge(1 + cost / COST_OF_A_TOKEN)
            except Invalid as invalid:
                yield PreExecutionError(data=None, errors=[shown(error) for error in invalid.errors])
            except GraphQLError as error:
                yield PreExecutionError(data=None, errors=[shown(error)])
            else:
                # a mutation that is cut off may have been sent; a subscription says itself when it works
                at_once = operation.kind is OperationType.QUERY
                async for result in _in_time(results, context, at_once=at_once):
                    yield result


async def _in_time(results: StreamResult, context: Context, *, at_once: bool) -> StreamResult:
    """Yield results for as long as each is executed in its time, and else an error as the last of them."""
    while True:
        try:
            async with asyncio.timeout(None) as context.timeout:
                if at_once:
                    context.begin()
                result = await anext(results)
        except StopAsyncIteration:
            return
        except TimeoutError:
            yield PreExecutionError(data=None, errors=[too_long(context.limits)])
            return
        yield result


async def _refusal(error: GraphQLError) -> StreamResult:
    yield PreExecutionError(data=None, errors=[shown(error)])


class Prepared(SchemaExtension):
    """Takes documents that were read before, by way of `Schema.documents`."""

    def on_parse(self) -> Iterator[None]:  # noqa: D102  the class says what it does
        context = self.execution_context
        with suppress(Invalid):  # Strawberry finds the same errors, and says so in its way
            prepared = schema.documents.prepared(context.query or "", context.context.limits)
            context.graphql_document, context.pre_execution_errors = prepared.document, []
        yield


schema = Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    config=StrawberryConfig(auto_camel_case=True),
    extensions=[Prepared],
    execution_context_class=PlainExecutor,
)


def sdl() -> str:
    """Return the schema in GraphQL's own language."""
    return schema.as_str() + "\n"
