"""What one query may cost, found by one walk over its document that visits each fragment once."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension

from service.graphql.errors import ClientError

DEPTH = 25
"""GraphiQL's own question about the schema is 15 deep."""
FIELDS = 2_000
ALIASES = 100
COST = 50_000
"""Objects, with lists counted at the length that is asked for or given by default."""

DEFAULT_LENGTHS = {"breakdown": 20, "values": 50, "terms": 10, "points": 24, "figures": 32}


@dataclass(frozen=True)
class Weight:
    """What a selection comes to: levels below it, fields and aliases in it, objects that it may make."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    cost: int = 0


class Limits(SchemaExtension):
    """Refuses a document that is too deep, too wide or too dear, before it is validated."""

    def on_parse(self) -> Iterator[None]:  # noqa: D102  the class says what it does
        yield
        document = self.execution_context.graphql_document
        if document is not None:
            check(document, self.execution_context.variables or {})


def check(document: DocumentNode, variables: dict[str, object]) -> None:
    """Return where a document is within the limits. Raises ClientError QUERY_TOO_DEEP, _TOO_LARGE or _TOO_DEAR."""
    walk = _Walk(document, variables)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            weight = walk.weigh(definition.selection_set)
            if weight.depth > DEPTH:
                raise ClientError(
                    "QUERY_TOO_DEEP", f"The query is {weight.depth} levels deep; at most {DEPTH} are taken."
                )
            if weight.fields > FIELDS or weight.aliases > ALIASES:
                message = f"The query has {weight.fields:,} fields and {weight.aliases:,} aliases"
                raise ClientError("QUERY_TOO_LARGE", f"{message}; at most {FIELDS:,} and {ALIASES} are taken.")
            if weight.cost > COST:
                message = f"The query may make {weight.cost:,} objects; at most {COST:,} are taken"
                raise ClientError("QUERY_TOO_DEAR", f"{message}. Ask for fewer groups at a time with `first`.")


class _Walk:
    def __init__(self, document: DocumentNode, variables: dict[str, object]) -> None:
        self._variables = variables
        fragments = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self._known: dict[str, Weight] = {}

    def weigh(self, selection: SelectionSetNode | None) -> Weight:
        depth = fields = aliases = cost = 0
        for node in selection.selections if selection else ():
            if isinstance(node, FieldNode):
                below, length = self.weigh(node.selection_set), self._length(node)
                weight = Weight(
                    1 + below.depth,
                    1 + below.fields,
                    (node.alias is not None) + below.aliases,
                    length * (below.cost + (node.selection_set is not None)),
                )
            elif isinstance(node, InlineFragmentNode):
                weight = self.weigh(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                weight = self._fragment(node.name.value)
            depth, fields = max(depth, weight.depth), fields + weight.fields
            aliases, cost = aliases + weight.aliases, cost + weight.cost
        return Weight(depth, fields, aliases, cost)

    def _fragment(self, name: str) -> Weight:
        if name not in self._known:
            # what a fragment that spreads itself comes to is for validation to refuse
            self._known[name] = Weight()
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.weigh(fragment.selection_set)
        return self._known[name]

    def _length(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "periods", "bins"):
                value = argument.value
                if isinstance(value, IntValueNode):
                    return max(int(value.value), 1)
                given = self._variables.get(value.name.value) if isinstance(value, VariableNode) else None
                return max(given, 1) if isinstance(given, int) else DEFAULT_LENGTHS.get(node.name.value, 1)
        return DEFAULT_LENGTHS.get(node.name.value, 1)
