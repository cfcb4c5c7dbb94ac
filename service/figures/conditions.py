"""What a cohort must satisfy, as a small algebra: every condition is the rows of an index that meet it."""

from dataclasses import dataclass
from functools import reduce
from operator import and_

from pyroaring import BitMap

from service.figures.dimensions import PROPERTIES, Codebooks, Dimension
from service.figures.index import Index


@dataclass(frozen=True)
class OneOf:
    """A dimension has one of these values (any of them, where a report may have several)."""

    dimension: Dimension
    values: frozenset[str]

    def rows(self, index: Index, codebooks: Codebooks) -> BitMap:
        """Return the rows that meet it."""
        bitmaps, code_of = index.bitmaps(self.dimension), codebooks[self.dimension].code_of
        return _union([bitmaps.get(code, BitMap()) for value in self.values if (code := code_of(value)) is not None])


@dataclass(frozen=True)
class Between:
    """The value in a column lies in [low, high], in the column's unit."""

    column: str
    low: int
    high: int

    def rows(self, index: Index, codebooks: Codebooks) -> BitMap:  # noqa: ARG002  all conditions take the same
        """Return the rows that meet it."""
        return index.between(self.column, self.low, self.high)


@dataclass(frozen=True)
class AllOf:
    """Every part holds; with no part, always."""

    parts: tuple["Condition", ...]

    def rows(self, index: Index, codebooks: Codebooks) -> BitMap:
        """Return the rows that meet it."""
        found = sorted((part.rows(index, codebooks) for part in self.parts), key=len)
        return reduce(and_, found) if found else index.everything


@dataclass(frozen=True)
class AnyOf:
    """At least one part holds; with no part, never."""

    parts: tuple["Condition", ...]

    def rows(self, index: Index, codebooks: Codebooks) -> BitMap:
        """Return the rows that meet it."""
        return _union([part.rows(index, codebooks) for part in self.parts])


@dataclass(frozen=True)
class Not:
    """The part does not hold, or is not known to."""

    part: "Condition"

    def rows(self, index: Index, codebooks: Codebooks) -> BitMap:
        """Return the rows that meet it."""
        return index.everything - self.part.rows(index, codebooks)


@dataclass(frozen=True)
class Known:
    """A part of pay is known."""

    column: str

    def rows(self, index: Index, codebooks: Codebooks) -> BitMap:  # noqa: ARG002  all conditions take the same
        """Return the rows that meet it."""
        return index.known(self.column)


@dataclass(frozen=True)
class Among:
    """A dimension has one of some values: asked by how money is counted, left out by who counts it otherwise."""

    dimension: Dimension
    values: frozenset[str]

    def rows(self, index: Index, codebooks: Codebooks) -> BitMap:
        """Return the rows that meet it."""
        return OneOf(self.dimension, self.values).rows(index, codebooks)


Condition = OneOf | Between | AllOf | AnyOf | Not | Known | Among

Unasked = Known | Among
"""What the figure itself asks of reports: no client can leave it out."""

EVERYTHING = AllOf(())


def parts_of(where: Condition) -> tuple[Condition, ...]:
    """Return conditions of which none is an AllOf, that hold together exactly where this one does."""
    return tuple(inner for part in where.parts for inner in parts_of(part)) if isinstance(where, AllOf) else (where,)


def both(one: Condition, other: Condition) -> AllOf:
    """Return the condition that holds where two do."""
    return AllOf((*parts_of(one), *parts_of(other)))


def is_grouped_by_rows(dimension: Dimension) -> bool:
    """Return whether each report has at most one value of the dimension, so that groups do not overlap."""
    return not PROPERTIES[dimension].many


def _union(held: list[BitMap]) -> BitMap:
    return held[0] if len(held) == 1 else BitMap.union(*held) if held else BitMap()
