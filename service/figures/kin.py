"""Kin: what neighbours.py and sums.py find of a group by itself, found of all groups of a cohort, or left unsaid.

Whether leaving out conditions lets in few is proven or left unsaid. Whoever is outside a group fails a condition that
was asked. Where for each of these there are many people who fail just what follows from failing it, then of any choice
of conditions that lets somebody in a part lets in many, and none is a neighbour. For those of other values of the
group's own dimension, of which much follows (a country from a metro), all smallest choices are looked at instead.
"""

from collections.abc import Callable, Hashable, Iterator
from enum import Enum
from itertools import combinations
from typing import cast

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from service.figures import neighbours, sums
from service.figures.atoms import ONE_VALUED, ROLLED_UP, leaves_of, without
from service.figures.bitmaps import rows_of
from service.figures.cohort import Cohort, Family
from service.figures.common import Common, carrying_more, classes_of, common_to, ends_in
from service.figures.compiled import kinds
from service.figures.conditions import AllOf, Among, Between, Condition, Known, Not, OneOf
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension
from service.figures.edges import cells_of, roundness, span_of, spanning
from service.figures.extremes import COLUMNS, LARGE, SPANNED, Extremes
from service.figures.index import Index
from service.figures.neighbours import Neighbour
from service.figures.sets import Rows, meet
from service.figures.siblings import Flags, Numbers, Siblings, Tally


class Unsaid(Enum):
    """What is not known of a group by its siblings."""

    UNSAID = "unsaid"


FIRST_GROUPS = 32
"""Looked at together at least; then twice as many, and so on."""
ROWS_A_GROUP = 5_000
"""To look at so many rows of the cohort takes as long as to look around one group by itself."""

UNSAID = Unsaid.UNSAID
Tried = tuple[Flags, Flags, Numbers, Callable[[int], Condition]]
"""Where a change of a condition makes a neighbour, and where that is unsure; by how many rows; and the change."""


Said = tuple[Neighbour | Unsaid | None, bool | Unsaid]
"""The neighbour of a group, and whether it adds up to few."""


def neighbour_of(cohort: Cohort, few: int) -> Neighbour | None:
    """Return a cohort that differs from another by 1 to `few` people; None where there is none; see neighbours.py."""
    said, _ = said_of(cohort, few)
    return neighbours.neighbour_of(cohort, few) if said is UNSAID else said


def adds_up_to_few(cohort: Cohort, few: int) -> bool:
    """Return whether a cohort, summed with others, leaves 1 to `few` people; see sums.py."""
    _, said = said_of(cohort, few)
    return sums.adds_up_to_few(cohort, few) if said is UNSAID else said


def said_of(cohort: Cohort, few: int) -> Said:
    """Return what its siblings tell of a cohort below LARGE."""
    if cohort.group_of is None or not 0 < few < len(cohort) < LARGE:
        return UNSAID, UNSAID
    family, code = cohort.group_of
    if (few, code) not in family.found:
        family.found.update(_looked_at(family, few, code))
    return cast("Said", family.found[few, code])


