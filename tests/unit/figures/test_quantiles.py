"""Quantiles and intervals against numpy and scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from service.figures.quantiles import (
    CONFIDENCE,
    NORMAL_TAIL,
    SortedValues,
    interval_ranks,
    mean_interval,
    quantile,
    quantile_interval,
    share_interval,
)

amounts = st.lists(st.floats(1, 1e7), min_size=1, max_size=200)
probabilities = st.floats(0.001, 0.999)


@given(amounts, probabilities)
def test_a_quantile_is_numpys_linear_one(values: list[float], p: float) -> None:
    ordered = SortedValues(np.sort(values))
    assert quantile(ordered, p) == pytest.approx(np.quantile(values, p, method="linear"), rel=1e-12)


@given(st.integers(1, 5_000), probabilities)
def test_interval_ranks_are_the_binomial_quantiles_of_scipy(n: int, p: float) -> None:
    low, high = int(stats.binom.ppf(0.025, n, p)), int(stats.binom.ppf(0.975, n, p)) + 1
    assert interval_ranks(n, p) == ((low - 1, high - 1) if low >= 1 and high <= n else None)


def test_the_normal_tail_is_that_of_the_confidence() -> None:
    assert stats.norm.ppf((1 + CONFIDENCE) / 2) == NORMAL_TAIL


@pytest.mark.parametrize(("p", "least"), [(0.5, 6), (0.25, 13), (0.75, 13), (0.1, 36), (0.9, 36)])
def test_an_interval_exists_from_the_sample_size_that_the_definition_says(p: float, least: int) -> None:
    assert interval_ranks(least - 1, p) is None
    assert interval_ranks(least, p) is not None


@pytest.mark.parametrize(
    ("n", "p"), [(20, 0.25), (20, 0.5), (100, 0.25), (100, 0.5), (100, 0.9), (1_000, 0.25), (1_000, 0.5), (1_000, 0.9)]
)
def test_intervals_cover_the_true_quantile_at_least_at_their_rate(n: int, p: float) -> None:
    samples = np.sort(np.random.default_rng(7).lognormal(12, 0.5, (4_000, n)), axis=1)
    low, high = interval_ranks(n, p) or (0, 0)
    truth = stats.lognorm(0.5, scale=np.exp(12)).ppf(p)
    assert np.mean((samples[:, low] <= truth) & (truth <= samples[:, high])) >= 0.95 - 0.01


@given(st.integers(1, 3_000), st.data())
def test_a_shares_interval_is_clopper_and_pearsons(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    expected = stats.binomtest(count, n).proportion_ci(0.95, method="exact")
    assert share_interval(count, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(st.lists(st.floats(1, 1e7), min_size=2, max_size=100, unique=True))
def test_a_means_interval_is_students(values: list[float]) -> None:
    array = np.array(values)
    expected = stats.t.interval(0.95, len(array) - 1, array.mean(), stats.sem(array))
    mean, interval = mean_interval(array)
    assert mean == pytest.approx(array.mean())
    assert interval == pytest.approx(expected, rel=1e-6)


def test_one_value_is_its_own_quantile_and_has_no_interval() -> None:
    one = SortedValues(np.array([100.0]))
    assert quantile(one, 0.9) == 100
    assert quantile_interval(one, 0.9) is None
    assert mean_interval(one.values) == (100, None)
