"""Arguments of a field as its resolver takes them."""

from typing import Any

import strawberry
from graphql import FieldNode, GraphQLField, ListValueNode, ObjectValueNode, ValueNode, VariableNode
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

Arguments = dict[str, Any]

DEFINITION = "strawberry-definition"
"""Under which Strawberry's own field is found in graphql-core's."""


def arguments_of(
    schema: strawberry.Schema, field: GraphQLField, node: FieldNode, variables: VariableValues | None = None
) -> Arguments:
    """Return the arguments of a valid field under variables. Raises GraphQLError."""
    held: StrawberryField = field.extensions[DEFINITION]
    given = get_argument_values(field, node, variables)
    registry = schema.schema_converter.scalar_registry
    return convert_arguments(given, held.arguments, scalar_registry=registry, config=schema.config)


def has_variables(node: FieldNode) -> bool:
    """Return whether a field's arguments depend on variables."""
    return any(_is_or_holds_variable(argument.value) for argument in node.arguments or ())


def _is_or_holds_variable(value: ValueNode) -> bool:
    if isinstance(value, ObjectValueNode):
        return any(_is_or_holds_variable(each.value) for each in value.fields)
    if isinstance(value, ListValueNode):
        return any(map(_is_or_holds_variable, value.values))
    return isinstance(value, VariableNode)
