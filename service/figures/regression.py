"""Least squares of log pay on categories: no design matrix, since the normal equations are contingency tables."""

from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

TABLE_CELLS = 1 << 17
"""Most cells of a table of three blocks; a table of doubles this large stays in a core's own cache."""
SMALL_SAMPLE = 5_000
"""Rows up to which leverages are worth their cost."""
ESTIMABLE = 1e-6
"""Tolerance on whether a contrast lies in the row space of the design; it is 0 or of the order of 1."""


class Fit:
    """Ordinary least squares of `y` on an intercept and a dummy for every level of every block of categories.

    Each block is a code for every row. Redundant dummies are resolved by the least norm; what is read off are contrasts
    within a block, which do not depend on that. Levels are the codes as given.
    """

    def __init__(self, y: Floats, blocks: list[Codes]) -> None:
        self.rows = len(y)
        self._levels = [np.flatnonzero(np.bincount(codes)) for codes in blocks]
        self._blocks = [
            np.searchsorted(levels, np.arange(levels[-1] + 1))[codes] if len(levels) else codes
            for codes, levels in zip(blocks, self._levels, strict=True)
        ]
        self._sizes = [len(levels) for levels in self._levels]
        self._starts = np.cumsum([1, *self._sizes])
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
        influence = self._combine(self._inverse @ vector)
        variance = float(np.square(influence) @ self._weights)
        return float(vector @ self.coefficients), variance**0.5

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

    def _combine(self, effects: Floats) -> Floats:
        combined = np.full(self.rows, effects[0])
        for codes, start, size in zip(self._blocks, self._starts, self._sizes, strict=False):
            combined += effects[start : start + size][codes]
        return combined

    def _meat(self, squares: Floats) -> Floats:
        if self.rows > SMALL_SAMPLE:
            return squares * (self.rows / max(self.degrees_of_freedom, 1))
        left = 1 - self._leverages()
        # a row that is alone with a level is fitted exactly, whatever it says
        return np.divide(squares, np.square(left), out=np.zeros_like(squares), where=left > ESTIMABLE)

    def _leverages(self) -> Floats:
        starts = [0, *self._starts[:-1]]
        places = [np.zeros(self.rows, np.int64), *self._blocks]
        held = [start + codes for start, codes in zip(starts, places, strict=True)]
        leverages: Floats = np.sum([self._inverse[one, two] for one in held for two in held], axis=0)
        return leverages

    @cached_property
    def _covariance(self) -> Floats:
        covariance: Floats = self._inverse @ self._tables(self._weights) @ self._inverse
        return covariance

    def _sums(self, weights: Floats | None) -> Floats:
        total = float(self.rows) if weights is None else weights.sum()
        sums = [np.bincount(codes, weights, size) for codes, size in zip(self._blocks, self._sizes, strict=True)]
        return np.concatenate([[total], *sums])

    def _tables(self, weights: Floats | None) -> Floats:
        sums = self._sums(weights)
        products = np.diag(sums)
        products[0], products[:, 0] = sums, sums
        for blocks in _cover(self._sizes):
            sizes = [self._sizes[block] for block in blocks]
            key = np.ravel_multi_index([self._blocks[block] for block in blocks], sizes)
            table = np.bincount(key, weights, int(np.prod(sizes))).reshape(sizes)
            for one, two in combinations(range(len(blocks)), 2):
                pair = table.sum(axis=tuple(axis for axis in range(len(blocks)) if axis not in (one, two)))
                here = slice(self._starts[blocks[one]], self._starts[blocks[one] + 1])
                there = slice(self._starts[blocks[two]], self._starts[blocks[two] + 1])
                products[here, there], products[there, here] = pair, pair.T
        return products


def _cover(sizes: list[int]) -> list[tuple[int, ...]]:
    """Return triples of blocks (pairs where a table would be too large) in which every pair of blocks occurs."""
    missing = set(combinations(range(len(sizes)), 2))
    cover = []
    while missing:
        pair = min(missing)
        best: tuple[int, ...] = pair
        for third in set(range(len(sizes))) - set(pair):
            triple = tuple(sorted((*pair, third)))
            small = np.prod([sizes[block] for block in triple], dtype=np.float64) <= TABLE_CELLS
            if small and len(missing & set(combinations(triple, 2))) > len(missing & set(combinations(best, 2))):
                best = triple
        cover.append(best)
        missing -= set(combinations(best, 2))
    return cover
