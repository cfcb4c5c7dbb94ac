"""Neighbours: cohorts that differ from another by so few people that two answers side by side would tell their pay.

Only who is in a cohort is looked at, never what anybody earns: that a cohort is withheld says nothing of pay.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_, or_

from pyroaring import BitMap

from service.figures.atoms import ONE_VALUED, leaves_of, shared_by, without
from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, AnyOf, Between, Condition, Known, Not, OneOf, parts_of
from service.figures.dimensions import UNKNOWN
from service.figures.edges import cells_of, roundness, span_of, spanning
from service.figures.extremes import LARGE
from service.figures.parts import Part
from service.figures.sets import Rows, cardinality, in_all_but_one, less, meet, size_of, smallest_sets

MOST_REPORTS_A_PERSON = 50
"""More rows than this for each of the few people count as more people, uncounted."""


@dataclass(frozen=True)
class Neighbour:
    """What can be asked for beside a cohort, and by how many reports the two differ."""

    where: Condition
    reports: int


def neighbour_of(cohort: Cohort, few: int) -> Neighbour | None:
    """Return a cohort that differs from another by 1 to `few` people; None where there is none.

    Wider ones are found by leaving out any of the conditions, and in a cohort below LARGE any of the values that all
    its reports have in common, which is every way to ask for it by single values. Narrower ones by leaving out values
    of a list or moving the edge of a range to the next that is as round; and ranges are compared with rounder ones. So
    of two cohorts that differ by few people one is always found: the odd one.
    """
    return Neighbourhood(cohort, few).find() if len(cohort) and few else None


class Neighbourhood:
    """What lies around a cohort."""

    def __init__(self, cohort: Cohort, few: int) -> None:
        self.cohort, self.few, self.snapshot = cohort, few, cohort.snapshot
        self.most = few * MOST_REPORTS_A_PERSON
        held = [(index, hidden) for index, hidden in self.snapshot.held if len(index)]
        self.indexes = tuple(index for index, _ in held)
        self.hidden: Rows = tuple(hidden for _, hidden in held)
        sizes = {part.index: part.count for part in cohort.parts}
        self._sizes = [sizes.get(index, 0) for index in self.indexes]
        whole = dict.fromkeys(parts_of(cohort.where))
        self.asked: list[Condition] = [part for part in whole if not isinstance(part, Known)]
        self.kept: list[Condition] = [part for part in whole if isinstance(part, Known)]
        self._known: dict[Condition, Rows] = {}
        self._many = BitMap(range(self.most + 1))

    @cached_property
    def own(self) -> Rows:
        """Return who is in the cohort; of a large group that takes long, and is mostly not needed."""
        parts = {part.index: part.bitmap for part in self.cohort.parts}
        return tuple(parts.get(index, BitMap()) for index in self.indexes)

    @property
    def everybody(self) -> Rows:
        """Return everybody of whom figures are made."""
        return self.counted(tuple(index.everything for index in self.indexes))

    def find(self) -> Neighbour | None:
        """Return a neighbour, None where there is none."""
        return self._wider() or next((found for part in self.asked if (found := self._beside(part))), None)

    def rows_of(self, condition: Condition) -> Rows:
        """Return who meets a condition, also those of whom no figure is made."""
        if condition not in self._known:
            books = self.snapshot.codebooks
            self._known[condition] = tuple(condition.rows(index, books) for index in self.indexes)
        return self._known[condition]

    def meeting(self, conditions: Sequence[Condition]) -> Rows:
        """Return who meets some conditions and names the measure, as the cohort does, also who is in no figure."""
        found = [self.rows_of(condition) for condition in (*conditions, *self.kept)]
        return meet(found) if found else tuple(index.everything for index in self.indexes)

    def counted(self, rows: Rows) -> Rows:
        """Return those rows that figures are made of."""
        return less(rows, self.hidden)

    def are_few(self, rows: Rows) -> bool:
        """Return whether rows are of at least one person, and of few."""
        count = size_of(rows)
        if not self.few < count <= self.most:
            return 0 < count <= self.few
        parts = [Part(index, bitmap) for index, bitmap in zip(self.indexes, rows, strict=True)]
        return not Cohort(self.snapshot, parts, lambda: self.cohort.where).has_contributors(self.few + 1)

    def _wider(self) -> Neighbour | None:
        """Return what is left of the conditions where leaving some out lets in few people."""
        atoms = list(dict.fromkeys([*self.asked, *self._shared()]))
        for left_out, rows in self._let_in(atoms):
            if self.are_few(rows):
                left = [atom for place, atom in enumerate(atoms) if place not in left_out]
                return Neighbour(AllOf((*left, *self.kept)), size_of(rows))
        return None

    def _shared(self) -> list[Condition]:
        if len(self.cohort) >= LARGE:
            return []
        total = sum(map(len, self.indexes))
        return [atom for atom in shared_by(self.cohort, self.asked) if size_of(self.rows_of(atom)) < total]

    def _let_in(self, atoms: Sequence[Condition]) -> Iterator[tuple[set[int], Rows]]:
        """Yield the smallest sets of conditions without which anybody is let in, and whom, where that may be few.

        Where a condition alone keeps somebody out, so does every set that it is in. Whoever else there is meets all of
        these conditions and fails two of the others: of these, first with the narrowest and then without.
        """
        meets = {place: self.rows_of(atom) for place, atom in enumerate(atoms)}
        gone: set[int] = set()
        while meets:
            let_in = dict(zip(meets, self._let_in_without_one(list(meets.values())), strict=True))
            alone = [place for place, rows in let_in.items() if size_of(rows)]
            yield from (({*gone, place}, let_in[place]) for place in alone)
            others = sorted(meets.keys() - alone, key=lambda place: size_of(meets[place]))
            if len(others) < 2:
                return
            narrowest, *rest = others
            inside = self._around([meets[place] for place in (*alone, narrowest)])
            if size_of(inside):
                for choice, rows in smallest_sets(inside, [less(inside, meets[place]) for place in rest], self.most):
                    yield {*gone, *(rest[bit] for bit in _bits(choice))}, rows
            elif alone and not self._is_anybody_around([meets[place] for place in alone]):
                return
            del meets[narrowest]
            gone.add(narrowest)

    def _around(self, meets: Sequence[Rows]) -> Rows:
        met = meet([*meets, *map(self.rows_of, self.kept)])
        return tuple([self._without_own(place, rows) for place, rows in enumerate(met)])

    def _is_anybody_around(self, meets: Sequence[Rows]) -> bool:
        met = meet([*meets, *map(self.rows_of, self.kept)])
        return any(self._count_without_own(place, rows) for place, rows in enumerate(met))

    def _let_in_without_one(self, meets: list[Rows]) -> list[Rows]:
        """Return, for each condition, who besides the cohort meets the others; or any, where they are many."""
        found = []
        sets = zip(*meets, *map(self.rows_of, self.kept), strict=True)
        for place, (index, of_index) in enumerate(zip(self.indexes, sets, strict=True)):
            others = in_all_but_one(of_index) if len(of_index) > 1 else [[index.everything]]
            found.append([self._besides(place, shared) for shared in others[: len(meets)]])
        return list(zip(*found, strict=True))

    def _besides(self, place: int, shared: Sequence[BitMap]) -> BitMap:
        """Return who is in one or two sets of rows of an index, and not in the cohort; or any, where they are many."""
        count, own = cardinality(shared), self._sizes[place]
        if count == own:
            return BitMap()
        if count > own + len(self.hidden[place]) + self.most:
            return self._many
        met = reduce(and_, shared)
        # mostly none or many: to count them takes less than to find them
        return self._many if self._count_without_own(place, met) > self.most else self._without_own(place, met)

    def _without_own(self, place: int, rows: BitMap) -> BitMap:
        """Return which of some rows of an index, that the cohort is part of, count and are not in the cohort."""
        if not self._count_without_own(place, rows):
            return BitMap()
        return rows - self.own[place] - self.hidden[place]

    def _count_without_own(self, place: int, rows: BitMap) -> int:
        besides = len(rows) - self._sizes[place]
        return besides and besides - rows.intersection_cardinality(self.hidden[place])

    def _beside(self, part: Condition) -> Neighbour | None:
        others = [other for other in self.asked if other != part]
        if isinstance(part, Between):
            return self._beside_range(part, others)
        if isinstance(part, OneOf) and len(part.values) == 1:
            return None
        around = self.counted(self.meeting(others))
        for rows, changed in self._edited(part, around):
            if self.are_few(rows):
                return Neighbour(AllOf((*others, changed, *self.kept)), size_of(rows))
        return None

    def _edited(self, part: Condition, around: Rows) -> Iterator[tuple[Rows, Condition]]:
        """Yield a condition with values or inner conditions left out, and for whom of those around that matters."""
        if isinstance(part, Not):
            yield from ((rows, Not(changed)) for rows, changed in self._edited(part.part, around))
        elif isinstance(part, AllOf):
            meets = [meet([around, self.rows_of(inner)]) for inner in part.parts]
            if len(part.parts) > 1:
                outside = less(around, meet(meets))
                for choice, rows in smallest_sets(outside, [less(outside, inner) for inner in meets], self.most):
                    yield rows, without(part, _bits(choice))
            for place, inner in enumerate(part.parts):
                before, after = part.parts[:place], part.parts[place + 1 :]
                within = meet([around, *meets[:place], *meets[place + 1 :]])
                yield from ((rows, AllOf((*before, new, *after))) for rows, new in self._edited(inner, within))
        elif isinstance(part, OneOf | AnyOf) and len(leaves := leaves_of(part)) > 1:
            are_apart = isinstance(part, OneOf) and part.dimension in ONE_VALUED
            for places, rows in self._only_in(leaves, around, are_apart=are_apart):
                yield rows, without(part, places)

    def _only_in(
        self, leaves: Sequence[Condition], around: Rows, *, are_apart: bool
    ) -> Iterator[tuple[Sequence[int], Rows]]:
        """Yield the smallest choices of values of a list that somebody around has and no other of the list, and who."""
        sets = [self.rows_of(leaf) for leaf in leaves]
        if not are_apart:
            listed = (BitMap.union(*bitmaps) for bitmaps in zip(*sets, strict=True))
            within = tuple(map(and_, around, listed))
            yield from ((_bits(choice), rows) for choice, rows in smallest_sets(within, sets, self.most))
            return
        for place, rows in enumerate(sets):
            if sum(map(BitMap.intersection_cardinality, around, rows)) <= self.most:
                yield [place], meet([around, rows])

    def _beside_range(self, part: Between, others: list[Condition]) -> Neighbour | None:
        """Return the range with an edge moved inward to one as round, or outward to a rounder one or to no bound."""
        column, (start, end) = part.column, span_of(part)
        least, most = self.ends(column)
        around = [self.rows_of(condition) for condition in (*others, *self.kept)]
        for edge, inward, limit in ((start, 1, least), (end, -1, most)):
            if (edge - limit) * inward <= 0:
                continue  # no report lies beyond: there is no bound
            own = roundness(column, edge)
            moved = self._moved([self.own], column, range(edge, start + end - edge, inward), own)
            if moved is None:
                moved = self._moved(around, column, range(edge, limit, -inward), own + 1)
            if moved is not None:
                to, rows = moved
                spanned = spanning(column, to, end) if edge == start else spanning(column, start, to)
                return Neighbour(AllOf((*others, spanned, *self.kept)), rows)
        return None

    def _moved(self, within: Sequence[Rows], column: str, way: range, least: int) -> tuple[int, int] | None:
        """Return the first edge on a way, of a roundness or at its end, up to which some rows lie, and how many.

        None where they are many, or where there are none.
        """
        cells = [cells_of(index, column) for index in self.indexes]
        passed: Rows = tuple(BitMap() for _ in cells)
        for edge in way:
            cell, moved = min(edge, edge + way.step), edge + way.step
            news = self.counted(meet([*within, tuple(each.get(cell, BitMap()) for each in cells)]))
            passed = tuple(map(or_, passed, news))
            if size_of(passed) > self.most:
                return None
            if size_of(passed) and (roundness(column, moved) >= least or moved == way.stop):
                return (moved, size_of(passed)) if self.are_few(passed) else None
        return None

    def ends(self, column: str) -> tuple[int, int]:
        """Return the first cell of a column with any report, and the one behind the last."""
        cells = [cell for index in self.indexes for cell in cells_of(index, column) if cell != UNKNOWN]
        return min(cells, default=1), max(cells, default=0) + 1


def _bits(choice: int) -> list[int]:
    return [place for place in range(choice.bit_length()) if choice >> place & 1]
