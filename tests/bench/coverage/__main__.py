"""How often 95% intervals hold the truth, on data whose truth is known: `python -m tests.bench.coverage`."""

import argparse
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy import stats

from service.figures.comparison import median_difference, median_ratio
from service.figures.forecast import forecast
from service.figures.pooling import shrink, unit_variance
from service.figures.quantiles import NORMAL_TAIL, SortedValues, interval_ranks, mean_interval
from service.figures.regression import Fit
from tests.bench.coverage import published

RUNS = 2_000
PUBLISHED_RUNS = 400
SIZES = (20, 100, 1_000)
THIN_SIZES = (5, 10, 20, 50)
DIFFERENCES = (0.0, 0.05, 0.15, 0.4)
"""By which the true medians of siblings differ, as standard deviations of their logarithms."""

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


def pooling_trial(n: int, rng: Rng, between: float = 0.15) -> tuple[float, float, bool]:
    """Return the errors of the plain and the pooled log median of n values, and whether its interval held the truth.

    Of 10 siblings, whose true medians differ by `between` and whose spreads and sizes (6 to 100) differ too.
    """
    truths = rng.normal(12, between, 10)
    spreads, sizes = rng.uniform(0.3, 0.5, 10), [n, *rng.integers(6, 100, 9).tolist()]
    held = [np.exp(rng.normal(*each)) for each in zip(truths, spreads, sizes, strict=True)]
    variances = unit_variance([SortedValues(np.sort(each)) for each in held]) / np.array(sizes)
    logs = np.log([np.median(each) for each in held])
    found = shrink(logs, variances, 0)
    held_truth = abs(found.value - truths[0]) <= NORMAL_TAIL * found.error
    return float(logs[0] - truths[0]), float(found.value - truths[0]), bool(held_truth)


TRIALS: dict[str, tuple[Trial, int]] = {
    "quantile p10": (quantile_trial(0.1), RUNS),
    "quantile p25": (quantile_trial(0.25), RUNS),
    "median": (quantile_trial(0.5), RUNS),
    "quantile p90": (quantile_trial(0.9), RUNS),
    "mean": (mean_trial, RUNS),
    "difference of medians": (difference_trial, RUNS),
    "ratio of medians": (ratio_trial, RUNS),
    "adjusted premium": (premium_trial, RUNS),
    "pooled median": (lambda n, rng: pooling_trial(n, rng)[2], RUNS),
    "forecast, 2 periods ahead": (forecast_trial, 400),
}


def coverage() -> Table:
    """Return the share of intervals that held the truth; of 2,000 runs it has a standard error of half a percent."""
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
    return table


def pooling() -> Table:
    """Return how far pooled medians are from the truth, as a share of how far plain ones are."""
    table = Table(title="Root mean square error of the pooled median over that of the plain one, and coverage")
    table.add_column("siblings differ by")
    for n in THIN_SIZES:
        table.add_column(f"n = {n:,}", justify="right")
    for between in DIFFERENCES:
        cells = []
        for n in THIN_SIZES:
            rng = np.random.default_rng(17)
            plain, pooled, held = np.array([pooling_trial(n, rng, between) for _ in range(RUNS)]).T
            ratio = float(np.sqrt(np.mean(np.square(pooled)) / np.mean(np.square(plain))))
            cells.append(f"{ratio:.2f}, {np.mean(held):.1%}")
        table.add_row(f"{between:.0%}", *cells)
    return table


def as_published() -> Table:
    """Return the share of published intervals that held the truth; of 400 runs it has a standard error of 1.1%."""
    table = Table(title="The same, through reports, privacy and rounding")
    table.add_column("interval of")
    for n in SIZES:
        table.add_column(f"n = {n:,}", justify="right")
    found = [published.coverage(n, PUBLISHED_RUNS) for n in SIZES]
    for name in published.truths():
        rates = [by_name.get(name) for by_name in found]
        table.add_row(name, *("none exists" if rate is None else f"{rate:.1%}" for rate in rates))
    return table


def main() -> None:
    """Print the tables."""
    tables = {"coverage": coverage, "published": as_published, "pooling": pooling}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*", help=f"which of {', '.join(tables)}; by default all")
    asked = parser.parse_args().tables or tables
    console = Console(width=100)
    for name in asked:
        console.print(tables[name]())


if __name__ == "__main__":
    main()
