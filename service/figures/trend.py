"""Trends: a cohort cut by time."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.figures.cohort import Cohort
from service.figures.dimensions import Dimension


class Interval(StrEnum):
    """The length of a period."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


DIMENSION_OF = {
    Interval.MONTH: Dimension.MONTH,
    Interval.QUARTER: Dimension.QUARTER,
    Interval.YEAR: Dimension.YEAR,
}


@dataclass(frozen=True)
class TrendPoint:
    """The reports whose pay took effect in a period: "2024", "2024-Q3" or "2024-07"."""

    period: str
    start: date
    cohort: Cohort


def trend_points(cohort: Cohort, interval: Interval) -> list[TrendPoint]:
    """Return the periods that have reports, in order of time."""
    dimension = DIMENSION_OF[interval]
    names = cohort.snapshot.codebooks[dimension].values
    return [
        TrendPoint(names[code], _start(names[code]), group) for code, group in sorted(cohort.groups(dimension).items())
    ]


def _start(period: str) -> date:
    year, _, part = period.partition("-")
    month = (int(part[1:]) - 1) * 3 + 1 if part.startswith("Q") else int(part or 1)
    return date(int(year), month, 1)
