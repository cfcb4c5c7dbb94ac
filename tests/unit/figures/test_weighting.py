"""Weighted distributions: equal weights change nothing, and unequal ones do what they say."""

import numpy as np
import pytest

from schema.vocabulary import TRUST, Verification
from service.figures.distribution import Distribution
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy
from service.figures.weighting import WeightedDistribution, Weighting, distribution_by
from tests.unit.figures.reports import document, snapshot_of

POLICY = Policy()


def weighted(weighting: Weighting, held: list[dict[str, object]]) -> WeightedDistribution:
    found = distribution_by(weighting, snapshot_of(held).cohort(), Measure.TOTAL, Basis(), POLICY)
    assert isinstance(found, WeightedDistribution)
    return found


def paid(count: int, **more: object) -> list[dict[str, object]]:
    rng = np.random.default_rng(3)
    return [document(str(n), float(rng.lognormal(12, 0.4)), **more) for n in range(count)]


@pytest.mark.parametrize("p", [0.1, 0.25, 0.5, 0.75, 0.9])
def test_with_equal_weights_quantiles_and_intervals_are_the_unweighted_ones(p: float) -> None:
    held = paid(101, verification="document")
    plain = Distribution(snapshot_of(held).cohort(), Measure.TOTAL, Basis(), POLICY)
    found = weighted(Weighting.TRUST, held)
    assert found.effective == pytest.approx(101)
    assert found.quantile(p) == plain.quantile(p)
    assert found.rank(150_000) == plain.rank(150_000)
    mean, other = found.mean(), plain.mean()
    assert mean is not None
    assert other is not None
    assert mean.value == other.value


def test_each_employer_counts_once() -> None:
    giant = [document(f"g{n}", 300_000.0 + n, company="giant") for n in range(400)]
    small = [document(f"s{n}", 100_000.0 + n, company=f"c{n % 40}") for n in range(80)]
    unknown = [document(f"u{n}", 900_000.0) for n in range(50)]
    found = weighted(Weighting.COMPANY, [*giant, *small, *unknown])
    assert len(found.cohort) == 480
    by_company, by_person = (
        found.quantile(0.5),
        distribution_by(
            Weighting.PERSON, snapshot_of([*giant, *small]).cohort(), Measure.TOTAL, Basis(), POLICY
        ).quantile(0.5),
    )
    assert by_company is not None
    assert by_person is not None
    assert (by_company.value, by_person.value) == (100_000, 300_000)
    mean = found.mean()
    assert mean is not None
    assert mean.value == pytest.approx((300_200 + 40 * 100_040) / 41, rel=5e-3)
    # one employer of weight 1 over 400 reports, forty of weight 1 over 2
    weights = np.array([1 / 400] * 400 + [1 / 2] * 80)
    assert found.effective == pytest.approx(weights.sum() ** 2 / np.square(weights).sum())


def test_reports_that_were_checked_weigh_more() -> None:
    held = [document(f"n{n}", 100_000.0) for n in range(1_500)]
    held += [document(f"d{n}", 200_000.0, verification="document") for n in range(1_500)]
    found = weighted(Weighting.TRUST, held).rank(150_000)
    assert found is not None
    least, most = TRUST[Verification.NONE], TRUST[Verification.DOCUMENT]
    # of so many reports every hundredth is published, and the share is read off the two around it
    assert found.value == pytest.approx(least / (least + most), abs=5e-3)


def test_a_weighted_histogram_has_shares_of_weight() -> None:
    held = [document(f"n{n}", 100_000.0 + 1_000 * n) for n in range(60)]
    held += [document(f"d{n}", 100_000.0 + 1_000 * n, verification="document") for n in range(60)]
    bars = weighted(Weighting.TRUST, held).histogram(6)
    assert sum(bar.share for bar in bars) == pytest.approx(1, abs=0.01)
    assert sum(bar.reports for bar in bars) == 120
