"""Least squares of log pay on categories: no design matrix, since the normal equations are contingency tables."""

from functools import cached_property
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

from service.figures.compiled import tables

Codes = NDArray[np.uint16]
Floats = NDArray[np.float64]

SMALL_SAMPLE = 5_000
"""Rows up to which leverages are worth their cost."""
MOST_CHECKED = 250
"""Rows that count alike, from which on they are taken to be of enough people."""
ESTIMABLE = 1e-6
"""Tolerance on whether a contrast lies in the row space of the design; it is 0 or of the order of 1."""


class Fit:
    """Ordinary least squares of `y` on an intercept and a dummy for every level of every block of categories.

    Each block is a code for every row, at least 0 and below 65,536. Redundant dummies are resolved by the least norm;
    what is read off are contrasts within a block, which do not depend on that. Levels are the codes as given.
    """

    def __init__(self, y: Floats, blocks: list[NDArray[np.integer]]) -> None:
        self.rows = len(y)
        self._blocks: list[Codes] = [np.ascontiguousarray(codes, np.uint16) for codes in blocks]
        self._sizes = [int(codes.max(initial=0)) + 1 for codes in self._blocks]
        self._counts = [tables.count_codes(codes, size) for codes, size in zip(self._blocks, self._sizes, strict=True)]
        self._levels = [np.flatnonzero(counts) for counts in self._counts]
        self._starts = np.cumsum([1, *(len(levels) for levels in self._levels)])
        self._products = self._tables(None)
        self._inverse = np.linalg.pinv(self._products, hermitian=True)
        self.rank = round(float(np.trace(self._inverse @ self._products)))
        self.coefficients: Floats = self._inverse @ self._sums(y)
        self._weights = self._meat(np.square(y - self._combine(self.coefficients)))

    @property
    def degrees_of_freedom(self) -> int:
        """Return rows less the rank of the design."""
        return self.rows - self.rank

    def contrast(self, block: int, one: int, other: int) -> tuple[float, float] | None:
        """Return the effect of level `one` against `other` of a block, and its robust standard error.

        HC3 up to SMALL_SAMPLE rows (MacKinnon and White 1985, Journal of Econometrics 29(3)), above it HC1 (White 1980,
        Econometrica 48(4), times rows / (rows - rank)), from which it then no longer differs. None where the rows
        cannot tell the effect from those of the other blocks.
        """
        vector = self._vector(block, one, other)
        if vector is None:
            return None
        variance = float(np.square(self._influence(vector)) @ self._weights)
        return float(vector @ self.coefficients), variance**0.5

    def rests_on(self, block: int, one: int, other: int, people: NDArray[np.integer]) -> float:
        """Return on how many people of the two levels a contrast rests, at least: Kish's effective number of either.

        Who is alone with a level of another block is fitted by that one, and says nothing of the contrast. `people`
        tells one person's rows from those of others; rows of 0 are of somebody each.
        """
        vector = self._vector(block, one, other)
        if vector is None:
            return 0.0
        influence = np.abs(self._influence(vector))
        return min(
            _effective(influence[mine], people[mine]) for mine in (self._blocks[block] == c for c in (one, other))
        )

    def contrasts(self, block: int, other: int) -> dict[int, tuple[float, float]]:
        """Return the contrast of every level of a block against `other`, for the levels that have one."""
        vectors = {level: self._vector(block, level, other) for level in self._levels[block].tolist()}
        return {
            level: (float(vector @ self.coefficients), float(vector @ self._covariance @ vector) ** 0.5)
            for level, vector in vectors.items()
            if vector is not None
        }

    def _vector(self, block: int, one: int, other: int) -> Floats | None:
        places = [np.searchsorted(self._levels[block], level) for level in (one, other)]
        vector = np.zeros(len(self.coefficients))
        vector[self._starts[block] + places[0]] += 1
        vector[self._starts[block] + places[1]] -= 1
        beyond = np.abs(vector - self._products @ (self._inverse @ vector)).max()
        return vector if beyond < ESTIMABLE and self.degrees_of_freedom > 0 else None

    def _influence(self, vector: Floats) -> Floats:
        """Return by how much each row's value counts in a contrast."""
        return self._combine(self._inverse @ vector)

    def _combine(self, effects: Floats) -> Floats:
        combined = np.full(self.rows, effects[0])
        for codes, levels, size, (start, end) in zip(
            self._blocks, self._levels, self._sizes, pairwise(self._starts), strict=True
        ):
            by_code = np.zeros(size)
            by_code[levels] = effects[start:end]
            tables.add_by_code(combined, codes, by_code)
        return combined

    def _meat(self, squares: Floats) -> Floats:
        if self.rows > SMALL_SAMPLE:
            return squares * (self.rows / max(self.degrees_of_freedom, 1))
        left = 1 - self._leverages()
        # a row that is alone with a level is fitted exactly, whatever it says
        return np.divide(squares, np.square(left), out=np.zeros_like(squares), where=left > ESTIMABLE)

    def _leverages(self) -> Floats:
        places = [
            start + np.searchsorted(levels, codes)
            for codes, levels, start in zip(self._blocks, self._levels, self._starts, strict=False)
        ]
        held = [np.zeros(self.rows, np.int64), *places]
        leverages: Floats = np.sum([self._inverse[one, two] for one in held for two in held], axis=0)
        return leverages

    @cached_property
    def _covariance(self) -> Floats:
        covariance: Floats = self._inverse @ self._tables(self._weights) @ self._inverse
        return covariance

    def _sums(self, weights: Floats | None) -> Floats:
        """Return the sum of the weights, or the number of rows, of every column of the design."""
        total, by_code = float(self.rows), self._counts
        if weights is not None:
            total = weights.sum()
            by_code = [
                tables.sum_by_code(codes, weights, size) for codes, size in zip(self._blocks, self._sizes, strict=True)
            ]
        sums = [found[levels] for found, levels in zip(by_code, self._levels, strict=True)]
        return np.concatenate([[total], *sums])

    def _tables(self, weights: Floats | None) -> Floats:
        """Return the products of the columns of the design, each row weighted: counts of pairs of levels."""
        sums = self._sums(weights)
        products = np.diag(sums)
        products[0], products[:, 0] = sums, sums
        for one, two in combinations(range(len(self._blocks)), 2):
            pair = self._pair(one, two, weights)[np.ix_(self._levels[one], self._levels[two])]
            here, there = (slice(self._starts[block], self._starts[block + 1]) for block in (one, two))
            products[here, there], products[there, here] = pair, pair.T
        return products

    def _pair(self, one: int, two: int, weights: Floats | None) -> Floats:
        codes, sizes = (self._blocks[one], self._blocks[two]), (self._sizes[one], self._sizes[two])
        return tables.count_pairs(*codes, *sizes) if weights is None else tables.sum_by_pair(*codes, weights, *sizes)


def _effective(weights: Floats, people: NDArray[np.integer]) -> float:
    squares = float(np.square(weights).sum())
    if not squares:
        return 0.0
    if weights.sum() ** 2 > MOST_CHECKED * squares:
        return float(MOST_CHECKED)
    named = people != 0
    by_person = np.bincount(np.unique(people[named], return_inverse=True)[1], weights[named])
    of_each = np.concatenate([weights[~named], by_person])
    return float(of_each.sum() ** 2 / np.square(of_each).sum())


def warm() -> None:
    """Have everything compiled before anybody waits for it."""
    codes = np.array([0, 1, 0, 1])
    Fit(np.zeros(len(codes)), [codes, codes]).contrasts(0, 0)
