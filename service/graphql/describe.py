"""One text for two readers: a docstring in this folder is also the description that clients see."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import strawberry

T = TypeVar("T", bound=type)


def _text(documented: object) -> str:
    return " ".join(inspect.cleandoc(documented.__doc__ or "").split())


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def described(cls: T) -> T:
    """Make a class a GraphQL type, described by its docstring."""
    return strawberry.type(cls, description=_text(cls))


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def described_input(cls: T) -> T:
    """Make a class a GraphQL input, described by its docstring."""
    return strawberry.input(cls, description=_text(cls))


def resolved(resolver: Callable[..., Any]) -> Any:
    """Make a method a GraphQL field, described by its docstring; a trailing underscore is not part of the name."""
    name = resolver.__name__.rstrip("_") if resolver.__name__.endswith("_") else None
    return strawberry.field(resolver=resolver, name=name, description=_text(resolver))
