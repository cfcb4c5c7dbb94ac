"""Every word of the API is explained, and none is named after a technique."""

from collections.abc import Iterator

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema

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
