"""Pay in the prices of one month, against the table of the index."""

from datetime import datetime

import numpy as np
import pytest

from service.figures.distribution import Distribution
from service.figures.estimates import round_to
from service.figures.money import Measure, PayBasis, basis_in
from service.figures.prices import PRICES_HELD, NoPriceIndex, price_index
from service.figures.privacy import Policy
from service.figures.trend import AdjustedTrend, Interval
from tests.unit.figures.reports import document, snapshot_of

MONTHS = [datetime(year, month, 1) for year in (2021, 2023, 2025) for month in (1, 7)]


def test_pay_in_the_prices_of_a_month_is_each_amount_times_the_ratio_of_indices() -> None:
    held = [document(str(n), 100_000.0 + 500 * n, effective=MONTHS[n % len(MONTHS)]) for n in range(120)]
    basis = basis_in("USD", None, PayBasis.ANNUALIZED, "2025-06")
    found = Distribution(snapshot_of(held[:60], held[60:]).cohort(), Measure.TOTAL, basis, Policy())
    index = price_index()
    counted = [d["pay"]["total"] * index[PRICES_HELD] / index[f"{d['effective']:%Y-%m}"] for d in held]
    inflation = index["2025-06"] / index[PRICES_HELD]
    real = [amount * inflation for amount in counted]
    for p in (0.1, 0.5, 0.9):
        estimate = found.quantile(p)
        assert estimate is not None
        # rounded in the prices of one month before it is shown in those that were asked for
        assert estimate.value == round_to(round_to(float(np.quantile(counted, p)), 3) * inflation, 3)
    mean = found.mean()
    assert mean is not None
    assert mean.value == pytest.approx(np.mean(real), rel=2 / 120)
    rank = found.rank(150_000)
    assert rank is not None
    # read off the published quantiles, of which 120 reports have those at 0.5 and 0.75 around it
    lower, upper = (round_to(float(np.quantile(counted, p)), 3) for p in (0.5, 0.75))
    assert lower < 150_000 / inflation < upper
    assert rank.value == pytest.approx(0.5 + 0.25 * (150_000 / inflation - lower) / (upper - lower), abs=5e-4)
    assert rank.value == pytest.approx(np.mean(np.array(real) <= 150_000), abs=0.02)


def test_pay_that_only_kept_up_with_prices_has_not_grown_in_real_terms() -> None:
    index = price_index()
    held = [
        document(str(n), 1_000 * index[f"{when:%Y-%m}"] * float(noise), effective=when)
        for n, (when, noise) in enumerate(
            zip(MONTHS * 60, np.random.default_rng(1).lognormal(0, 0.05, 360), strict=True)
        )
    ]
    cohort = snapshot_of(held).cohort()
    real, nominal = (basis_in("USD", None, PayBasis.ANNUALIZED, month) for month in ("2025-06", None))
    trends = [AdjustedTrend(cohort, Interval.YEAR, Measure.TOTAL, basis, Policy()) for basis in (real, nominal)]
    assert trends[0].index["2025"].value == pytest.approx(100, abs=2)
    assert trends[1].index["2025"].value > 115


def test_a_month_without_an_index_is_refused_with_what_there_is() -> None:
    with pytest.raises(NoPriceIndex, match="2000-01 to"):
        basis_in("USD", None, PayBasis.ANNUALIZED, "1999-12")
