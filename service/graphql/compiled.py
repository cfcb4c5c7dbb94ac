"""Queries compiled to one Python function each, which does what graphql-core would do for them and nothing else.

graphql-core takes about 60 microseconds for a field with a resolver and 4 for another, most of them to be ready for
resolvers that might do anything, and for errors. A compiled query has no errors: whatever it does not expect it raises,
and graphql-core is asked the same, which finds the error and says where it is.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import strawberry
from graphql import DocumentNode, FieldNode, GraphQLField, OperationDefinitionNode
from graphql.execution.values import VariableValues, get_variable_values

from service.graphql.arguments import Arguments, arguments_of
from service.graphql.documents import Operation
from service.graphql.leaves import Unplain
from service.graphql.writer import Writer

Data = dict[str, Any]


@dataclass(frozen=True)
class Asker:
    """All that a resolver of a compiled query is told of it."""

    context: Any


@dataclass(frozen=True)
class Compiled:
    """A query as a function."""

    schema: strawberry.Schema
    operation: OperationDefinitionNode
    run: Callable[[Asker, list[Arguments]], Coroutine[Any, Any, Data]]
    argued: list[tuple[GraphQLField, FieldNode]]
    """Fields whose arguments depend on variables."""

    def start(self, variables: Mapping[str, Any], context: Any) -> Coroutine[Any, Any, Data]:
        """Return what computes its data. Raises Unplain where the variables are wrong."""
        definitions = self.operation.variable_definitions or ()
        known = get_variable_values(self.schema._schema, definitions, dict(variables))
        if not isinstance(known, VariableValues):
            raise Unplain
        arguments = [arguments_of(self.schema, field, node, known) for field, node in self.argued]
        return self.run(Asker(context), arguments)


class Queries:
    """The compiled queries of a schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self._asked: WeakSet[Operation] = WeakSet()
        self._compiled: WeakKeyDictionary[Operation, Compiled | None] = WeakKeyDictionary()

    def compiled(self, operation: Operation) -> Compiled | None:
        """Return a valid query as a function; None where it is asked for the first time, or that cannot be done."""
        if not operation.pure or operation.introspective:
            return None
        if operation not in self._asked:  # to compile takes longer than to execute
            self._asked.add(operation)
            return None
        if operation not in self._compiled:
            self._compiled[operation] = compile_query(self._schema, operation.document, operation.node)
        return self._compiled[operation]


def compile_query(
    schema: strawberry.Schema, document: DocumentNode, operation: OperationDefinitionNode
) -> Compiled | None:
    """Return a valid query as a function, None where it asks for more than that can do."""
    writer = Writer(schema, document)
    try:
        writer.write(operation.selection_set)
        code = compile("\n".join(writer.lines), "<query>", "exec")
    except (Unplain, SyntaxError):  # SyntaxError: loops within loops, twenty deep
        return None
    exec(code, writer.names)  # of a client's text, nothing is in the code but names, which have letters and digits
    return Compiled(schema, operation, writer.names["run"], writer.argued)
