"""Documents that were read once: parsed, measured and validated, kept by their text."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from service.graphql.limits import Limits, check, check_cost, check_nesting, cost_of, lengths_in

KEPT_BYTES = 4 * 1024 * 1024
"""Of text; the trees of what is kept take about 50 times as much memory."""
COSTS_KEPT = 64
ERRORS_SHOWN = 5
"""To look for more, and for what was meant in place of each, takes longer than the answer is worth."""
RULES = (*specified_rules, MaxIntrospectionDepthRule, OneOfInputValidationRule)

PURE = frozenset(
    {"about", "cohort", "dimensions", "evaluateOffer", "figures", "levelEquivalents", "terms", "__schema", "__type"}
)
"""Fields of Query that answer from the snapshot alone, so that an answer holds for as long as it does."""


class Invalid(Exception):
    """The document cannot be executed; `errors` say why."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(f"{len(errors)} errors")
        self.errors = list(errors)


@dataclass(frozen=True)
class Operation:
    """One operation of a document that may be executed."""

    document: DocumentNode
    node: OperationDefinitionNode
    name: str | None
    pure: bool
    """Whether its answer is a function of its text, its variables and the snapshot."""

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
        return Operation(self.document, found[0], name, _is_pure(found[0]))

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
        key = (text, limits)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        try:
            document = self._parsed(text, limits)
            check(document, limits)
            errors = validate(self._schema, document, RULES, max_errors=ERRORS_SHOWN)
        except RecursionError:
            raise ClientError("QUERY_TOO_DEEP", "The query is nested too deeply.") from None
        if errors:
            raise Invalid(errors[:ERRORS_SHOWN])
        return self._keep(key, Prepared(document, limits))

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


def _asks_freshness(node: FieldNode) -> bool:
    # `about.freshness` is of now; a fragment there is not looked into either
    return node.name.value == "about" and any(
        not isinstance(each, FieldNode) or each.name.value == "freshness"
        for each in (node.selection_set.selections if node.selection_set else ())
    )


def _is_pure(operation: OperationDefinitionNode) -> bool:
    # a fragment at the root is not looked into: its operation is computed each time
    return operation.operation is OperationType.QUERY and all(
        isinstance(node, FieldNode) and node.name.value in PURE | {"__typename"} and not _asks_freshness(node)
        for node in operation.selection_set.selections
    )
