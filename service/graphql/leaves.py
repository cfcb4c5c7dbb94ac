"""Values of leaf types as they stand in an answer: most as they are, which takes no call."""

from collections.abc import Callable
from functools import cache
from math import isfinite
from typing import Any

from graphql import GraphQLBoolean, GraphQLEnumType, GraphQLFloat, GraphQLInt, GraphQLLeafType, GraphQLString

TYPE_NAME = "__typename"

ODD = {
    GraphQLString.name: "type({0}) is not str",
    GraphQLBoolean.name: "{0} is not True and {0} is not False",
    GraphQLFloat.name: "type({0}) is not float or not isfinite({0})",
    GraphQLInt.name: "type({0}) is not int or not -2147483648 <= {0} <= 2147483647",
}
"""When a value is not written as it is, by type, in Python; of other types none is. It needs `isfinite`."""

PLAIN: dict[str, Callable[[Any], bool]] = {
    name: eval(f"lambda value: not ({odd.format('value')})", {"isfinite": isfinite}) for name, odd in ODD.items()
}
"""What is written as it is."""


class Unplain(Exception):
    """Something that graphql-core is to look at."""


def writing(kind: GraphQLLeafType) -> Callable[[Any], Any]:
    """Return what writes a value that is not null. It raises Unplain, or what graphql-core does of a wrong value."""

    def write(value: Any) -> Any:
        written = kind.coerce_output_value(value)
        if written is None:
            raise Unplain
        return written

    # Strawberry looks through all values of an enum for each; there are few
    return cache(write) if isinstance(kind, GraphQLEnumType) else write