def _looked_at(family: Family, few: int, code: int) -> dict[Hashable, Said]:
    """Return what is said of some groups, about as large as one of them: mostly the largest are all that is asked."""
    sizes = {each: size for each, size in family.sizes.items() if few < size < LARGE}
    worth = len(family.whole) // ROWS_A_GROUP
    if len(sizes) <= worth:
        return dict.fromkeys(((few, each) for each in sizes), (UNSAID, UNSAID))
    ordered, first = sorted(sizes, key=sizes.__getitem__, reverse=True), max(FIRST_GROUPS, worth)
    before = (1 << (ordered.index(code) // first + 1).bit_length() - 1) - 1  # of 1, 2, 4, 8 ... times as many
    codes = ordered[first * before : first * (2 * before + 1)]
    kin = Kin(Siblings(family.whole, family.dimension, codes, sizes[codes[-1]], few))
    said = zip(kin.neighbours(), kin.add_up_to_few(), strict=True)
    return {(few, each): both for each, both in zip(codes, said, strict=True)}


class Kin:
    """What lies around each of some groups below LARGE."""

    def __init__(self, siblings: Siblings) -> None:
        self.siblings, self.around, self.asked = siblings, siblings.around, siblings.asked
        self._values_of: dict[OneOf, list[Tally]] = {}
        names = siblings.whole.snapshot.codebooks[siblings.dimension].values
        self.own = [OneOf(siblings.dimension, frozenset({names[code]})) for code in siblings.codes]
        self.is_plain = all(map(_is_plain, self.asked)) and not set(self.asked) & set(self.own)

    def neighbours(self) -> list[Neighbour | Unsaid | None]:
        """Return what `neighbour_of` returns of each group, or that nothing is said of it."""
        found: list[Neighbour | Unsaid | None] = [UNSAID] * len(self.own)
        if not self.is_plain:
            return found
        is_open = self._has_no_wider()
        for part in self.asked:
            for are_few, are_unsure, rows, changed in self._beside(part):
                for place in np.flatnonzero(is_open & are_few).tolist():
                    found[place] = Neighbour(self._where(part, changed(place), place), int(rows[place]))
                is_open &= ~(are_few | are_unsure)
        for place in np.flatnonzero(is_open).tolist():
            found[place] = None
        return found

    def add_up_to_few(self) -> list[bool | Unsaid]:
        """Return what `adds_up_to_few` returns of each group, or that nothing is said of it."""
        are_few = np.zeros(len(self.own), bool)
        are_unsure = np.full(len(self.own), Known("base") in self.siblings.kept or not self.is_plain)
        if self.is_plain:
            tallies = [self.siblings.tally(self.siblings.failing(*two)) for two in combinations(self.asked, 2)]
            tallies += [failing.beside for failing in self.siblings.failing_one]
            for tally in tallies:
                are_few |= tally.are_few
                are_unsure |= tally.are_unsure
        said = zip(are_few.tolist(), are_unsure.tolist(), strict=True)
        return [few if few or not unsure else UNSAID for few, unsure in said]

    def _where(self, part: Condition, changed: Condition, place: int) -> AllOf:
        others = [other for other in self.asked if other != part]
        return AllOf((*others, self.own[place], changed, *self.siblings.kept))

    def _has_no_wider(self) -> Flags:
        """Tell of which groups it is proven that leaving out conditions lets in nobody, or many."""
        lists = [part for part in self.asked if isinstance(part, OneOf) and len(part.values) > 1]
        dimensions = {part.dimension for part in lists}
        broader = dimensions.union(*(ROLLED_UP.get(dimension, ()) for dimension in dimensions))
        listed = {PROPERTIES[dimension].column for dimension in broader}
        ends = ends_in(self.siblings, frozenset({*SPANNED, *listed}))
        common = common_to(self.siblings, ends)
        proven = ~self._share_more(ends, lists, broader)
        for part, failing in zip(self.asked, self.siblings.failing_one, strict=True):
            proven &= common.met_by_many(failing, part)
        return proven & self._are_others_many(common)

    def _share_more(self, ends: Extremes, lists: list[OneOf], broader: set[Dimension]) -> Flags:
        """Tell which groups share several values of a dimension, or one of those of which a report has many."""
        found = carrying_more(self.siblings)
        for dimension in broader:
            low, high = ends[:, COLUMNS.index(PROPERTIES[dimension].column)]
            several = (low != high) & (low != UNKNOWN) & (high >= 0)
            for part in lists if several.any() else ():
                if part.dimension is dimension:  # all its values are what was asked
                    held = [tally.rows > 0 for tally in self._by_value(part, self.siblings.own.whole)]
                    several &= ~np.all(held, axis=0)
            found |= several
        return found

    def _are_others_many(self, common: Common) -> Flags:
        """Tell of which groups the others of the cohort are many, whatever else of them is left out."""
        common = common.among_others
        columns = list(dict.fromkeys(common.columns))
        lines = np.array([columns.index(column) for column in common.columns], np.int64)
        held = np.concatenate([self._values(index, rows, columns) for index, (rows, _) in self._own()], axis=1)
        low, high = common.low.copy(), common.high.copy()
        for line, values in enumerate(held[1:]):
            held[1 + line], low[lines == line], high[lines == line] = classes_of(
                values, low[lines == line], high[lines == line]
            )
        found, counts = kinds.kinds_of(held, np.concatenate([single for _, (_, single) in self._own()]))
        codes = np.array(self.siblings.codes, np.int64)
        return kinds.let_in_many(found, counts, codes, 1 + lines, low, high, self.siblings.few, self.around.most)

    def _values(self, index: Index, rows: NDArray[np.uint32], columns: list[str]) -> Numbers:
        codes = index.codes(self.siblings.dimension, rows)
        return np.array([codes, *(index.columns[column][rows] for column in columns)], np.int64)

    def _own(self) -> Iterator[tuple[Index, tuple[NDArray[np.uint32], Flags]]]:
        """Yield the rows of the cohort in each index, and whether their people have no other."""
        own = self.siblings.own
        for index, bitmap, repeated in zip(self.siblings.indexes, own.rows, own.repeated, strict=True):
            rows = rows_of(bitmap)
            single = np.ones(len(rows), bool)
            single[np.searchsorted(rows, rows_of(repeated))] = False
            yield index, (rows, single)

    def _beside(self, part: Condition) -> Iterator[Tried]:
        """Yield what `Neighbourhood` tries to change of a condition, in its order."""
        if isinstance(part, Between):
            yield from self._beside_range(part)
        inner, around = part, self.siblings.own.whole
        if isinstance(part, Not):
            inner, around = part.part, self.siblings.failing_one[self.asked.index(part)].whole
        if isinstance(inner, OneOf) and len(inner.values) > 1:
            for place, tally in enumerate(self._by_value(inner, around)):
                shorter = without(inner, [place])
                changed = Not(shorter) if isinstance(part, Not) else shorter
                yield tally.are_few, tally.are_unsure, tally.rows, _always(changed)

    def _by_value(self, part: OneOf, around: Rows) -> list[Tally]:
        if part not in self._values_of:
            leaves = map(self.around.rows_of, leaves_of(part))
            self._values_of[part] = [self.siblings.tally(meet([around, leaf])) for leaf in leaves]
        return self._values_of[part]

    def _beside_range(self, part: Between) -> Iterator[Tried]:
        column, (start, end) = part.column, span_of(part)
        least, most = self.around.ends(column)
        beyond = self.siblings.failing_one[self.asked.index(part)].whole
        for edge, inward, limit in ((start, 1, least), (end, -1, most)):
            if (edge - limit) * inward <= 0:
                continue  # no report lies beyond: there is no bound
            own = roundness(column, edge)
            ways = (
                (self.around.own, range(edge, start + end - edge, inward), own),
                (beyond, range(edge, limit, -inward), own + 1),
            )
            for within, way, least_round in ways:
                moved, few, unsure, rows = self._moved(within, column, way, least_round)

                def changed(place: int, moved: Numbers = moved, edge: int = edge) -> Between:
                    to = int(moved[place])
                    return spanning(column, to, end) if edge == start else spanning(column, start, to)

                yield few, unsure, rows, changed

    def _moved(self, within: Rows, column: str, way: range, least: int) -> tuple[Numbers, Flags, Flags, Numbers]:
        """Return the first edge on a way, of a roundness or at its end, up to which rows of a group lie; where they are
        few, where that is unsure, and how many.
        """
        cells = [cells_of(index, column) for index in self.siblings.indexes]
        passed = self.siblings.tally(tuple([BitMap() for _ in cells]))
        is_open, few, unsure = np.ones(len(self.own), bool), *np.zeros((2, len(self.own)), bool)
        moved, rows = np.zeros((2, len(self.own)), np.int64)
        for edge in way:
            cell, to = min(edge, edge + way.step), edge + way.step
            passed += self.siblings.tally(meet([within, tuple([each.get(cell, BitMap()) for each in cells])]))
            if roundness(column, to) >= least or to == way.stop:
                found = is_open & (passed.rows > 0)
                moved[found], rows[found] = to, passed.rows[found]
                few |= found & passed.are_few
                unsure |= found & passed.are_unsure
                is_open &= ~found
                if not is_open.any():
                    break
        return moved, few, unsure, rows


def _always(changed: Condition) -> Callable[[int], Condition]:
    return lambda _: changed


def _is_plain(part: Condition) -> bool:
    inner = part.part if isinstance(part, Not) else part
    if isinstance(inner, OneOf):
        return len(inner.values) == 1 or inner.dimension in ONE_VALUED
    return isinstance(inner, Between | Among)
