"""How often the intervals that are published hold the truth: through reports, privacy and rounding."""

from collections import defaultdict
from functools import cache

import numpy as np
from scipy import optimize, stats

from service.figures.comparison import compare
from service.figures.conditions import Not, OneOf
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import Estimate
from service.figures.money import Basis, Measure
from service.figures.premium import premium
from service.figures.privacy import Policy
from tests.unit.figures.reports import LEVELS, document, snapshot_of

STEPS = {level: 0.3 * step for step, level in enumerate(LEVELS)}
SKILLED, PREMIUM, SPREAD, START = 0.4, 0.1, 0.2, 11.5
SKILL = "pytorch"

Rng = np.random.Generator


def coverage(n: int, runs: int) -> dict[str, float | None]:
    """Return by figure the share of runs in which its interval held the truth; None where none was published."""
    rng = np.random.default_rng(17)
    held: dict[str, list[bool]] = defaultdict(list)
    for _ in range(runs):
        for name, estimate in _figures(n, rng).items():
            held[name] += [] if estimate is None or estimate.low is None else [_holds(estimate, truths()[name])]
    return {name: float(np.mean(found)) if found else None for name, found in held.items()}


def _holds(estimate: Estimate, truth: float) -> bool:
    return estimate.low is not None and estimate.high is not None and estimate.low <= truth <= estimate.high


def _figures(n: int, rng: Rng) -> dict[str, Estimate | None]:
    snapshot = snapshot_of(_reports(n, rng))
    having = OneOf(Dimension.SKILL, frozenset({SKILL}))
    everybody = snapshot.cohort()
    whole, skilled, others = (
        Distribution(cohort, Measure.TOTAL, Basis(), Policy())
        for cohort in (everybody, everybody.meeting(having), everybody.meeting(Not(having)))
    )
    side_by_side = compare(skilled, others)
    code = snapshot.codebooks[Dimension.SKILL].code_of(SKILL)
    worth = premium(everybody, Dimension.SKILL, code, None, Measure.TOTAL, Basis(), Policy()) if code else None
    return {
        "quantile p25": whole.quantile(0.25),
        "median": whole.quantile(0.5),
        "mean": whole.mean(),
        "difference of medians": side_by_side.difference,
        "ratio of medians": side_by_side.ratio,
        "adjusted premium": worth.adjusted if worth else None,
    }


def _reports(n: int, rng: Rng) -> list[dict[str, object]]:
    levels, skilled = rng.choice(LEVELS, n), rng.random(n) < SKILLED
    return [
        document(
            str(number),
            float(np.exp(START + STEPS[level] + PREMIUM * has + rng.normal(0, SPREAD))),
            level=str(level),
            skills=[SKILL] if has else [],
        )
        for number, (level, has) in enumerate(zip(levels, skilled, strict=True))
    ]


@cache
def truths() -> dict[str, float]:
    """Return what the figures would be of all reports that there could be: mixtures of log-normal pay."""
    both = ((1 - SKILLED, 0.0), (SKILLED, PREMIUM))
    whole = [(share / len(LEVELS), START + step + worth) for share, worth in both for step in STEPS.values()]
    one, other = ([(1 / len(LEVELS), START + step + worth) for step in STEPS.values()] for worth in (PREMIUM, 0.0))
    medians = [_quantile(mixture, 0.5) for mixture in (one, other)]
    return {
        "quantile p25": _quantile(whole, 0.25),
        "median": _quantile(whole, 0.5),
        "mean": sum(share * float(np.exp(center + SPREAD**2 / 2)) for share, center in whole),
        "difference of medians": medians[0] - medians[1],
        "ratio of medians": medians[0] / medians[1] - 1,
        "adjusted premium": float(np.expm1(PREMIUM)),
    }


def _quantile(mixture: list[tuple[float, float]], p: float) -> float:
    def excess(log_pay: float) -> float:
        return sum(share * float(stats.norm.cdf(log_pay, center, SPREAD)) for share, center in mixture) - p

    return float(np.exp(optimize.brentq(excess, START - 3, START + 3)))
