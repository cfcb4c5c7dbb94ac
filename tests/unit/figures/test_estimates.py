"""Rounding: the value to the nearest, the bounds outward, so that an interval holds as often as it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.figures.estimates import Estimate

AMOUNTS = st.floats(-1e6, 1e6)
STEPS = st.sampled_from([1e-4, 0.02, 0.5, 10.0, 2_000.0, 50_000.0])


@given(AMOUNTS, st.floats(0, 1e5), st.floats(0, 1e5), STEPS)
def test_a_rounded_interval_takes_in_the_exact_one_and_less_than_a_step_more(
    value: float, below: float, above: float, step: float
) -> None:
    exact = Estimate(value, value - below, value + above)
    found = exact.rounded(step)
    assert found.low is not None
    assert found.high is not None
    assert exact.low is not None
    assert exact.high is not None
    slack = 1e-6 * step + 1e-9 * abs(value)
    assert exact.low - step - slack <= found.low <= exact.low + slack
    assert exact.high - slack <= found.high <= exact.high + step + slack
    assert abs(found.value - value) <= step / 2 + slack


def test_a_bound_that_is_a_multiple_stays_and_none_stays_none() -> None:
    assert Estimate(0.31, 0.3, 0.7).rounded(0.1) == Estimate(0.3, 0.3, 0.7)
    assert Estimate(0.31).rounded(0.1) == Estimate(0.3)


@pytest.mark.parametrize("value", [-0.001, 0.001])
def test_nothing_is_minus_zero(value: float) -> None:
    assert str(Estimate(value, value, value).rounded(1.0).value) == "0.0"
