"""Breakdowns: a cohort cut by one to three dimensions, in a stated order that pages can be cut from."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from schema.errors import PaygaugeError
from service.figures.cohort import Cohort
from service.figures.dimensions import PROPERTIES, Dimension

MAX_DIMENSIONS = 3
MAX_GROUPS = 20_000


class TooManyGroups(PaygaugeError):
    """The breakdown has too many groups: filter the cohort or cut it by fewer dimensions."""


class BreakdownOrderField(StrEnum):
    """What groups are ordered by."""

    REPORTS = "reports"
    MEDIAN = "median"
    KEY = "key"


class Direction(StrEnum):
    """Ascending or descending."""

    ASC = "asc"
    DESC = "desc"


@dataclass(frozen=True)
class Group:
    """The reports that carry one value of each dimension; `values` in the order of the dimensions."""

    values: tuple[str, ...]
    codes: tuple[int, ...]
    cohort: Cohort


def break_down(cohort: Cohort, dimensions: tuple[Dimension, ...]) -> list[Group]:
    """Return a group for each combination of values that occurs. Raises TooManyGroups.

    Groups overlap where a report may have several values of a dimension (skills, specialisations).
    """
    groups = [Group((), (), cohort)]
    for dimension in dimensions:
        names = cohort.snapshot.codebooks[dimension].values
        groups = [
            Group((*group.values, names[code]), (*group.codes, code), part)
            for group in groups
            for code, part in group.cohort.groups(dimension).items()
        ]
        if len(groups) > MAX_GROUPS:
            raise TooManyGroups(f"It has over {MAX_GROUPS:,}.")
    return groups


def order_groups(
    groups: list[Group],
    dimensions: tuple[Dimension, ...],
    field: BreakdownOrderField,
    direction: Direction,
    median: Callable[[Cohort], float | None],
) -> list[Group]:
    """Return the groups in order; ties go by key, and groups without a median stand at the end.

    A key is the value's place in a closed vocabulary, and in an open one the code itself, alphabetically. `median`
    gives the published median, so that the order says nothing about what is withheld.
    """
    closed = [(place, PROPERTIES[dimension].closed is not None) for place, dimension in enumerate(dimensions)]

    def key(group: Group) -> list[int | str]:
        return [group.codes[place] if is_closed else group.values[place] for place, is_closed in closed]

    falling = direction is Direction.DESC
    by_key = sorted(groups, key=key, reverse=falling and field is BreakdownOrderField.KEY)
    if field is BreakdownOrderField.KEY:
        return by_key
    if field is BreakdownOrderField.REPORTS:
        return sorted(by_key, key=lambda group: len(group.cohort), reverse=falling)
    medians = {id(group): median(group.cohort) for group in by_key}
    sign = -1 if falling else 1
    return sorted(by_key, key=lambda group: _last_if_none(medians[id(group)], sign))


def _last_if_none(value: float | None, sign: int) -> float:
    return float("inf") if value is None else sign * value
