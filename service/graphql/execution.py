"""Executing an operation within its time, and writing what came of it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
from graphql import ExecutionResult, OperationType, execute
from strawberry.execution import optimized_is_awaitable

from service.graphql.answers import Answer
from service.graphql.context import Context
from service.graphql.documents import Operation, apart
from service.graphql.errors import shown
from service.graphql.limits import too_long
from service.graphql.schema import Schema
from service.graphql.turns import Turns


async def run(
    schema: Schema, operation: Operation, variables: Mapping[str, Any], context: Context, cost: int, turns: Turns
) -> Answer:
    """Return the answer of a query or mutation; a lasting one where the operation is pure and nothing went wrong."""
    limits = context.limits
    # what is sent has its own time: cut off here, nobody would know whether it was
    seconds = None if operation.kind is OperationType.MUTATION else limits.execution_seconds
    extensions = {"cost": {"requested": cost, "maximum": limits.cost}}
    try:
        async with asyncio.timeout(seconds):
            result = await _result(schema, operation, variables, context, turns)
    except TimeoutError:
        return Answer(orjson.dumps({"errors": [too_long(limits).formatted], "extensions": extensions}), status=503)
    body: dict[str, Any] = {"data": result.data, "extensions": extensions}
    if not result.errors:
        return Answer(orjson.dumps(body), lasting=operation.pure)
    # what is wrong with the variables stands at no field: nothing was executed
    refused = result.data is None and not any(error.path for error in result.errors)
    if refused:
        del body["data"]
    errors = [shown(error).formatted for error in result.errors]
    return Answer(orjson.dumps({"errors": errors, **body}), refused=refused)


async def _result(
    schema: Schema, operation: Operation, variables: Mapping[str, Any], context: Context, turns: Turns
) -> ExecutionResult:
    query = schema.queries.compiled(operation)
    if query:
        with suppress(Exception):  # graphql-core meets it again, and says where
            started = query.start(variables, replace(context, turns=turns))
            return ExecutionResult(await turns.finish(started, context.executor))
    work = partial(
        execute,
        schema._schema,  # Strawberry's own way adds its extensions, of which this needs none
        operation.document,
        context_value=context,
        variable_values=dict(variables),
        operation_name=operation.name,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]  # it says bool and guards all the same
        executor_class=schema.execution_context_class,
        operation_extensions=None,
    )
    # what the schema is like takes 40 ms to tell, without a pause, and nothing of it needs the loop
    found = await apart(work) if operation.introspective else work()
    return found if isinstance(found, ExecutionResult) else await found
