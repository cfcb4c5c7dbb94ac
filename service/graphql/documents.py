"""Documents that were read once: parsed, measured and validated, kept by their text."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import MaxIntrospectionDepthRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from service.graphql.errors import ClientError
from service.graphql.limits import Limits, check, check_cost, check_nesting
from service.graphql.weights import cost_of, lengths_in

T = TypeVar("T")

KEPT_BYTES = 4 * 1024 * 1024
"""Of text; the trees of what is kept take about 50 times as much memory."""
LONG = 2_000
"""Characters of a document from which on reading it takes milliseconds."""
COSTS_KEPT = 64
ERRORS_SHOWN = 5
"""To look for more, and for what was meant in place of each, takes longer than the answer is worth."""
RULES = (*specified_rules, MaxIntrospectionDepthRule, OneOfInputValidationRule)

INTROSPECTION = frozenset({"__schema", "__type", "__typename"})
PURE = INTROSPECTION | {"about", "cohort", "dimensions", "evaluateOffer", "figures", "levelEquivalents", "terms"}
"""Fields of Query that answer from the snapshot alone, so that an answer holds for as long as it does."""

_thread = ThreadPoolExecutor(1, thread_name_prefix="documents")


async def apart(work: Callable[[], T]) -> T:
    """Return what `work` returns, done in a thread: the event loop goes on, and this waits for its turn."""
    return await asyncio.get_running_loop().run_in_executor(_thread, work)


class Invalid(Exception):
    """The document cannot be executed; `errors` say why."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = list(errors)


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation of a document that may be executed."""

    document: DocumentNode
    node: OperationDefinitionNode
    name: str | None
    pure: bool
    """Whether its answer is a function of its text, its variables and the snapshot."""
    introspective: bool
    """Whether it asks about the schema only."""

    @property
    def kind(self) -> OperationType:
        """Whether it is a query, a mutation or a subscription."""
        return self.node.operation


@dataclass
class Prepared:
    """A document that is within the limits and valid."""

    document: DocumentNode
    limits: Limits
    _lengths: frozenset[str] = field(init=False)
    _operations: dict[str | None, Operation] = field(init=False, default_factory=dict)
    _costs: dict[tuple[object, ...], int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._lengths = lengths_in(self.document)

    def operation(self, name: str | None) -> Operation:
        """Return the operation of this name, or the only one. Raises ClientError where there is none."""
        if name not in self._operations:
            self._operations[name] = self._find(name)
        return self._operations[name]

    def _find(self, name: str | None) -> Operation:
        found = [each for each in self.document.definitions if isinstance(each, OperationDefinitionNode)]
        if name is not None:
            found = [each for each in found if each.name and each.name.value == name]
        if not found:
            message = "The document has no operation of that name." if name else "The document has no operation."
            raise ClientError("BAD_USER_INPUT", message)
        if len(found) > 1:
            raise ClientError("BAD_USER_INPUT", "The document has several operations: name one as `operationName`.")
        return Operation(self.document, found[0], name, _asks_only(found[0], PURE), _is_introspective(found[0]))

    def cost(self, operation: Operation, variables: Mapping[str, Any]) -> int:
        """Return what an operation may come to. Raises ClientError QUERY_TOO_DEAR, and QUERY_TOO_DEEP."""
        check_nesting(variables, self.limits)
        # a list is not hashable, and only its length matters
        lengths = (variables.get(name) for name in sorted(self._lengths))
        key = (operation.name, *(("list", len(each)) if isinstance(each, list) else str(each) for each in lengths))
        if key not in self._costs:
            if len(self._costs) >= COSTS_KEPT:
                self._costs.clear()
            self._costs[key] = cost_of(self.document, operation.node, variables)
        check_cost(self._costs[key], self.limits)
        return self._costs[key]


class Documents:
    """What was prepared under a schema, the least recently asked forgotten first."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[tuple[str, Limits], Prepared] = OrderedDict()
        self._bytes = 0

    def prepared(self, text: str, limits: Limits) -> Prepared:
        """Return a document for execution.

        Raises ClientError for one that is beyond the limits, Invalid for one that is wrong.
        """
        return self._find(text, limits) or self._keep((text, limits), self._read(text, limits))

    async def prepared_apart(self, text: str, limits: Limits) -> Prepared:
        """Return the same, but read a long one in a thread, so that nobody else waits for it."""
        if len(text) < LONG:
            return self.prepared(text, limits)
        read = partial(self._read, text, limits)
        return self._find(text, limits) or self._keep((text, limits), await apart(read))

    def _find(self, text: str, limits: Limits) -> Prepared | None:
        found = self._kept.get((text, limits))
        if found is not None:
            self._kept.move_to_end((text, limits))
        return found

    def _read(self, text: str, limits: Limits) -> Prepared:
        try:
            document = self._parsed(text, limits)
            check(document, limits)
            errors = validate(self._schema, document, RULES, max_errors=ERRORS_SHOWN)
        except RecursionError:
            raise ClientError("QUERY_TOO_DEEP", "The query is nested too deeply.") from None
        if errors:
            raise Invalid([_of_the_client(each) for each in errors[:ERRORS_SHOWN]])
        return Prepared(document, limits)

    def _parsed(self, text: str, limits: Limits) -> DocumentNode:
        try:
            return parse(text, max_tokens=limits.tokens)
        except GraphQLSyntaxError as error:
            if "tokens. Parsing aborted" in error.message:
                message = f"The query has over {limits.tokens:,} tokens; no more are taken."
                raise ClientError("QUERY_TOO_LARGE", message, limit="tokens", maximum=limits.tokens) from None
            if "nested too deeply" in error.message:
                raise ClientError("QUERY_TOO_DEEP", "The query is nested too deeply.") from None
            raise Invalid([error]) from None

    def _keep(self, key: tuple[str, Limits], prepared: Prepared) -> Prepared:
        if key in self._kept:  # another has read it meanwhile
            return self._kept[key]
        self._kept[key] = prepared
        self._bytes += len(key[0])
        while self._bytes > KEPT_BYTES:
            (text, _), _ = self._kept.popitem(last=False)
            self._bytes -= len(text)
        return prepared


