"""Each result of a stream has its time, and waiting for one is none of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from service.graphql.context import Context
from service.graphql.limits import DEFAULTS
from service.graphql.schema import _in_time
from tests.unit.figures.reports import snapshot_of
from tests.unit.test_context import context_of

SECONDS = 0.01


def told(results: Any, context: Context, *, at_once: bool) -> list[Any]:
    async def gather() -> list[Any]:
        return [result async for result in _in_time(results, context, at_once=at_once)]

    return asyncio.run(gather())


def limited() -> Context:
    return replace(context_of(snapshot_of([])), limits=replace(DEFAULTS, execution_seconds=SECONDS))


def test_who_waits_for_reports_is_not_cut_off() -> None:
    context = limited()

    async def results() -> AsyncIterator[str]:
        for name in ("one", "two"):
            context.begin()
            context.rest()
            await asyncio.sleep(3 * SECONDS)
            yield name

    assert told(results(), context, at_once=False) == ["one", "two"]


def test_what_takes_too_long_ends_the_stream_with_an_error() -> None:
    context, ended = limited(), []

    async def results() -> AsyncIterator[str]:
        yield "one"
        try:
            context.begin()
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(True)

    one, error = told(results(), context, at_once=False)
    assert (one, error.errors[0].extensions["code"], ended) == ("one", "TIMEOUT", [True])


def test_the_time_of_a_query_begins_at_once() -> None:
    async def results() -> AsyncIterator[str]:
        await asyncio.get_running_loop().create_future()
        yield "never"

    (error,) = told(results(), limited(), at_once=True)
    assert error.errors[0].extensions["code"] == "TIMEOUT"
