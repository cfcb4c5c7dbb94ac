"""Pooled medians: by the published formulas, closer to the truth than plain ones, and never of a withheld cohort."""

import asyncio
from typing import Any

import numpy as np
import pytest

from service.figures.conditions import AllOf, OneOf
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import EstimateKind
from service.figures.money import Basis, Measure
from service.figures.pooling import NotOneGroup, between_variance, pooled, shrink, unit_variance
from service.figures.privacy import Policy, SuppressionReason
from service.figures.snapshot import Snapshot
from service.graphql.schema import schema
from tests.unit.figures.reports import document, snapshot_of
from tests.unit.test_context import context_of

METROS = [f"metro-{letter}" for letter in "abcdefgh"]
POLICY = Policy()


def market(thin: int, seed: int = 1) -> list[dict[str, Any]]:
    """Metros of 60 seniors each that pay alike, and one of few."""
    rng = np.random.default_rng(seed)
    sizes = [thin, *([60] * (len(METROS) - 1))]
    truths = 1e5 * np.exp(rng.normal(0, 0.08, len(METROS)))
    return [
        document(f"{metro}{n}", float(truth * rng.lognormal(0, 0.3)), metro=metro, level="senior")
        for metro, size, truth in zip(METROS, sizes, truths, strict=True)
        for n in range(size)
    ]


def thin(snapshot: Snapshot, metro: str = METROS[0]) -> Any:
    senior, here = OneOf(Dimension.LEVEL, frozenset({"SENIOR"})), OneOf(Dimension.METRO, frozenset({metro}))
    return snapshot.cohort(AllOf((here, senior)))


def test_a_thin_cohort_is_drawn_towards_its_siblings_and_says_so() -> None:
    snapshot = snapshot_of(market(8))
    found = pooled(thin(snapshot), Dimension.METRO, Measure.TOTAL, Basis(), POLICY)
    plain = Distribution(thin(snapshot), Measure.TOTAL, Basis(), POLICY).quantile(0.5)
    whole = Distribution(found.parent, Measure.TOTAL, Basis(), POLICY).quantile(0.5)
    assert found.estimate is not None
    assert plain is not None
    assert whole is not None
    assert found.estimate.kind is EstimateKind.POOLED
    assert min(plain.value, whole.value) < found.estimate.value < max(plain.value, whole.value)
    assert found.weight is not None
    assert 0 < found.weight < 0.7
    assert (found.siblings, len(found.parent)) == (len(METROS), 8 + 60 * (len(METROS) - 1))
    assert None not in (plain.low, plain.high, found.estimate.low, found.estimate.high)
    assert found.estimate.high - found.estimate.low < plain.high - plain.low  # type: ignore[operator]


def test_it_is_the_published_medians_by_the_formulas() -> None:
    snapshot = snapshot_of(market(12, seed=3))
    found = pooled(thin(snapshot), Dimension.METRO, Measure.TOTAL, Basis(), POLICY)
    held = [Distribution(thin(snapshot, metro), Measure.TOTAL, Basis(), POLICY) for metro in METROS]
    logs = np.log([each.quantile(0.5).value for each in held])  # type: ignore[union-attr]
    variances = unit_variance([each.ordered for each in held]) / np.array([len(each.cohort) for each in held])
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(np.exp(shrink(logs, variances, 0).value), rel=0.005)


def test_the_variance_between_is_that_of_paule_and_mandel() -> None:
    rng = np.random.default_rng(5)
    variances = rng.uniform(0.01, 0.05, 400)
    values = rng.normal(3, np.sqrt(0.2**2 + variances))
    between = between_variance(values, variances)
    weights = 1 / (variances + between)
    common = weights @ values / weights.sum()
    assert weights @ np.square(values - common) == pytest.approx(len(values) - 1)
    assert between == pytest.approx(0.04, rel=0.25)
    assert between_variance(np.full(6, 2.0), np.full(6, 0.1)) == 0


def test_with_equal_variances_it_is_the_estimator_of_james_and_stein_and_morris() -> None:
    values, variances = np.array([0.1, 0.5, 0.9, 1.4, 2.0, 0.7]), np.full(6, 0.2)
    k, away = len(values), values - values.mean()
    given_up = (k - 3) * 0.2 / float(away @ away)
    found = shrink(values, variances, 4)
    assert found.weight == pytest.approx(1 - given_up)
    assert found.value == pytest.approx(values.mean() + (1 - given_up) * away[4])
    error = 0.2 * (1 - (k - 1) / k * given_up) + 2 / (k - 3) * given_up**2 * away[4] ** 2
    assert found.error == pytest.approx(error**0.5)


def test_a_cohort_of_too_few_people_stays_withheld() -> None:
    snapshot = snapshot_of(market(4))
    found = pooled(thin(snapshot), Dimension.METRO, Measure.TOTAL, Basis(), POLICY)
    assert found.suppression is not None
    assert found.suppression.reason is SuppressionReason.TOO_FEW_CONTRIBUTORS
    assert (found.estimate, found.weight) == (None, None)


def test_of_few_siblings_nothing_is_said() -> None:
    snapshot = snapshot_of([each for each in market(20) if each["metro"] in METROS[:3]])
    found = pooled(thin(snapshot), Dimension.METRO, Measure.TOTAL, Basis(), POLICY)
    assert (found.estimate, found.siblings) == (None, 3)
    assert found.refused == "Pooling needs 5 groups that can be published; there are 3."


@pytest.mark.parametrize("over", [Dimension.COUNTRY, Dimension.SKILL])
def test_only_one_value_of_a_dimension_has_siblings(over: Dimension) -> None:
    with pytest.raises(NotOneGroup, match=over.name):
        pooled(thin(snapshot_of(market(20))), over, Measure.TOTAL, Basis(), POLICY)


def test_groups_of_a_breakdown_can_be_pooled_and_plain_figures_stay_plain() -> None:
    snapshot = snapshot_of(market(8))
    query = """{ cohort(where: {level: [SENIOR]}) { breakdown(by: [METRO], orderBy: {field: REPORTS, direction: ASC},
        first: 1) { nodes { cohort { distribution { median { kind } } pooled(over: METRO) {
        estimate { value kind } weight parent { query } siblings refused suppression { reason } } } } } } }"""
    result = asyncio.run(schema.execute(query, context_value=context_of(snapshot)))
    assert result.errors is None, result.errors
    assert result.data is not None
    (node,) = result.data["cohort"]["breakdown"]["nodes"]
    pool = node["cohort"]["pooled"]
    assert node["cohort"]["distribution"]["median"]["kind"] == "OBSERVED"
    assert pool["estimate"]["kind"] == "POOLED"
    assert "level: [SENIOR]" in pool["parent"]["query"]
    assert "metro" not in pool["parent"]["query"]
