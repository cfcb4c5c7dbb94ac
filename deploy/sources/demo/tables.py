"""The demo's tables: what there is, how people spell it, how its share changes, what it adds to the log of pay."""

import csv
from functools import cached_property
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

FOLDER = Path(__file__).parent


class Table:
    """One CSV of this folder; its first column is the code."""

    def __init__(self, name: str) -> None:
        with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            self.rows = list(csv.DictReader(lines))
        self.codes = [next(iter(row.values())) for row in self.rows]

    def numbers(self, column: str) -> Floats:
        """Return a column of numbers; blank is 0."""
        return np.array([float(row[column] or 0) for row in self.rows])

    def texts(self, column: str) -> list[list[str]]:
        """Return a column of alternatives, the most common first; none where it is blank."""
        return [row[column].split("|") if row[column] else [] for row in self.rows]

    @cached_property
    def spellings(self) -> list[list[str]]:
        """How people write each row."""
        return self.texts("spellings")

    @cached_property
    def premium(self) -> Floats:
        """What each row adds to the log of pay."""
        return self.numbers("premium")

    def shares(self, progress: Floats) -> Floats:
        """Return the share column at each moment (0 the start of the demo, 1 its end): moments x rows."""
        start, end = self.numbers("share_2021"), self.numbers("share_2026")
        return start + progress[:, None] * (end - start)

    def draw(self, rng: np.random.Generator, progress: Floats) -> Indices:
        """Draw one row for each moment, by the shares at that moment."""
        cumulative = np.cumsum(self.shares(progress), axis=1)
        drawn = rng.random(len(progress)) * cumulative[:, -1]
        row: Indices = (drawn[:, None] >= cumulative).sum(axis=1)
        return row


def choose(alternatives: list[str], random: Random) -> str:
    """Choose a spelling: the first is the most common."""
    return alternatives[int(random.random() ** 2 * len(alternatives))]


TITLES = Table("titles")
LEVELS = Table("levels")
PLACES = Table("places")
INDUSTRIES = Table("industries")
SIZES = Table("sizes")
SPECIALIZATIONS = Table("specializations")
SKILLS = Table("skills")
DEGREES = Table("degrees")
FIELDS = Table("fields")
WORK_MODES = Table("work_modes")
EMPLOYMENTS = Table("employments")
