"""Writing the function that a query is compiled to, statement by statement."""

from collections.abc import Iterator
from inspect import iscoroutinefunction
from math import isfinite
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    SelectionSetNode,
    is_leaf_type,
)
from strawberry.types.field import StrawberryField

from service.graphql.arguments import DEFINITION, arguments_of, has_variables
from service.graphql.leaves import ODD, TYPE_NAME, Unplain, writing

MOST_FIELDS = 200
"""Python's compiler takes about 50 microseconds for a field."""


class Writer:
    """Writes `run(info, arguments)`: each value is read into a variable, and there made what is answered.

    `names` are what the function refers to; `argued` are fields whose arguments it is given, as variables are in them.
    """

    def __init__(self, schema: strawberry.Schema, document: DocumentNode) -> None:
        self._schema = schema
        fragments = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in fragments}
        self.lines = ["async def run(info, arguments):", " root = None"]
        self.names: dict[str, Any] = {"Unplain": Unplain, "isfinite": isfinite}
        self.argued: list[tuple[GraphQLField, FieldNode]] = []
        self._count = 0

    def write(self, selection: SelectionSetNode) -> None:
        """Write all of it. Raises Unplain."""
        query: Any = self._schema._schema.query_type
        self._object(query, [selection], "root", " ")
        self._line(" return root")

    def _line(self, text: str) -> None:
        self.lines.append(text)

    def _name(self, value: Any) -> str:
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def _object(self, kind: GraphQLObjectType, selections: list[SelectionSetNode], var: str, indent: str) -> None:
        if kind.is_type_of:
            raise Unplain
        parts = []
        for name, nodes in self._collected(selections).items():
            field_name = nodes[0].name.value
            if field_name == TYPE_NAME:
                parts.append(f"{name!r}: {kind.name!r}")
                continue
            if field_name not in kind.fields:
                raise Unplain
            value = self._field(kind.fields[field_name], nodes, var, indent)
            parts.append(f"{name!r}: {value}")
        self._line(f"{indent}{var} = {{{', '.join(parts)}}}")

    def _collected(self, selections: list[SelectionSetNode]) -> dict[str, list[FieldNode]]:
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection in selections:
            for node in self._fields_of(selection, seen):
                found.setdefault((node.alias or node.name).value, []).append(node)
        return found

    def _fields_of(self, selection: SelectionSetNode, seen: set[str]) -> Iterator[FieldNode]:
        # no type of ours is abstract: where a fragment is valid, it applies
        for node in selection.selections:
            if node.directives:
                raise Unplain
            if isinstance(node, FieldNode):
                yield node
            elif not isinstance(node, FragmentSpreadNode):
                yield from self._fields_of(node.selection_set, seen)  # type: ignore[attr-defined]  # inline
            elif node.name.value not in seen:
                seen.add(node.name.value)
                yield from self._fields_of(self._fragments[node.name.value].selection_set, seen)

    def _field(self, field: GraphQLField, nodes: list[FieldNode], source: str, indent: str) -> str:
        self._count += 1
        if self._count > MOST_FIELDS:
            raise Unplain
        var = f"v{self._count}"
        self._line(f"{indent}{var} = {self._read(field, nodes[0], source)}")
        self._complete(field.type, [node.selection_set for node in nodes if node.selection_set], var, indent)
        return var

    def _read(self, field: GraphQLField, node: FieldNode, source: str) -> str:
        held: StrawberryField = field.extensions[DEFINITION]
        resolver = held.base_resolver
        if resolver is None:
            return f"{source}.{held.python_name}"
        if held.extensions or resolver.parent_parameter or resolver.root_parameter:
            raise Unplain
        given = [source] if resolver.self_parameter else []
        given += [f"{resolver.info_parameter.name}=info"] if resolver.info_parameter else []
        given += [f"**{self._argued(field, node)}"] if field.args else []
        call = f"{self._name(resolver.wrapped_func)}({', '.join(given)})"
        return f"await {call}" if iscoroutinefunction(resolver.wrapped_func) else call

    def _argued(self, field: GraphQLField, node: FieldNode) -> str:
        if not has_variables(node):
            return self._name(arguments_of(self._schema, field, node))
        self.argued.append((field, node))
        return f"arguments[{len(self.argued) - 1}]"

    def _complete(self, kind: GraphQLOutputType, selections: list[SelectionSetNode], var: str, indent: str) -> None:
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
            self._line(f"{indent}if {var} is None: raise Unplain")
        else:
            self._line(f"{indent}if {var} is not None:")
            indent += " "
        if isinstance(kind, GraphQLList):
            self._list(kind.of_type, selections, var, indent)
        elif isinstance(kind, GraphQLObjectType):
            self._object(kind, selections, var, indent)
        elif is_leaf_type(kind):
            odd = ODD.get(kind.name)
            written = f"{var} = {self._name(writing(kind))}({var})"
            self._line(f"{indent}if {odd.format(var)}: {written}" if odd else f"{indent}{written}")
        else:
            raise Unplain

    def _list(self, kind: GraphQLOutputType, selections: list[SelectionSetNode], var: str, indent: str) -> None:
        self._count += 1
        items, item = f"items{self._count}", f"item{self._count}"
        self._line(f"{indent}if type({var}) is not list and type({var}) is not tuple: raise Unplain")
        self._line(f"{indent}{items} = []")
        self._line(f"{indent}for {item} in {var}:")
        self._complete(kind, selections, item, indent + " ")
        self._line(f"{indent} {items}.append({item})")
        self._line(f"{indent}{var} = {items}")
