"""Forecasts: a damped trend on the index at constant mix, with bands, and a backtest that says how far to trust it."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from service.figures.compiled import special
from service.figures.estimates import round_to

Floats = NDArray[np.float64]

METHOD = (
    "Additive damped trend (Gardner and McKenzie 1985) on the log of the index at constant mix, averaged over weights "
    "of smoothing by their likelihood; bands by its state space model (Hyndman et al. 2008, table 6.2), Student's t."
)
LEAST_PERIODS = 8
MOST_PERIODS_AHEAD = 12
PARAMETERS = 4
"""Fitted: two smoothing weights and the two states that the series begins from; the damping is one of few."""

GRID = np.array(
    [
        (level, level * trend, damping)
        for level, trend, damping in product((0.05, 0.2, 0.4, 0.6, 0.8, 0.95), (0.0, 0.05, 0.15, 0.4), (0.8, 0.9, 0.98))
    ]
)
"""Choices: an error's weight in the level, its weight in the trend, the share of a trend left after a period."""


@dataclass(frozen=True)
class ForecastPoint:
    """The index `ahead` periods after the last, first published period = 100, with its 80% and 95% band."""

    ahead: int
    value: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True)
class Backtest:
    """One-step forecasts from every origin that had enough periods before it, against what came."""

    periods: int
    mean_absolute_percentage_error: float
    coverage95: float


@dataclass(frozen=True)
class Forecast:
    """Points, or why there are none."""

    points: tuple[ForecastPoint, ...]
    backtest: Backtest | None
    refused: str | None
    method: str = METHOD


def forecast(index: Floats, periods: int) -> Forecast:
    """Return the next periods of an index without gaps; refused where it has fewer than 8 periods."""
    if len(index) < LEAST_PERIODS:
        return Forecast((), None, f"A forecast needs {LEAST_PERIODS} periods in a row; {len(index)} can be published.")
    logs = np.log(index)
    ahead = np.arange(1, periods + 1)
    center, error, freedom = _ahead(logs, periods)
    bands = {level: special.stdtrit(freedom, (1 + level) / 2) * error for level in (0.8, 0.95)}
    columns = [center, center - bands[0.8], center + bands[0.8], center - bands[0.95], center + bands[0.95]]
    rows = np.exp(np.column_stack(columns)).tolist()
    points = [ForecastPoint(int(h), *(round_to(x, 4) for x in row)) for h, row in zip(ahead, rows, strict=True)]
    return Forecast(tuple(points), _backtest(logs), None)


def _backtest(logs: Floats) -> Backtest | None:
    errors, covered = [], []
    for origin in range(LEAST_PERIODS, len(logs)):
        center, error, freedom = _ahead(logs[:origin], 1)
        errors.append(abs(np.expm1(center[0] - logs[origin])))
        covered.append(abs(center[0] - logs[origin]) <= special.stdtrit(freedom, 0.975) * error[0])
    if not errors:
        return None
    return Backtest(len(errors), round_to(float(np.mean(errors)), 3), round_to(float(np.mean(covered)), 3))


def _ahead(logs: Floats, periods: int) -> tuple[Floats, Floats, int]:
    """Return the centers and standard errors of the next periods, and the degrees of freedom of the errors.

    Of one best choice of weights the bands of short series are too narrow by a third; the average over choices has what
    is not known about the weights in its variance.
    """
    errors, levels, trends = _smooth(logs)
    freedom = len(logs) - PARAMETERS
    squares = (errors**2).sum(axis=0)
    weights = np.exp(-freedom / 2 * np.log(squares / squares.min()))
    weights /= weights.sum()
    level_weight, trend_weight, damping = GRID.T
    left = np.cumsum(damping ** np.arange(1, periods + 1)[:, None], axis=0)
    centers = levels + left * trends
    # what an error some periods ago has done to the level by now
    effect = np.square(level_weight + trend_weight * left)
    spread = 1 + np.concatenate([np.zeros((1, len(GRID))), np.cumsum(effect[:-1], axis=0)])
    center = centers @ weights
    variance = (squares / freedom * spread + np.square(centers - center[:, None])) @ weights
    return center, np.sqrt(variance), freedom


def _smooth(logs: Floats) -> tuple[Floats, Floats, Floats]:
    # every choice of the grid at once; the first states are those of the straight line through the series' beginning
    level_weight, trend_weight, damping = GRID.T
    beginning = min(len(logs), 2 * LEAST_PERIODS)
    slope, start = np.polyfit(np.arange(1, beginning + 1), logs[:beginning], 1)
    level, trend = np.full(len(GRID), start), np.full(len(GRID), slope)
    errors = np.empty((len(logs), len(GRID)))
    for period, value in enumerate(logs):
        expected = level + damping * trend
        errors[period] = value - expected
        level = expected + level_weight * errors[period]
        trend = damping * trend + trend_weight * errors[period]
    return errors, level, trend
