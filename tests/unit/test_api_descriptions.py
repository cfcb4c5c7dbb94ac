"""Every word of the API is explained, and none is named after a technique."""

import re
from collections.abc import Iterator

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, build_schema

from service.graphql.schema import schema

CORE: GraphQLSchema = schema._schema
AMOUNTS = ("amount", "median", "mean", "quantile", "raw")
BUILT_IN = ("String", "Float", "Int", "Boolean", "ID", "Date", "DateTime")


def described() -> Iterator[tuple[str, str | None]]:
    for name, kind in CORE.type_map.items():
        if name.startswith("__") or name in BUILT_IN:
            continue
        yield name, kind.description
        if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType):
            for field, held in kind.fields.items():
                yield f"{name}.{field}", held.description
                for argument, given in getattr(held, "args", {}).items():
                    yield f"{name}.{field}({argument})", given.description
        if isinstance(kind, GraphQLEnumType):
            for value, meaning in kind.values.items():
                yield f"{name}.{value}", meaning.description


def undated(core: GraphQLSchema) -> list[str]:
    """What is deprecated without the date from which it may be gone."""
    fields = [
        (f"{name}.{field}", held)
        for name, kind in core.type_map.items()
        for field, held in (getattr(kind, "fields", None) or getattr(kind, "values", None) or {}).items()
    ]
    arguments = [
        (f"{place}({argument})", given)
        for place, held in fields
        for argument, given in getattr(held, "args", {}).items()
    ]
    reasons = {place: held.deprecation_reason for place, held in (*fields, *arguments) if not place.startswith("__")}
    dated = re.compile(r"until 20\d\d-\d\d-\d\d")
    return [place for place, reason in reasons.items() if reason is not None and not dated.search(reason)]


def test_whatever_is_deprecated_says_until_when_it_works() -> None:
    assert undated(CORE) == []
    wrong = build_schema("""type Query {
        gone: Int @deprecated(reason: "Use now")
        going: Int @deprecated(reason: "Use now; works until 2027-06-30.")
        now(past: Int @deprecated): E }
        enum E { A @deprecated B }""")
    assert undated(wrong) == ["Query.gone", "E.A", "Query.now(past)"]


@pytest.mark.parametrize(("place", "description"), list(described()))
def test_everything_has_a_description_that_is_a_sentence(place: str, description: str | None) -> None:
    assert description, place
    assert description.rstrip().endswith((".", "'")), place


@pytest.mark.parametrize(("place", "description"), [each for each in described() if each[0].endswith(AMOUNTS)])
def test_amounts_say_their_unit(place: str, description: str | None) -> None:
    assert any(unit in (description or "") for unit in ("money a year", "minus one")), place


def test_no_type_is_called_a_type() -> None:
    assert not [name for name in CORE.type_map if name.endswith("Type") and not name.startswith("__")]


def test_enums_are_in_capitals() -> None:
    enums = [kind for name, kind in CORE.type_map.items() if isinstance(kind, GraphQLEnumType) and name[:2] != "__"]
    assert enums
    assert all(value.isupper() for kind in enums for value in kind.values)
