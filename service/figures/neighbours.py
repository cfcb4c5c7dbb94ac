"""Neighbours: cohorts that differ from another by so few people that two answers side by side would tell their pay.

Only who is in a cohort is looked at, never what anybody earns: that a cohort is withheld says nothing of pay.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import and_

from pyroaring import BitMap

from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, AnyOf, Between, Condition, Known, Not, OneOf, parts_of
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension
from service.figures.edges import cells_of, roundness, span_of, spanning
from service.figures.parts import Part

LARGE = 1_600
"""Reports from which on only what was asked is looked at, not what the reports have in common besides."""
MOST_REPORTS_A_PERSON = 50
"""More rows than this for each of the few people count as more people, uncounted."""
MOST_LOOKED_AT = 2_000

PLACES = (Dimension.METRO, Dimension.REGION, Dimension.COUNTRY, Dimension.TECHNOLOGY_HUB)
ROLLED_UP = {
    Dimension.METRO: PLACES,
    Dimension.REGION: PLACES,
    Dimension.COMPANY: (Dimension.INDUSTRY, Dimension.COMPANY_SIZE, Dimension.ML_CENTRALITY, Dimension.PAY_POLICY),
}
"""What a list of values of a dimension can be put more broadly in."""

Rows = tuple[BitMap, ...]
"""Rows in each of the snapshot's indexes."""


def neighbour_of(cohort: Cohort, few: int) -> Condition | None:
    """Return what a cohort can be asked with that differs by 1 to `few` people; None where there is none.

    Wider ones are found by leaving out any of the conditions, and in a cohort below LARGE any of the values that all
    its reports have in common, which is every way to ask for it by single values. Narrower ones by leaving out one
    value of a list or moving the edge of a range to the next that is as round; and ranges are compared with rounder
    ones. So of two cohorts that differ by few people one is always withheld: the odd one.
    """
    return Neighbourhood(cohort, few).find() if len(cohort) and few else None


