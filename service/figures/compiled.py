"""Compiled code, by numba and of scipy, imported when something of it is first used.

The two take a second to import, and a start from kept columns needs neither: nobody has to wait for them then.
"""

from importlib import import_module
from threading import Event
from typing import TYPE_CHECKING, Any


class _Later:
    """A module, imported when something of it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(import_module(self._name), attribute)
        setattr(self, attribute, found)
        return found


if TYPE_CHECKING:
    from scipy import special

    from service.figures import counting, kinds, tables
else:
    special = _Later("scipy.special")
    counting, tables = _Later("service.figures.counting"), _Later("service.figures.tables")
    kinds = _Later("service.figures.kinds")

__all__ = ["counting", "is_warm", "kinds", "special", "tables"]

is_warm = Event()
"""Set when all of it has been made ready, see warming."""
