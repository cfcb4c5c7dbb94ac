"""What a value of a dimension is worth: the raw ratio of medians, and the effect with everything else held equal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.figures.cohort import Cohort
from service.figures.comparison import Verdict, published_ratio, verdict_of
from service.figures.compiled import special
from service.figures.conditions import Not, OneOf
from service.figures.dimensions import Dimension
from service.figures.estimates import Estimate, EstimateKind
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy, Suppression, settled, suppression_of
from service.figures.quantiles import CONFIDENCE
from service.figures.regression import Fit
from service.figures.resolution import effect_step, rounded

CONTROLS = (
    Dimension.ROLE,
    Dimension.LEVEL,
    Dimension.COUNTRY,
    Dimension.INDUSTRY,
    Dimension.COMPANY_SIZE,
    Dimension.YEAR,
)
"""What an effect is adjusted for; a value that is not known is a level of its own."""

MAKES_UP = {
    Dimension.METRO: {Dimension.COUNTRY},
    Dimension.REGION: {Dimension.COUNTRY},
    Dimension.COMPANY: {Dimension.INDUSTRY, Dimension.COMPANY_SIZE},
    Dimension.QUARTER: {Dimension.YEAR},
    Dimension.MONTH: {Dimension.YEAR},
}
"""What a dimension says already: holding it equal would leave nothing to compare."""

LEAST_FREEDOM = 20
"""Degrees of freedom of the residuals below which an adjusted effect is not given."""


@dataclass(frozen=True)
class Premium:
    """An effect on pay as a ratio less one: raw, and adjusted for the `controls` by least squares on log pay."""

    raw: Estimate | None
    adjusted: Estimate | None
    controls: tuple[Dimension, ...]
    verdict: Verdict
    sample: Cohort
    against: Cohort
    suppression: Suppression | None


def controls_for(dimension: Dimension) -> tuple[Dimension, ...]:
    """Return what an effect of a dimension is adjusted for."""
    left_out = MAKES_UP.get(dimension, set()) | {dimension}
    return tuple(control for control in CONTROLS if control not in left_out)


def premium(
    cohort: Cohort,
    dimension: Dimension,
    value: int,
    against: int | None,
    measure: Measure,
    basis: Basis,
    policy: Policy,
) -> Premium:
    """Return what code `value` of a dimension is worth within a cohort, in a measure of pay.

    Against the reports with code `against`, or by default against all in which the dimension is known and is not
    `value` (for dimensions of many values: all that do not name it).
    """
    column = basis.column(measure)
    one, other = (settled(basis.counted(side, column), policy) for side in _sides(cohort, dimension, value, against))
    controls = controls_for(dimension)
    suppression = suppression_of(one, policy) or suppression_of(other, policy)
    if suppression:
        return Premium(None, None, controls, Verdict.INSUFFICIENT, one, other, suppression)
    raw = published_ratio(basis.ordered(one, column), basis.ordered(other, column), policy.digits)
    paid = np.concatenate([basis.amounts(side, column) for side in (one, other)])
    adjusted = _adjusted(one, other, controls, paid, policy.minimum_contributors)
    verdict = verdict_of(adjusted.low, adjusted.high) if adjusted else Verdict.INSUFFICIENT
    return Premium(raw, adjusted, controls, verdict, one, other, None)


def _sides(cohort: Cohort, dimension: Dimension, value: int, against: int | None) -> tuple[Cohort, Cohort]:
    names = cohort.snapshot.codebooks[dimension].values
    having = OneOf(dimension, frozenset({names[value]}))
    rest = cohort.knowing(dimension) if against is None else cohort.carrying(dimension, names[against])
    return cohort.meeting(having), rest.meeting(Not(having))


def _adjusted(
    one: Cohort, other: Cohort, controls: tuple[Dimension, ...], paid: NDArray[np.float64], least: int
) -> Estimate | None:
    """Return the effect; None where it cannot be told, or would rest on fewer than `least` people of a side."""
    focus = np.zeros(len(paid), np.uint8)
    focus[: len(one)] = 1
    blocks = [focus, *(np.concatenate([one.codes(control), other.codes(control)]) for control in controls)]
    positive = paid > 0
    fit = Fit(np.log(paid[positive]), [block[positive] for block in blocks])
    found = fit.contrast(0, 1, 0) if fit.degrees_of_freedom >= LEAST_FREEDOM else None
    people = np.concatenate([one.column("contributor"), other.column("contributor")])[positive]
    if found is None or fit.rests_on(0, 1, 0, people) < least:
        return None
    return effect_of(*found, fit.degrees_of_freedom, min(len(one), len(other)))


def effect_of(log_effect: float, error: float, freedom: int, n: int) -> Estimate:
    """Return an effect on log pay as a ratio less one, with its 95% interval by Student's t.

    Rounded to about what one of the `n` reports of the smaller side moves it by.
    """
    half = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    step = effect_step(n)
    value, low, high = (rounded(float(np.expm1(log_effect + shift)), step) for shift in (0.0, -half, half))
    return Estimate(value, low, high, EstimateKind.MODELLED)
