"""How often 95% intervals hold the truth, on data whose truth is known: `python -m tests.bench.coverage`."""

from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import stats

from service.figures.comparison import median_difference, median_ratio
from service.figures.forecast import forecast
from service.figures.quantiles import SortedValues, interval_ranks, mean_interval
from service.figures.regression import Fit

RUNS = 2_000
SIZES = (20, 100, 1_000)

Rng = np.random.Generator
Trial = Callable[[int, Rng], bool | None]
"""Whether an interval of a sample of this size held the truth; None where no interval exists."""


def quantile_trial(p: float) -> Trial:
    """Return a trial of the p-th quantile of log-normal pay."""

    def trial(n: int, rng: Rng) -> bool | None:
        ranks = interval_ranks(n, p)
        if ranks is None:
            return None
        values = np.sort(rng.lognormal(12, 0.5, n))
        return bool(values[ranks[0]] <= stats.lognorm(0.5, scale=np.exp(12)).ppf(p) <= values[ranks[1]])

    return trial


def mean_trial(n: int, rng: Rng) -> bool:
    """Try the mean of log-normal pay."""
    _, interval = mean_interval(rng.lognormal(12, 0.5, n))
    return interval is not None and interval[0] <= np.exp(12 + 0.125) <= interval[1]


def _two(n: int, rng: Rng) -> tuple[SortedValues, SortedValues]:
    return SortedValues(np.sort(rng.lognormal(12, 0.4, n))), SortedValues(np.sort(rng.lognormal(11.9, 0.5, n)))


def difference_trial(n: int, rng: Rng) -> bool:
    """Try the difference of two medians."""
    gap, half = median_difference(*_two(n, rng))
    return half is not None and abs(gap - (np.exp(12) - np.exp(11.9))) <= half


def ratio_trial(n: int, rng: Rng) -> bool:
    """Try the ratio of two medians."""
    _, interval = median_ratio(*_two(n, rng))
    return interval is not None and interval[0] <= np.expm1(0.1) <= interval[1]


def premium_trial(n: int, rng: Rng) -> bool | None:
    """Try an adjusted effect: pay differs by level, the value goes with the level, errors are unequal."""
    level = rng.integers(0, 3, n)
    value = (rng.random(n) < 0.2 + 0.25 * level).astype(np.uint8)
    log_pay = 11.5 + 0.3 * level + 0.1 * value + rng.normal(0, 0.15 + 0.05 * value)
    fit = Fit(log_pay, [value, level.astype(np.uint8)])
    found = fit.contrast(0, 1, 0) if 0 < value.sum() < n else None
    if found is None:
        return None
    return bool(abs(found[0] - 0.1) <= stats.t.ppf(0.975, fit.degrees_of_freedom) * found[1])


def forecast_trial(n: int, rng: Rng) -> bool:
    """Try the second period ahead of a series of n periods that follows the damped trend's own law."""
    level, trend, values = 0.0, 0.01, []
    for error in rng.normal(0, 0.02, n + 2):
        values.append(level + 0.9 * trend + error)
        level, trend = level + 0.9 * trend + 0.4 * error, 0.9 * trend + 0.06 * error
    index = 100 * np.exp(np.array(values))
    point = forecast(index[:n], 2).points[1]
    return point.low95 <= index[-1] <= point.high95


TRIALS: dict[str, tuple[Trial, int]] = {
    "quantile p10": (quantile_trial(0.1), RUNS),
    "quantile p25": (quantile_trial(0.25), RUNS),
    "median": (quantile_trial(0.5), RUNS),
    "quantile p90": (quantile_trial(0.9), RUNS),
    "mean": (mean_trial, RUNS),
    "difference of medians": (difference_trial, RUNS),
    "ratio of medians": (ratio_trial, RUNS),
    "adjusted premium": (premium_trial, RUNS),
    "forecast, 2 periods ahead": (forecast_trial, 400),
}


def main() -> None:
    """Print the table; a rate of 2,000 runs has a standard error of half a percent."""
    table = Table(title="Share of 95% intervals that held the truth")
    table.add_column("interval of")
    for n in SIZES:
        table.add_column(f"n = {n:,}", justify="right")
    for name, (trial, runs) in TRIALS.items():
        cells = []
        for n in SIZES:
            # a thousand periods are no series that anybody has, and take minutes
            if trial is forecast_trial and n > 100:
                cells.append("not tried")
                continue
            rng = np.random.default_rng(17)
            held = [result for _ in range(runs) if (result := trial(n, rng)) is not None]
            cells.append(f"{np.mean(held):.1%}" if held else "none exists")
        table.add_row(name, *cells)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
