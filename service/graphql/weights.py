"""What a document comes to, found by walks that visit each fragment once."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
)

DEFAULT_LENGTHS = {
    **{"breakdown": 20, "values": 50, "terms": 10, "points": 60, "figures": 32, "dimensions": 28, "quantiles": 5},
    **{"histogram": 20, "forecast": 4},
    # of the schema itself: the means over its types, by which GraphiQL's own question comes to about 10,000
    **{"types": 160, "fields": 7, "inputFields": 2, "enumValues": 3, "args": 1, "directives": 5},
}
"""How many objects a field makes where its arguments do not say."""

FIELD_COSTS = {"figures": 1_000, "premium": 50, "mobility": 20, "negotiation": 20, "evaluateOffer": 50, "forecast": 20}
FIELD_COSTS["ofType"] = 0  # mostly null
"""What computing a field comes to where that is not one object."""

COUNTED = 10**9
"""Where counting ends: fragments that double 200 times come to more than JSON's numbers hold."""

ENDLESS = 1e9
"""A length from which on it no longer matters; text of many digits reads as infinite."""


@dataclass(frozen=True)
class Weight:
    """What a selection comes to: levels below it, and how many of each are in it."""

    depth: int = 0
    fields: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0
    fragments: int = 0
    cost: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(
            max(self.depth, other.depth),
            min(self.fields + other.fields, COUNTED),
            min(self.root_fields + other.root_fields, COUNTED),
            min(self.aliases + other.aliases, COUNTED),
            min(self.directives + other.directives, COUNTED),
            min(self.fragments + other.fragments, COUNTED),
            min(self.cost + other.cost, COUNTED),
        )


NOTHING = Weight()


def cost_of(document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> int:
    """Return how many objects an operation may make under these variables."""
    defaults = {each.variable.name.value: each.default_value for each in operation.variable_definitions or ()}
    given = {name: variables[name] if name in variables else _number(value) for name, value in defaults.items()}
    return Walk(document, given).weigh(operation.selection_set).cost


def lengths_in(document: DocumentNode) -> frozenset[str]:
    """Return the variables that say how long a list is to be: with others the cost is the same."""
    walk = Walk(document, {})
    for operation in operations_of(document):
        walk.weigh(operation.selection_set)
    return frozenset(walk.asked)


def operations_of(document: DocumentNode) -> list[OperationDefinitionNode]:
    """Return the operations of a document."""
    return [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]


class Walk:
    """Weighs selections under variables."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        fragments = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self._known: dict[str, Weight] = {}
        self.asked: set[str] = set()
        """Variables that a length was taken from."""

    def weigh(self, selection: SelectionSetNode | None, directives: tuple[Any, ...] | None = ()) -> Weight:
        """Return what a selection comes to."""
        total = replace(NOTHING, directives=len(directives or ()))
        for node in selection.selections if selection else ():
            total += self._node(node)
        return total

    def _node(self, node: SelectionNode) -> Weight:
        directives = Weight(directives=len(node.directives or ()))
        if isinstance(node, InlineFragmentNode):
            return directives + self.weigh(node.selection_set)
        if isinstance(node, FragmentSpreadNode):
            return directives + Weight(fragments=1) + self._fragment(node.name.value)
        if not isinstance(node, FieldNode):
            return directives
        below, name = self.weigh(node.selection_set), node.name.value
        own = FIELD_COSTS.get(name, int(node.selection_set is not None))
        return Weight(
            1 + below.depth,
            1 + below.fields,
            1,
            (node.alias is not None) + below.aliases,
            directives.directives + below.directives,
            below.fragments,
            own + below.cost * self._length(node) if name in FIELD_COSTS else (own + below.cost) * self._length(node),
        )

    def _fragment(self, name: str) -> Weight:
        if name not in self._known:
            # what a fragment that spreads itself comes to is for validation to refuse
            self._known[name] = NOTHING
            fragment = self._fragments.get(name)
            if fragment is not None:
                self._known[name] = self.weigh(fragment.selection_set)
        return self._known[name]

    def _length(self, node: FieldNode) -> int:
        default = DEFAULT_LENGTHS.get(node.name.value, 1)
        for argument in node.arguments or ():
            if argument.name.value in ("first", "periods", "bins", "ps"):
                return self._value(argument.value, default)
        return default

    def _value(self, value: ValueNode, default: int) -> int:
        if isinstance(value, VariableNode):
            self.asked.add(value.name.value)
            given = self._variables.get(value.name.value)
            number = len(given) if isinstance(given, list) else given
        else:
            number = _number(value)
        return int(max(min(number, ENDLESS), 1)) if isinstance(number, int | float) else default

    def repeats(self, selection: SelectionSetNode) -> int:
        """Return how many fields are selected again, by the name that they have in the answer."""
        below: list[SelectionSetNode] = []
        names = Counter(self._names(selection, below, set()))
        again = sum(count - 1 for count in names.values())
        return again + sum(self.repeats(each) for each in below)

    def _names(self, selection: SelectionSetNode, below: list[SelectionSetNode], within: set[str]) -> Iterable[str]:
        for node in selection.selections:
            if isinstance(node, FieldNode):
                yield (node.alias or node.name).value
                if node.selection_set:
                    below.append(node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                yield from self._names(node.selection_set, below, within)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in within:
                fragment = self._fragments.get(node.name.value)
                if fragment:
                    yield from self._names(fragment.selection_set, below, within | {node.name.value})


def _number(value: ValueNode | None) -> float | None:
    if isinstance(value, ListValueNode):
        return len(value.values)
    return float(value.value) if isinstance(value, IntValueNode | FloatValueNode) else None
