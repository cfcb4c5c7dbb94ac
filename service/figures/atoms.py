"""What a cohort can be asked by: the conditions that all its reports meet, and lists value by value."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, AnyOf, Condition, OneOf
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension
from service.figures.edges import MONTHS_A_YEAR, band_edges, spanning
from service.figures.extremes import COLUMNS

PLACES = (Dimension.METRO, Dimension.REGION, Dimension.COUNTRY, Dimension.TECHNOLOGY_HUB)
ROLLED_UP = {
    Dimension.METRO: PLACES,
    Dimension.REGION: PLACES,
    Dimension.COMPANY: (Dimension.INDUSTRY, Dimension.COMPANY_SIZE, Dimension.ML_CENTRALITY, Dimension.PAY_POLICY),
}
"""What a list of values of a dimension can be put more broadly in."""
ONE_VALUED = [dimension for dimension, held in PROPERTIES.items() if not held.many]
HELD = [(each, COLUMNS.index(PROPERTIES[each].column), PROPERTIES[each].table) for each in ONE_VALUED]
"""Where the extremes of each stand, and the table that they are read by."""
MANY_VALUED = [dimension for dimension, held in PROPERTIES.items() if held.many]


def leaves_of(part: OneOf | AnyOf) -> list[Condition]:
    """Return conditions by one value, of which at least one holds exactly where this one does."""
    if isinstance(part, AnyOf):
        return [leaf for inner in part.parts for leaf in (leaves_of(inner) if isinstance(inner, OneOf) else [inner])]
    return [OneOf(part.dimension, frozenset({value})) for value in sorted(part.values)]


def without(part: Condition, places: Collection[int]) -> Condition:
    """Return a condition without those of its leaves, or of the parts of an AllOf, that stand at some places."""
    if isinstance(part, AllOf):
        return AllOf(tuple(inner for place, inner in enumerate(part.parts) if place not in places))
    leaves = [leaf for place, leaf in enumerate(leaves_of(part)) if place not in places]  # type: ignore[arg-type]
    if isinstance(part, OneOf):
        return OneOf(part.dimension, frozenset(value for leaf in leaves for value in leaf.values))  # type: ignore[union-attr]
    return AnyOf(tuple(leaves))


def shared_by(cohort: Cohort, asked: Sequence[Condition]) -> Iterator[Condition]:
    """Yield conditions by one value, or by the years or bands between two, that all reports of a cohort meet.

    In a dimension that a list was asked of, and in those that it can be put more broadly in, by several values.
    """
    ends = extremes_in(cohort)
    lists = {part.dimension for part in asked if isinstance(part, OneOf) and len(part.values) > 1}
    lists |= set(PLACES) if any(isinstance(part, AnyOf) for part in asked) else set()
    listed = lists.union(*(ROLLED_UP.get(dimension, ()) for dimension in lists))
    for dimension in ONE_VALUED:
        least, most = ends[dimension]
        if least == most != UNKNOWN:
            yield _one_of(cohort, dimension, {least})
        elif dimension in listed and UNKNOWN not in (codes := set(cohort.codes(dimension).tolist())):
            yield _one_of(cohort, dimension, codes)
    for dimension in MANY_VALUED:
        yield from (_one_of(cohort, dimension, {code}) for code in _carried_by_all(cohort, dimension))
    yield from _spans(ends)


def extremes_in(cohort: Cohort) -> dict[Dimension, tuple[int, int]]:
    """Return the least and the greatest code of each single-valued dimension, or two that differ, below LARGE."""
    found = [part.extremes() for part in cohort.parts]
    least = np.minimum.reduce([low for low, _ in found]).tolist()
    most = np.maximum.reduce([high for _, high in found]).tolist()
    # tables of codes ascend with the column that they are read by
    return {
        dimension: (least[place], most[place]) if table is None else (table.item(least[place]), table.item(most[place]))
        for dimension, place, table in HELD
    }


def _one_of(cohort: Cohort, dimension: Dimension, codes: Collection[int]) -> OneOf:
    names = cohort.snapshot.codebooks[dimension].values
    return OneOf(dimension, frozenset([names[code] for code in codes]))


def _carried_by_all(cohort: Cohort, dimension: Dimension) -> set[int]:
    return set.intersection(*(set(part.carried(dimension)) for part in cohort.parts))


def _spans(ends: dict[Dimension, tuple[int, int]]) -> Iterator[Condition]:
    """Yield the whole years that the reports lie in, and the whole bands of experience where it is known of all."""
    first, last = ends[Dimension.YEAR]
    yield spanning("day", MONTHS_A_YEAR * (first - 1) + 1, MONTHS_A_YEAR * last + 1)
    first, last = ends[Dimension.EXPERIENCE_BAND]
    if first != UNKNOWN:
        yield spanning("experience", band_edges(first - 1)[0], band_edges(last - 1)[1])
