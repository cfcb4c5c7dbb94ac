"""The official statistic for the nearest occupation, beside ours and never mixed in."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.figures.cohort import Cohort
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import round_to
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy

TABLE = Path(__file__).with_name("official.csv")
COUNTRY = "US"
LEAST_SHARE = 0.9
"""Of a cohort's reports that must be of the occupation's roles, and of the country, for the two to be comparable."""
NOTE = (
    "OEWS counts wages and salaries with tips and production bonuses, not other bonuses, stock or benefits, of all "
    "levels together, so it stands beside our base pay. BLS has no occupation for ML engineers: this is the nearest."
)


@dataclass(frozen=True)
class Benchmark:
    """An official statistic, US dollars a year; `relative_gap` is our median base over its median, less one."""

    source: str
    occupation: str
    area: str
    as_of: str
    median: float
    p10: float | None
    p25: float | None
    p75: float | None
    p90: float | None
    relative_gap: float | None
    note: str = NOTE


def benchmark(cohort: Cohort, policy: Policy) -> Benchmark | None:
    """Return the official statistic beside a cohort; None where there is none for its roles and country."""
    if len(cohort.carrying(Dimension.COUNTRY, COUNTRY)) < LEAST_SHARE * max(len(cohort), 1):
        return None
    for row in _table():
        share = sum(len(cohort.carrying(Dimension.ROLE, role)) for role in row["roles"].split("|"))
        if share >= LEAST_SHARE * len(cohort):
            ours = Distribution(cohort, Measure.BASE, Basis(), policy).quantile(0.5)
            gap = round_to(ours.value / float(row["median"]) - 1, 3) if ours else None
            return _benchmark(row, gap)
    return None


def _benchmark(row: dict[str, str], gap: float | None) -> Benchmark:
    p10, p25, p75, p90 = (float(row[name]) if row[name] else None for name in ("p10", "p25", "p75", "p90"))
    occupation, median = f"{row['occupation']} ({row['soc']})", float(row["median"])
    return Benchmark(row["source"], occupation, row["area"], row["as_of"], median, p10, p25, p75, p90, gap)


@cache
def _table() -> tuple[dict[str, str], ...]:
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return tuple(csv.DictReader(rows))
