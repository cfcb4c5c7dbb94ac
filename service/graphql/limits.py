"""How much is taken of a document, and how many of each client's pass."""

from collections.abc import Iterable
from dataclasses import dataclass

from graphql import DocumentNode

from service.graphql.errors import ClientError
from service.graphql.weights import Walk, operations_of

COST_OF_A_TOKEN = 100
"""A request takes one token of its client's, and one more for each this many objects where its answer is not kept."""


@dataclass(frozen=True)
class Limits:
    """What is taken; `about.limits` shows it. 0 requests a minute: any number."""

    body_bytes: int = 256 * 1024
    body_seconds: float = 5.0
    tokens: int = 4_000
    depth: int = 25
    """GraphiQL's own question about the schema is 15 deep."""
    fields: int = 1_000
    root_fields: int = 20
    aliases: int = 100
    directives: int = 50
    fragments: int = 100
    """Spread, not defined: validation compares each with each."""
    repeats: int = 50
    """Fields that are selected again: validation compares each with each, 300 of them for 0.4 seconds."""
    cost: int = 15_000
    """Objects, with lists counted at the length that is asked for or given by default."""
    execution_seconds: float = 10.0
    requests_per_minute: int = 60_000
    subscriptions_per_client: int = 256


DEFAULTS = Limits()


TOO_LARGE = ("fields", "root_fields", "aliases", "directives", "fragments")


def check(document: DocumentNode, limits: Limits = DEFAULTS) -> None:
    """Return where a document's shape is within the limits. Raises ClientError QUERY_TOO_DEEP or QUERY_TOO_LARGE."""
    walk = Walk(document, {})
    for operation in operations_of(document):
        weight = walk.weigh(operation.selection_set, operation.directives)
        if weight.depth > limits.depth:
            message = f"The query is {weight.depth} levels deep; at most {limits.depth} are taken."
            raise ClientError("QUERY_TOO_DEEP", message, maximum=limits.depth)
        for what in TOO_LARGE:
            _check_number(what, getattr(weight, what), getattr(limits, what))
        # only now, since it is the number of fields that bounds this walk
        _check_number("repeats", walk.repeats(operation.selection_set), limits.repeats)


def check_cost(cost: int, limits: Limits) -> None:
    """Return where a cost is within the limits. Raises ClientError QUERY_TOO_DEAR."""
    if cost > limits.cost:
        message = f"The query may make {cost:,} objects; at most {limits.cost:,} are taken"
        hint = "Ask for fewer groups at a time with `first`."
        raise ClientError("QUERY_TOO_DEAR", f"{message}. {hint}", requested=cost, maximum=limits.cost)


def check_nesting(value: object, limits: Limits) -> None:
    """Return where what is given for variables is no deeper than a document may be. Raises ClientError."""
    level, depth = [value], 0
    while level:
        if depth > limits.depth:
            message = f"The variables are over {limits.depth} levels deep; no more are taken."
            raise ClientError("QUERY_TOO_DEEP", message, maximum=limits.depth)
        level, depth = [inner for each in level for inner in _inner(each)], depth + 1


def _inner(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _check_number(what: str, found: int, most: int) -> None:
    if found > most:
        words = what.replace("_", " ")
        message = f"The query has {found:,} {words}; at most {most:,} are taken."
        raise ClientError("QUERY_TOO_LARGE", message, limit=what, requested=found, maximum=most)


def too_long(limits: Limits) -> ClientError:
    """Return the error of an execution that took longer than it may."""
    message = f"The answer took over {limits.execution_seconds:g} seconds: ask for less at a time."
    return ClientError("TIMEOUT", message)
