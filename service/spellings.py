"""Look-up of words by what people type: exact, by beginning, and by likeness, among tens of thousands in milliseconds.

Likeness is asked of a few hundred spellings only: those that share most pairs of letters with the text.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process, utils

LEAST_SIMILARITY = 80
"""Of 100; below it a spelling is not offered. A typo in five letters still finds a word; Barcelona is no Bangalore."""
COMPARED = 100
"""How many spellings are compared letter by letter, by each of two measures of shared pairs."""
LAST = "\U0010ffff"


class Spellings:
    """Ways to write the codes of one vocabulary; more may be added. The first code that has a spelling keeps it."""

    def __init__(self, words: Iterable[tuple[str, str]] = ()) -> None:
        self._codes: dict[str, str] = {}
        self._names: list[str] = []
        self._sorted: list[str] = []
        self._sizes = array("H")
        self._with: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self.add(words)

    def add(self, words: Iterable[tuple[str, str]]) -> None:
        """Add spellings, each with its code."""
        for spelling, code in words:
            name = utils.default_process(spelling)
            if name and name not in self._codes:
                pairs = _pairs(name)
                for pair in pairs:
                    self._with[pair].append(len(self._names))
                self._codes[name] = code
                self._names.append(name)
                self._sizes.append(len(pairs))

    def search(self, text: str, first: int) -> list[str]:
        """Return at most `first` codes whose spellings are most like a text, best first; typos are forgiven."""
        wanted = utils.default_process(text)
        if not wanted:
            return []
        exact = [self._codes[wanted]] if wanted in self._codes else []
        near = [self._names[number] for number in self._near(wanted, max(COMPARED, first))]
        alike = process.extract(wanted, near, scorer=fuzz.WRatio, limit=None, score_cutoff=LEAST_SIMILARITY)
        found = [
            *exact,
            *(self._codes[name] for name in self._begun(wanted)),
            *(self._codes[name] for name, _, _ in alike),
        ]
        return list(dict.fromkeys(found))[:first]

    def _begun(self, wanted: str) -> list[str]:
        if len(self._sorted) < len(self._names):
            self._sorted = sorted(self._names)
        start = bisect_left(self._sorted, wanted)
        end = bisect_left(self._sorted, wanted + LAST, start)
        return sorted(self._sorted[start:end], key=len)

    def _near(self, wanted: str, most: int) -> NDArray[np.int64]:
        pairs = _pairs(wanted)
        held = [np.frombuffer(self._with[pair], np.uint32) for pair in pairs if pair in self._with]
        if not held:
            return np.empty(0, np.int64)
        shared = np.bincount(np.concatenate(held), minlength=len(self._names))
        # a text is like a spelling of its length (Dice), or is a part of a longer one
        alike = 2 * shared / (len(pairs) + np.frombuffer(self._sizes, np.uint16))
        most = min(most, int(np.count_nonzero(shared)))
        return np.unique(np.concatenate([_highest(alike, most), _highest(shared + alike, most)]))


def _pairs(name: str) -> set[str]:
    return {a + b for a, b in pairwise(f" {name} ")}


def _highest(scores: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    return np.argpartition(scores, len(scores) - most)[-most:]