class PersistedQueries:
    """Documents by the SHA-256 of their text, as clients name them: bounded, the least recently asked forgotten."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most = most_bytes
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

    def text(self, digest: str) -> str:
        """Return a document. Raises ClientError PERSISTED_QUERY_NOT_FOUND, whereupon clients send it whole."""
        if digest not in self._texts:
            raise ClientError("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
        self._texts.move_to_end(digest)
        return self._texts[digest]

    def keep(self, digest: str, text: str) -> None:
        """Keep a document that is valid under the digest that is its own."""
        if digest in self._texts:
            return
        self._texts[digest] = text
        self._bytes += len(text)
        while self._bytes > self._most:
            _, forgotten = self._texts.popitem(last=False)
            self._bytes -= len(forgotten)


def _of_the_client(error: GraphQLError) -> GraphQLError:
    # Python's words about a literal that it cannot read, 9...9 of 5,000 digits, are no error of ours
    return GraphQLError(error.message.removesuffix(f"; {error.original_error}"), error.nodes)


def _asks_freshness(node: FieldNode) -> bool:
    # `about.freshness` is of now; a fragment there is not looked into either
    return node.name.value == "about" and any(
        not isinstance(each, FieldNode) or each.name.value == "freshness"
        for each in (node.selection_set.selections if node.selection_set else ())
    )


def _asks_only(operation: OperationDefinitionNode, fields: frozenset[str]) -> bool:
    # a fragment at the root is not looked into
    return operation.operation is OperationType.QUERY and all(
        isinstance(node, FieldNode) and node.name.value in fields and not _asks_freshness(node)
        for node in operation.selection_set.selections
    )


def _is_introspective(operation: OperationDefinitionNode) -> bool:
    return _asks_only(operation, INTROSPECTION) and not _asks_only(operation, frozenset({"__typename"}))
