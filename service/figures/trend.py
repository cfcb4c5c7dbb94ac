"""Trends: a cohort cut by time, the index at constant mix, and the growth over the last year."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from service.figures.cohort import Cohort
from service.figures.comparison import converted, published_ratio
from service.figures.compiled import special
from service.figures.dimensions import Dimension
from service.figures.estimates import Estimate, EstimateKind, round_to
from service.figures.extremes import LARGE
from service.figures.money import Basis, Measure
from service.figures.premium import LEAST_FREEDOM, effect_of
from service.figures.privacy import Policy, suppression_of
from service.figures.quantiles import CONFIDENCE
from service.figures.regression import Fit
from service.figures.resolution import effect_step, rounded

CONTROLS = (Dimension.ROLE, Dimension.LEVEL, Dimension.COUNTRY, Dimension.WORK_MODE, Dimension.COMPANY_SIZE)
"""The mix that the index holds constant; a value that is not known is a level of its own."""


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
PERIODS_A_YEAR = {Interval.MONTH: 12, Interval.QUARTER: 4, Interval.YEAR: 1}


@dataclass(frozen=True)
class TrendPoint:
    """The reports whose pay took effect in a period: "2024", "2024-Q3" or "2024-07"; `code` counts periods."""

    period: str
    start: date
    code: int
    cohort: Cohort


@dataclass(frozen=True)
class Growth:
    """Change over the last year, as ratios less one; the mix effect is what the raw one has on top of the adjusted."""

    raw: Estimate | None
    adjusted: Estimate | None
    mix_effect: float | None


def trend_points(cohort: Cohort, interval: Interval) -> list[TrendPoint]:
    """Return the periods that have reports, in order of time."""
    dimension = DIMENSION_OF[interval]
    names = cohort.snapshot.codebooks[dimension].values
    groups = sorted(cohort.groups(dimension).items())
    return [TrendPoint(names[code], _start(names[code]), code, group) for code, group in groups]


def _start(period: str) -> date:
    year, _, part = period.partition("-")
    month = (int(part[1:]) - 1) * 3 + 1 if part.startswith("Q") else int(part or 1)
    return date(int(year), month, 1)


class AdjustedTrend:
    """Log pay on time and on the mix of reports, over one cohort: the time-dummy hedonic index.

    De Haan and Diewert (2013), Handbook on Residential Property Price Indices, chapter 5. Periods that may not be
    published are left out of the regression, so that the index says nothing about them. `index` is by period, the first
    published one = 100, and empty where there can be none; `growth` is from a year before the last published period to
    it, None where either is missing.
    """

    def __init__(self, cohort: Cohort, interval: Interval, measure: Measure, basis: Basis, policy: Policy) -> None:
        self._column, self._basis, self._digits = basis.column(measure), basis, policy.digits
        known = basis.counted(cohort, self._column)
        points = [point for point in trend_points(known, interval) if suppression_of(point.cohort, policy) is None]
        paid = basis.amounts(known, self._column)
        fit = _fit(known, paid, DIMENSION_OF[interval], [point.code for point in points], policy.minimum_contributors)
        self._periods = [(point.code, point.period) for point in points]
        self.index = self._index(points, fit) if fit else {}
        self.growth = self._growth(points, fit, PERIODS_A_YEAR[interval])

    def _index(self, points: list[TrendPoint], fit: "_Fit") -> dict[str, Estimate]:
        freedom, by_code = fit.degrees_of_freedom, {point.code: point for point in points}
        first = len(points[0].cohort)
        return {
            by_code[code].period: _percent(
                *effect, freedom, min(first, len(by_code[code].cohort)), self._rates(by_code[code], points[0])
            )
            for code, effect in fit.contrasts(0, points[0].code).items()
            if len(by_code[code].cohort) >= LARGE or fit.rests_on_enough(code, points[0].code)
        }

    def _rates(self, one: TrendPoint, other: TrendPoint) -> float:
        return self._basis.scale(one.cohort) / self._basis.scale(other.cohort)

    def run(self) -> list[tuple[int, float]]:
        """Return the codes and the index of the last periods without a gap between them, oldest first."""
        held = [(code, self.index[period].value) for code, period in self._periods if period in self.index]
        gaps = [place for place in range(1, len(held)) if held[place][0] != held[place - 1][0] + 1]
        return held[max(gaps, default=0) :]

    def _growth(self, points: list[TrendPoint], fit: "_Fit | None", periods_a_year: int) -> Growth | None:
        by_code = {point.code: point for point in points}
        last = max(by_code, default=0)
        before = by_code.get(last - periods_a_year)
        if before is None:
            return None
        now, then = (self._basis.ordered(point.cohort, self._column) for point in (by_code[last], before))
        rates = self._rates(by_code[last], before)
        raw = published_ratio(now, then, self._digits, rates)
        found = fit.contrast(0, last, before.code) if fit else None
        if found is None or fit is None or not fit.rests_on_enough(last, before.code):
            return Growth(raw, None, None)
        fewest = min(len(point.cohort) for point in (by_code[last], before))
        adjusted = converted(effect_of(*found, fit.degrees_of_freedom, fewest), rates)
        return Growth(raw, adjusted, round_to((1 + raw.value) / (1 + adjusted.value) - 1, 3))


class _Fit(Fit):
    """Log pay on time and on the mix; effects may have to rest on at least so many people."""

    def __init__(
        self, y: NDArray[np.float64], blocks: list[NDArray[np.integer]], people: NDArray[np.integer], least: int
    ) -> None:
        super().__init__(y, blocks)
        self._people, self._least = people, least

    def rests_on_enough(self, one: int, other: int) -> bool:
        """Return whether the effect of a period against itself or another rests on enough people of either."""
        return one == other or self.rests_on(0, one, other, self._people) >= self._least


def _fit(cohort: Cohort, paid: NDArray[np.float64], time: Dimension, published: list[int], least: int) -> _Fit | None:
    if len(published) < 2:
        return None
    periods = cohort.codes(time)
    used = (paid > 0) & np.isin(periods, published)
    blocks = [periods[used], *(cohort.codes(control)[used] for control in CONTROLS)]
    fit = _Fit(np.log(paid[used]), blocks, cohort.column("contributor")[used], least)
    return fit if fit.degrees_of_freedom >= LEAST_FREEDOM else None


def _percent(log_effect: float, error: float, freedom: int, n: int, rates: float) -> Estimate:
    half = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    step = 100 * effect_step(n)
    value, low, high = (rounded(100 * float(np.exp(log_effect + shift)), step) for shift in (0.0, -half, half))
    estimate = Estimate(value, low, high, EstimateKind.MODELLED)
    return estimate if rates == 1 else estimate.changed(lambda index: rounded(index * rates, step))
