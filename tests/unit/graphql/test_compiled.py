"""Queries that are compiled to a function answer as graphql-core does, and leave to it what they do not expect."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import OperationDefinitionNode, execute, parse
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

import schema as package
from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.graphql.compiled import Compiled, Queries, compile_query
from service.graphql.context import Context
from service.graphql.documents import Documents
from service.graphql.errors import ClientError
from service.graphql.leaves import Unplain
from service.graphql.limits import DEFAULTS
from service.graphql.schema import schema
from service.graphql.turns import Turns
from tests.unit.figures.reports import document, snapshot_of

OPERATIONS = Path(package.__file__).parent / "examples" / "operations"
READING = ["benchmark", "career", "compare", "dashboard", "facets", "offer", "premium", "table", "terms", "trend"]

SELECTIONS = {
    "sample": "sample { reports contributors companies }",
    "five": "five: distribution { reports quantiles(ps: $ps) { p estimate { ...bounds kind } } }",
    "merged": "distribution { median { value } } distribution { median { low high } mean { ...bounds } }",
    "types": "__typename distribution { __typename money { __typename currency rateDate ppp } }",
    "histogram": "distribution(of: BASE) { histogram(bins: 7) { from to reports share } rank(amount: 2e5) { value } }",
    "nodes": "breakdown(by: [ROLE]) { nodes { keys { dimension code label parent { code } } cohort { ...middle } } }",
    "edges": "pages: breakdown(by: $by, first: 3) { edges { cursor node { keys { code } } } pageInfo { endCursor } }",
    "trend": "trend(interval: YEAR) { points { period raw { value } adjusted { value } } growth { mixEffect } }",
    "withheld": "distribution(weighting: COMPANY) { effective suppression { reason message suggestion { query } } }",
    "mix": "mix { measure share { value } reportsWithIt } confidence { grade reasons }",
}
FRAGMENTS = """fragment bounds on Estimate { value low high }
fragment middle on Cohort { distribution { median { ...bounds } } ... on Cohort { sample { reports } } }"""
HEAD = "query ($where: CohortFilter!, $ps: [Float!]!, $by: [Dimension!] = [LEVEL, ROLE])"

wheres = st.sampled_from(
    [
        {},
        {"level": ["SENIOR"]},
        {"role": ["machine-learning-engineer"], "level": ["STAFF"]},
        {"not": {"level": ["MID"]}},
    ]
)


@cache
def reports() -> Snapshot:
    levels, roles = ("mid", "senior", "staff"), ("machine-learning-engineer", "data-scientist")
    return snapshot_of(
        [
            document(str(n), 1e5 + 700 * (n * n % 101), level=levels[n % 3], role=roles[n % 7 % 2], skills=["pytorch"])
            for n in range(180)
        ]
    )


def context(executor: ThreadPoolExecutor, turns: Turns | None = None) -> Context:
    held: dict[str, Any] = {"snapshot": reports(), "policy": Policy(), "executor": executor, "limits": DEFAULTS}
    return Context(**(dict.fromkeys(part.name for part in fields(Context)) | held | {"turns": turns}))


async def by_core(query: str, variables: dict[str, Any], executor: ThreadPoolExecutor) -> Any:
    found: Any = execute(
        schema._schema,
        parse(query),
        context_value=context(executor),
        variable_values=variables,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        operation_extensions=None,
    )
    result = found if hasattr(found, "data") else await found
    return result.data, result.errors


def compiled(query: str) -> Compiled | None:
    parsed = parse(query)
    operation = next(each for each in parsed.definitions if isinstance(each, OperationDefinitionNode))
    return compile_query(schema, parsed, operation)


async def by_function(query: str, variables: dict[str, Any], executor: ThreadPoolExecutor) -> Any:
    function, turns = compiled(query), Turns()
    assert function is not None
    return await turns.finish(function.start(variables, context(executor, turns)), executor)


def answers(query: str, variables: dict[str, Any]) -> tuple[bytes, bytes]:
    async def both() -> tuple[bytes, bytes]:
        with ThreadPoolExecutor(1) as executor:
            (data, errors), ours = (
                await by_core(query, variables, executor),
                await by_function(query, variables, executor),
            )
        assert errors is None, errors
        return orjson.dumps(ours), orjson.dumps(data)

    return asyncio.run(both())


@pytest.mark.parametrize("name", READING)
def test_every_example_that_reads_is_answered_as_by_graphql_core(name: str) -> None:
    variables = orjson.loads((OPERATIONS / f"{name}.json").read_bytes())
    ours, core = answers((OPERATIONS / f"{name}.graphql").read_text(), variables)
    assert ours == core


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(SELECTIONS)), min_size=1, unique=True),
    wheres,
    st.lists(st.floats(0.05, 0.95), max_size=3),
)
def test_any_selection_of_a_cohort_is_answered_as_by_graphql_core(
    chosen: list[str], where: dict[str, Any], ps: list[float]
) -> None:
    inner = " ".join(SELECTIONS[name] for name in chosen)
    query = f"{HEAD} {{ cohort(where: $where) {{ {inner} }} }} {FRAGMENTS}"
    ours, core = answers(query, {"where": where, "ps": ps})
    assert ours == core


@pytest.mark.parametrize(
    "query",
    [
        "{ cohort { sample @skip(if: false) { reports } } }",
        "{ cohort { ... @include(if: true) { sample { reports } } } }",
        "{ cohort { ...f @include(if: true) } } fragment f on Cohort { sample { reports } }",
        "{ __schema { types { name } } }",
        f"{{ cohort {{ sample {{ {' '.join(f'a{n}: reports' for n in range(400))} }} }} }}",
    ],
)
def test_what_is_not_plain_is_left_to_graphql_core(query: str) -> None:
    assert compiled(query) is None


@pytest.mark.parametrize(
    "query",
    [
        "{ cohort { distribution { quantile(p: 5) { value } } } }",
        '{ cohort { premium(dimension: SKILL, value: "unheard-of") { verdict } } }',
        "{ cohort { breakdown(by: [ROLE], first: 0) { nodes { keys { code } } } } }",
        "query ($ps: [Float!]!) { cohort { distribution { quantiles(ps: $ps) { p } } } }",
    ],
)
def test_an_error_is_raised_and_graphql_core_tells_it(query: str) -> None:
    with ThreadPoolExecutor(1) as executor:
        _, errors = asyncio.run(by_core(query, {}, executor))
        assert errors
        with pytest.raises((ClientError, Unplain)):
            asyncio.run(by_function(query, {}, executor))


def test_a_query_is_compiled_when_it_is_asked_again() -> None:
    prepared = Documents(schema._schema).prepared("{ cohort { sample { reports } } }", DEFAULTS)
    operation, queries = prepared.operation(None), Queries(schema)
    assert queries.compiled(operation) is None
    assert queries.compiled(operation) is queries.compiled(operation) is not None


def test_a_mutation_is_never_compiled() -> None:
    text = "mutation ($report: ReportInput!) { submitReport(report: $report) { receipt { id } } }"
    operation, queries = Documents(schema._schema).prepared(text, DEFAULTS).operation(None), Queries(schema)
    assert [queries.compiled(operation) for _ in range(3)] == [None] * 3
