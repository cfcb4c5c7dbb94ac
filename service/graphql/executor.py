"""Executing lists of plain objects in one loop: those of which only attributes are asked, down to the leaves.

graphql-core takes about 4 microseconds for each leaf, most of them to be ready for resolvers that might do anything.
A selection that has none but Strawberry's own, which reads an attribute, is compiled to one function instead. What this
does not expect it leaves to graphql-core, which then finds the error and says where it is.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_leaf_type,
)
from graphql.execution.collect_fields import FieldDetails
from strawberry.resolvers import is_default_resolver
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from service.graphql.leaves import PLAIN, TYPE_NAME, Unplain, writing

Read = Callable[[Any], Any]
"""Return what stands in an answer for a value. Raises Unplain where that is for graphql-core to tell."""


class PlainExecutor(StrawberryGraphQLCoreExecutionContext):
    """Strawberry's executor, but that lists of plain objects are read at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # the lists are kept, so that no other gets the identity of one of them
        self._readers: dict[tuple[GraphQLOutputType, int], tuple[list[FieldDetails], Read | None]] = {}

    def complete_list_value(
        self,
        return_type: GraphQLList[Any],
        field_details_list: list[FieldDetails],
        info: Any,
        path: Any,
        result: Any,
        *rest: Any,
    ) -> Any:
        """Complete a list: at once where its items are plain."""
        read = self._reader(return_type, field_details_list)
        if read is not None:
            with suppress(Exception):  # graphql-core meets it again, and says where
                return read(result)
        return super().complete_list_value(return_type, field_details_list, info, path, result, *rest)

    def _reader(self, return_type: GraphQLOutputType, details: list[FieldDetails]) -> Read | None:
        key = (return_type, id(details))
        if key not in self._readers:
            self._readers[key] = (details, self._compiled(return_type, details))
        return self._readers[key][1]

    def _compiled(self, kind: GraphQLOutputType, details: list[FieldDetails]) -> Read | None:
        if isinstance(kind, GraphQLNonNull):
            inner = self._compiled(kind.of_type, details)
            return inner and _never_null(inner)
        if isinstance(kind, GraphQLList):
            inner = self._compiled(kind.of_type, details)
            return inner and _list(inner)
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, details)
        return _leaf(kind) if is_leaf_type(kind) else None

    def _object(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Read | None:
        collected = self.collect_subfields(kind, details)
        if collected.new_defer_usages or collected.forbidden_directive_instances or kind.is_type_of:
            return None
        parts: list[tuple[str, str, Read]] = []
        for name, selected in collected.grouped_field_set.items():
            part = self._part(kind, selected)
            if part is None:
                return None
            parts.append((name, *part))
        return _object(parts)

    def _part(self, kind: GraphQLObjectType, selected: list[FieldDetails]) -> tuple[str, Read] | None:
        node = selected[0].node
        if node.name.value == TYPE_NAME:
            return "__class__", lambda _: kind.name
        field = kind.fields.get(node.name.value)
        if field is None or not _is_attribute(field, node):
            return None
        read = self._compiled(field.type, selected)
        return read and (field.extensions["strawberry-definition"].python_name, read)


def _is_attribute(field: GraphQLField, node: FieldNode) -> bool:
    return field.resolve is not None and is_default_resolver(field.resolve) and not field.args and not node.arguments


def _object(parts: list[tuple[str, str, Read]]) -> Read:
    def read(value: Any) -> Any:
        return None if value is None else {name: each(getattr(value, attribute)) for name, attribute, each in parts}

    return read


def _list(item: Read) -> Read:
    def read(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise Unplain
        return [item(each) for each in value]

    return read


def _never_null(inner: Read) -> Read:
    def read(value: Any) -> Any:
        found = inner(value)
        if found is None:
            raise Unplain
        return found

    return read


def _leaf(kind: GraphQLLeafType) -> Read:
    write, is_plain = writing(kind), PLAIN.get(kind.name, _never)

    def read(value: Any) -> Any:
        return value if value is None or is_plain(value) else write(value)

    return read


def _never(_: Any) -> bool:
    return False
