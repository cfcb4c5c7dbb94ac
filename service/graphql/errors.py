"""How errors leave: the client's with a code and a message that says what to do, ours masked and logged once."""

import logging
import re
from uuid import uuid4

from graphql import GraphQLError, GraphQLSyntaxError

from schema.errors import PaygaugeError, Rejection

log = logging.getLogger(__name__)

COERCION = re.compile(r"Variable ('\$\w+' has invalid value|values are nested)")
"""How graphql-core begins what it says of a variable's value; of variables as such, validation speaks alike."""
LONGEST_MESSAGE = 1_000  # characters; what a message quotes may be as long as a document


class ClientError(GraphQLError):
    """The client asked for something that cannot be; `code` is for programs, the message for people."""

    def __init__(self, code: str, message: str, **more: object) -> None:
        super().__init__(message, extensions={"code": code, **more})


def shown(error: GraphQLError) -> GraphQLError:
    """Return an error as the client may see it, always with an `extensions.code`.

    Nothing of an error of ours is shown but a reference, under which it is logged.
    """
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, Rejection):
        return _with_code(error, cause.reason.name, cause.detail)
    if isinstance(cause, PaygaugeError):
        return _with_code(error, code_of(cause), str(cause))
    if cause is None or isinstance(cause, GraphQLError):
        return error if "code" in (error.extensions or {}) else _with_code(error, _stage(error), error.message)
    reference = uuid4().hex[:12]
    log.error("Error %s at %s", reference, error.path, exc_info=cause)
    masked = f"Something went wrong on our side. It is in the log as {reference}."
    return _with_code(error, "INTERNAL", masked)


def code_of(error: PaygaugeError) -> str:
    """Return the code of an error of ours: its name, NO_SUCH_THING for NoSuchThing."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).upper()


def _stage(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return "BAD_USER_INPUT" if error.path or COERCION.match(error.message) else "GRAPHQL_VALIDATION_FAILED"


def _with_code(error: GraphQLError, code: str, message: str) -> GraphQLError:
    return GraphQLError(
        message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}...",
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={**(error.extensions or {}), "code": code},
    )
