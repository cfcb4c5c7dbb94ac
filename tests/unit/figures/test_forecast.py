"""Forecasts on series whose law is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from service.figures.forecast import LEAST_PERIODS, forecast


def series(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """An index that follows the damped trend's own law."""
    level, trend, values = 0.0, 0.01, []
    for error in rng.normal(0, 0.02, count):
        values.append(level + 0.9 * trend + error)
        level, trend = level + 0.9 * trend + 0.4 * error, 0.9 * trend + 0.06 * error
    return 100 * np.exp(np.array(values))


@pytest.mark.parametrize(("periods", "runs"), [(20, 500), (100, 150)])
def test_bands_hold_what_comes_at_their_rate(periods: int, runs: int) -> None:
    rng = np.random.default_rng(11)
    held95, held80 = [], []
    for _ in range(runs):
        world = series(periods + 4, rng)
        for point in forecast(world[:periods], 4).points:
            truth = world[periods + point.ahead - 1]
            held95.append(point.low95 <= truth <= point.high95)
            held80.append(point.low80 <= truth <= point.high80)
    assert 0.93 <= np.mean(held95) <= 0.98
    assert 0.77 <= np.mean(held80) <= 0.88


def test_a_straight_line_is_continued_and_damped() -> None:
    line = 100 * np.exp(0.01 * np.arange(24) + np.random.default_rng(1).normal(0, 1e-4, 24))
    points = forecast(line, 4).points
    steps = np.diff(np.log([line[-1], *(point.value for point in points)]))
    assert 0.004 < steps[-1] < steps[0] <= 0.0105


def test_bands_widen_with_the_distance_and_the_wider_holds_the_narrower() -> None:
    points = forecast(series(24, np.random.default_rng(2)), 6).points
    widths = [point.high95 - point.low95 for point in points]
    assert widths == sorted(widths)
    assert all(p.low95 < p.low80 < p.value < p.high80 < p.high95 for p in points)


def test_fewer_than_eight_periods_are_refused_with_the_reason() -> None:
    found = forecast(np.full(LEAST_PERIODS - 1, 100.0), 4)
    assert (found.points, found.backtest) == ((), None)
    assert "8 periods" in (found.refused or "")


def test_the_backtest_counts_every_origin_and_its_misses() -> None:
    calm = series(24, np.random.default_rng(4))
    backtest = forecast(calm, 1).backtest
    assert backtest is not None
    assert backtest.periods == 24 - LEAST_PERIODS
    jumped = calm.copy()
    jumped[20] *= 1.5
    shaken = forecast(jumped, 1).backtest
    assert shaken is not None
    assert shaken.coverage95 < backtest.coverage95
    assert shaken.mean_absolute_percentage_error > backtest.mean_absolute_percentage_error