class Neighbourhood:
    """What lies around a cohort."""

    def __init__(self, cohort: Cohort, few: int) -> None:
        self.cohort, self.few, self.snapshot = cohort, few, cohort.snapshot
        self._own: Rows = cohort.rows
        whole = dict.fromkeys(parts_of(cohort.where))
        self.asked: list[Condition] = [part for part in whole if not isinstance(part, Known)]
        self.kept: list[Condition] = [part for part in whole if isinstance(part, Known)]
        self._known: dict[Condition, Rows] = {}

    def find(self) -> Condition | None:
        """Return a neighbour, None where there is none."""
        return self._wider() or next((found for part in self.asked if (found := self._beside(part))), None)

    def _rows(self, condition: Condition) -> Rows:
        if condition not in self._known:
            books = self.snapshot.codebooks
            self._known[condition] = tuple(condition.rows(index, books) for index, _ in self.snapshot.held)
        return self._known[condition]

    def meeting(self, conditions: Iterable[Condition]) -> Rows:
        """Return who meets some conditions and names the measure, as the cohort does."""
        found = [self._rows(condition) for condition in (*conditions, *self.kept)]
        return tuple(
            (reduce(and_, sorted((rows[place] for rows in found), key=len)) if found else index.everything) - hidden
            for place, (index, hidden) in enumerate(self.snapshot.held)
        )

    def are_few(self, rows: Rows) -> bool:
        """Return whether rows are of at least one person, and of few."""
        count = size_of(rows)
        if not self.few < count <= self.few * MOST_REPORTS_A_PERSON:
            return 0 < count <= self.few
        parts = [Part(index, bitmap) for bitmap, (index, _) in zip(rows, self.snapshot.held, strict=True)]
        return not Cohort(self.snapshot, parts, lambda: self.cohort.where).has_contributors(self.few + 1)

    def _wider(self) -> Condition | None:
        """Return what is left of the conditions where leaving some out lets in few people.

        A condition that another one implies goes with that one; leaving out what changes nothing leads on.
        """
        everything = size_of(self.meeting(()))
        atoms = [atom for atom in self._atoms() if size_of(self.meeting([atom])) < everything]
        implying = [
            sum(1 << place for place, other in enumerate(atoms) if self._implies(other, atom)) for atom in atoms
        ]
        waiting = [(1 << len(atoms)) - 1]
        seen = set(waiting)
        while waiting and len(seen) < MOST_LOOKED_AT:
            held = waiting.pop()
            for place in range(len(atoms)):
                left = held & ~implying[place]
                if not held >> place & 1 or left in seen:
                    continue
                seen.add(left)
                rest = [atom for other, atom in enumerate(atoms) if left >> other & 1]
                rows = self.meeting(rest)
                if size_of(rows) == len(self.cohort):
                    waiting.append(left)
                elif self.are_few(less(rows, self._own)):
                    return AllOf((*rest, *self.kept))
        return None

    def _implies(self, one: Condition, other: Condition) -> bool:
        return all(a.issubset(b) for a, b in zip(self._rows(one), self._rows(other), strict=True))

    def _atoms(self) -> list[Condition]:
        if len(self.cohort) >= LARGE:
            return self.asked
        return list(dict.fromkeys([*self.asked, *self._shared()]))

    def _shared(self) -> Iterator[Condition]:
        """Yield what all reports have in common: one value of a dimension, or the values that were asked for."""
        lists = {part.dimension for part in self.asked if isinstance(part, OneOf) and len(part.values) > 1}
        lists |= set(PLACES) if any(isinstance(part, AnyOf) for part in self.asked) else set()
        whole = lists.union(*(ROLLED_UP.get(dimension, ()) for dimension in lists))
        for dimension, held in PROPERTIES.items():
            names = self.snapshot.codebooks[dimension].values
            if held.many:
                found = self._carried_by_all(dimension)
                yield from (OneOf(dimension, frozenset({names[code]})) for code in found)
                continue
            codes = self.cohort.codes(dimension)
            first, last = int(codes.min()), int(codes.max())
            if first == UNKNOWN:
                continue
            if first == last:
                yield OneOf(dimension, frozenset({names[first]}))
            elif dimension in whole:
                yield OneOf(dimension, frozenset(names[code] for code in set(codes.tolist())))
            elif dimension in (Dimension.YEAR, Dimension.EXPERIENCE_BAND):
                yield OneOf(dimension, frozenset(names[first : last + 1]))

    def _carried_by_all(self, dimension: Dimension) -> list[int]:
        found: set[int] | None = None
        for part in self.cohort.parts:
            held = {code for code, rows in part.index.bitmaps(dimension).items() if part.bitmap.issubset(rows)}
            found = held if found is None else found & held
        return sorted(found or ())

    def _beside(self, part: Condition) -> Condition | None:
        others = [other for other in self.asked if other != part]
        if isinstance(part, Between):
            return self._beside_range(part, others)
        waiting: list[Condition] = [part]
        seen: set[Condition] = {part}
        while waiting and len(seen) < MOST_LOOKED_AT:
            for changed in _variations(waiting.pop()):
                if changed in seen:
                    continue
                seen.add(changed)
                rows = self.meeting([*others, changed])
                more, fewer = less(rows, self._own), less(self._own, rows)
                if not size_of(more) and not size_of(fewer):
                    waiting.append(changed)
                elif (not size_of(more) or not size_of(fewer)) and self.are_few(_either(more, fewer)):
                    return AllOf((*others, changed, *self.kept))
        return None

    def _beside_range(self, part: Between, others: list[Condition]) -> Condition | None:
        """Return the range with an edge moved inward to one as round, or outward to a rounder one or to no bound."""
        column, (start, end) = part.column, span_of(part)
        least, most = self._ends(column)
        around = self.meeting(others)
        for edge, inward, limit in ((start, 1, least), (end, -1, most)):
            if (edge - limit) * inward <= 0:
                continue  # no report lies beyond: there is no bound
            own = roundness(column, edge)
            moved = self._moved(self._own, column, range(edge, start + end - edge, inward), own)
            if moved is None:
                moved = self._moved(around, column, range(edge, limit, -inward), own + 1)
            if moved is not None:
                spanned = spanning(column, moved, end) if edge == start else spanning(column, start, moved)
                return AllOf((*others, spanned, *self.kept))
        return None

    def _moved(self, rows: Rows, column: str, way: range, least: int) -> int | None:
        """Return the first edge on a way, of a roundness or at its end, up to which some rows lie, where they are few.

        None where they are many, or where there are none.
        """
        held = [cells_of(index, column) for index, _ in self.snapshot.held]
        passed: Rows = tuple(BitMap() for _ in held)
        for edge in way:
            cell, moved = min(edge, edge + way.step), edge + way.step
            passed = tuple(
                before | (within & cells.get(cell, BitMap()))
                for before, within, cells in zip(passed, rows, held, strict=True)
            )
            if size_of(passed) > self.few * MOST_REPORTS_A_PERSON:
                return None
            if size_of(passed) and (roundness(column, moved) >= least or moved == way.stop):
                return moved if self.are_few(passed) else None
        return None

    def _ends(self, column: str) -> tuple[int, int]:
        cells = [cell for index, _ in self.snapshot.held for cell in cells_of(index, column) if cell != UNKNOWN]
        return min(cells, default=1), max(cells, default=0) + 1


def _variations(part: Condition) -> Iterator[Condition]:
    """Yield a condition with one value or one of its parts left out, at any depth."""
    if isinstance(part, OneOf) and len(part.values) > 1:
        yield from (OneOf(part.dimension, part.values - {value}) for value in sorted(part.values))
    elif isinstance(part, AllOf | AnyOf):
        for place, inner in enumerate(part.parts):
            rest = (*part.parts[:place], *part.parts[place + 1 :])
            if rest or isinstance(part, AllOf):
                yield type(part)(rest)
            for changed in _variations(inner):
                yield type(part)((*part.parts[:place], changed, *part.parts[place + 1 :]))
    elif isinstance(part, Not):
        yield from (Not(changed) for changed in _variations(part.part))


def size_of(rows: Rows) -> int:
    """Return how many rows there are."""
    return sum([len(bitmap) for bitmap in rows])


def less(one: Rows, other: Rows) -> Rows:
    """Return the rows of the one that are not of the other."""
    return tuple(a - b for a, b in zip(one, other, strict=True))


def _either(one: Rows, other: Rows) -> Rows:
    return tuple(a | b for a, b in zip(one, other, strict=True))
