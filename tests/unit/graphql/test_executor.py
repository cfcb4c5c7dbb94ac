"""Lists of plain objects are read in one loop, and nobody can tell but by the time it takes."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, execute, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from service.graphql.executor import PlainExecutor
from service.graphql.leaves import PLAIN


@strawberry.enum
class Colour(Enum):
    RED = "r"
    BLUE = "b"


@strawberry.type
class Inner:
    text: str
    number: float | None


@strawberry.type
class Item:
    inner: Inner
    maybe: Inner | None
    many: list[Inner]
    colour: Colour
    count: int
    name: strawberry.ID

    @strawberry.field
    def computed(self) -> int:
        return self.count * 2


@dataclass
class Ghost:
    """Has not all that an Item has."""

    count: int


INNER = Inner(text="ü", number=None)
ITEMS = [
    Item(inner=INNER, maybe=None, many=[], colour=Colour.RED, count=1, name=strawberry.ID("a")),
    Item(inner=Inner(text="b", number=0.5), maybe=INNER, many=[INNER, INNER], colour=Colour.BLUE, count=2, name="b"),
]


@strawberry.type
class Query:
    @strawberry.field
    def items(self, kind: str = "good") -> list[Item]:
        broken: dict[str, Any] = {
            "null": None,
            "large": Item(**{**vars(ITEMS[0]), "count": 2**40}),
            "nan": Item(**{**vars(ITEMS[0]), "inner": Inner(text="x", number=float("nan"))}),
            "missing": Ghost(1),
            "list": Item(**{**vars(ITEMS[0]), "many": 5}),
            "error": ValueError("one item"),
        }
        return ITEMS if kind == "good" else [*ITEMS, broken[kind]]

    @strawberry.field
    def nullable(self) -> list[Item | None] | None:
        return [ITEMS[0], None]


schema = strawberry.Schema(query=Query)._schema

QUERIES = [
    "{ items { count colour name __typename } }",
    "{ items { a: count inner { text number } maybe { text } many { number t: text } } nullable { count } }",
    "{ items { ...f ... on Item { name } inner { number } } } fragment f on Item { inner { text } count }",
    "query ($no: Boolean = false) { items { count @skip(if: true) name @include(if: $no) colour } }",
    "{ items { computed count } }",
    *(
        f'{{ items(kind: "{kind}") {{ count inner {{ number }} many {{ text }} colour }} }}'
        for kind in ("null", "large", "nan", "missing", "list", "error")
    ),
]


def answer(query: str, executor_class: Any) -> tuple[Any, Any]:
    result = execute(schema, parse(query), executor_class=executor_class, operation_extensions=None)
    assert isinstance(result, ExecutionResult)
    return result.data, [error.formatted for error in result.errors or ()]


@pytest.mark.parametrize("query", QUERIES)
def test_the_answer_and_its_errors_are_those_of_graphql_core(query: str) -> None:
    assert answer(query, PlainExecutor) == answer(query, StrawberryGraphQLCoreExecutionContext)


def test_plain_items_are_not_executed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("an item was executed by itself")

    monkeypatch.setattr(PlainExecutor, "complete_object_value", fail)
    assert answer(QUERIES[1], PlainExecutor)[1] == []
    with pytest.raises(AssertionError):
        assert answer("{ items { computed } }", PlainExecutor)[1] == []


def test_what_is_written_as_it_is_is_what_graphql_core_would_write() -> None:
    for name, is_plain in PLAIN.items():
        kind: Any = schema.type_map.get(name) or pytest.fail(name)
        for value in ("x", "", True, 0, 1, -1, 2**31, -(2**31), 0.5, 1e308, float("inf"), float("nan"), None, b"x"):
            if value is not None and is_plain(value):
                assert kind.coerce_output_value(value) == value
