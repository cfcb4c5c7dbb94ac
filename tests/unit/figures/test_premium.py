"""Premiums, comparisons and trends on made-up reports whose truth is known."""

from datetime import datetime
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm

from service.figures.comparison import Verdict, compare, median_difference, median_ratio, overlap_of
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.money import Basis, Measure
from service.figures.premium import controls_for, premium
from service.figures.privacy import Policy
from service.figures.quantiles import SortedValues
from service.figures.snapshot import Snapshot
from service.figures.trend import AdjustedTrend, Interval, trend_points
from tests.unit.figures.reports import LEVELS, document, snapshot_of

POLICY = Policy()
STEP = {"entry": 0.0, "mid": 0.25, "senior": 0.5}


def market(count: int, seed: int, skill: float = 0.1, drift: float = 0.0) -> list[dict[str, Any]]:
    """Reports in which seniors name the skill far more often, so that its raw premium is mostly their level."""
    rng = np.random.default_rng(seed)
    held = []
    for number in range(count):
        year = int(rng.integers(2022, 2026))
        # the mix moves towards seniors with the years
        level = str(rng.choice(LEVELS, p=[0.5, 0.3, 0.2] if year < 2024 else [0.2, 0.3, 0.5]))
        named = rng.random() < {"entry": 0.1, "mid": 0.4, "senior": 0.7}[level]
        log_pay = 11.3 + STEP[level] + skill * named + drift * (year - 2022) + rng.normal(0, 0.15)
        held.append(
            document(
                str(number),
                float(np.exp(log_pay)),
                level=level,
                skills=["pytorch"] if named else [],
                effective=datetime(year, 1, 1),
            )
        )
    return held


def pytorch(snapshot: Snapshot) -> int:
    return snapshot.codebooks[Dimension.SKILL].code_of("pytorch") or -1


def test_an_adjusted_premium_is_statsmodels_on_the_same_rows_and_the_raw_one_is_not() -> None:
    held = market(1_500, 1)
    snapshot = snapshot_of(held[:1_000], held[1_000:])
    found = premium(snapshot.cohort(), Dimension.SKILL, pytorch(snapshot), None, Measure.TOTAL, Basis(), POLICY)
    named = np.array([bool(each["skills"]) for each in held], float)
    levels = np.array([[each["level"] == level for level in LEVELS[1:]] for each in held], float)
    years = np.array([[each["effective"].year == year for year in (2023, 2024, 2025)] for each in held], float)
    paid = np.log([each["pay"]["total"] for each in held])
    oracle = sm.OLS(paid, np.column_stack([np.ones(len(held)), named, levels, years])).fit(cov_type="HC3", use_t=True)
    low, high = np.expm1(oracle.conf_int()[1])
    assert found.adjusted is not None
    assert found.adjusted.value == pytest.approx(np.expm1(oracle.params[1]), rel=0.006)
    assert (found.adjusted.low, found.adjusted.high) == pytest.approx((low, high), rel=0.006)
    assert found.raw is not None
    assert found.raw.value > 2 * found.adjusted.value
    assert found.verdict is Verdict.POSITIVE
    assert (len(found.sample), len(found.against)) == (int(named.sum()), int(len(held) - named.sum()))


def test_an_effect_of_nothing_is_called_not_distinguishable() -> None:
    snapshot = snapshot_of(market(600, 2, skill=0.0))
    found = premium(snapshot.cohort(), Dimension.SKILL, pytorch(snapshot), None, Measure.TOTAL, Basis(), POLICY)
    assert found.verdict is Verdict.NOT_DISTINGUISHABLE
    assert found.raw is not None
    assert found.raw.low is not None
    assert found.raw.low > 0, "the raw premium is there all the same: it is the seniors'"


def test_adjusted_intervals_cover_the_truth_at_their_rate() -> None:
    covered, runs = 0, 300
    for seed in range(runs):
        snapshot = snapshot_of(market(120, 100 + seed))
        found = premium(
            snapshot.cohort(), Dimension.SKILL, pytorch(snapshot), None, Measure.TOTAL, Basis(), POLICY
        ).adjusted
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= np.expm1(0.1) <= found.high
    # 3 standard errors of a share of 300 about 95%
    assert 0.912 <= covered / runs <= 0.988


def test_a_side_of_fewer_than_five_people_is_withheld() -> None:
    held = [document(str(n), 100_000.0, skills=["pytorch"] if n < 4 else []) for n in range(60)]
    snapshot = snapshot_of(held)
    found = premium(snapshot.cohort(), Dimension.SKILL, pytorch(snapshot), None, Measure.TOTAL, Basis(), POLICY)
    assert (found.raw, found.adjusted, found.verdict) == (None, None, Verdict.INSUFFICIENT)
    assert found.suppression is not None


def test_a_dimension_is_not_held_equal_to_what_it_is_made_of() -> None:
    assert Dimension.COUNTRY not in controls_for(Dimension.METRO)
    assert Dimension.LEVEL not in controls_for(Dimension.LEVEL)
    assert Dimension.COUNTRY in controls_for(Dimension.TECHNOLOGY_HUB)


@pytest.mark.parametrize("n", [20, 100, 1_000])
def test_intervals_of_differences_and_ratios_of_medians_cover_at_their_rate(n: int) -> None:
    rng = np.random.default_rng(5)
    runs, differences, ratios = 1_500, 0, 0
    for _ in range(runs):
        one = SortedValues(np.sort(rng.lognormal(12, 0.4, n)))
        other = SortedValues(np.sort(rng.lognormal(11.9, 0.5, n)))
        gap, half = median_difference(one, other)
        _, interval = median_ratio(one, other)
        assert half is not None
        assert interval is not None
        differences += abs(gap - (np.exp(12) - np.exp(11.9))) <= half
        ratios += interval[0] <= np.expm1(0.1) <= interval[1]
    for covered in (differences, ratios):
        assert 0.93 <= covered / runs <= 0.975


def test_a_cohort_compared_with_itself_differs_by_nothing() -> None:
    snapshot = snapshot_of(market(300, 3))
    one = Distribution(snapshot.cohort(), Measure.TOTAL, Basis(), POLICY)
    found = compare(one, one)
    assert found.difference is not None
    assert (found.difference.value, found.overlap, found.verdict) == (0, 1, Verdict.NOT_DISTINGUISHABLE)


def test_overlap_is_the_area_that_two_densities_share() -> None:
    rng = np.random.default_rng(6)
    one, other = (SortedValues(np.sort(rng.normal(mean, 1, 20_000))) for mean in (0.0, 1.0))
    # two normals one standard deviation apart share 2 Phi(-1/2)
    assert overlap_of(one, other) == pytest.approx(0.617, abs=0.015)
    assert overlap_of(one, SortedValues(other.values + 100)) == 0


def test_the_index_at_constant_mix_finds_the_drift_that_the_medians_exaggerate() -> None:
    snapshot = snapshot_of(market(4_000, 4, drift=0.03))
    trend = AdjustedTrend(snapshot.cohort(), Interval.YEAR, Measure.TOTAL, Basis(), POLICY)
    assert list(trend.index) == ["2022", "2023", "2024", "2025"]
    assert trend.index["2022"].value == 100
    last = trend.index["2025"]
    assert last.low is not None
    assert last.high is not None
    # skill raises pay and moves with the mix, and is not a control: level is
    assert last.value == pytest.approx(100 * np.exp(0.09), abs=3)
    medians = [np.median(p.cohort.column("total")) for p in trend_points(snapshot.cohort(), Interval.YEAR)]
    assert medians[-1] / medians[0] > 1.2


def test_growth_splits_into_pay_and_mix() -> None:
    snapshot = snapshot_of(market(4_000, 5, drift=0.03))
    growth = AdjustedTrend(snapshot.cohort(), Interval.YEAR, Measure.TOTAL, Basis(), POLICY).growth
    assert growth is not None
    assert growth.raw is not None
    assert growth.adjusted is not None
    assert growth.mix_effect == pytest.approx((1 + growth.raw.value) / (1 + growth.adjusted.value) - 1, abs=1e-3)
    assert growth.adjusted.low is not None
    assert growth.adjusted.high is not None
    assert growth.adjusted.low <= np.expm1(0.03) <= growth.adjusted.high


def test_a_withheld_period_is_not_in_the_regression() -> None:
    held = market(800, 6) + [document(f"x{n}", 1e6, level="mid", effective=datetime(2020, 1, 1)) for n in range(4)]
    snapshot = snapshot_of(held)
    trend = AdjustedTrend(snapshot.cohort(), Interval.YEAR, Measure.TOTAL, Basis(), POLICY)
    assert "2020" not in trend.index
    # by a store without those reports: asked as a cohort of this one, it would be withheld beside the whole
    without = snapshot_of(held[:-4]).cohort()
    assert trend.index == AdjustedTrend(without, Interval.YEAR, Measure.TOTAL, Basis(), POLICY).index


def test_a_forecast_goes_on_from_the_last_periods_without_a_gap() -> None:
    held = [each for each in market(2_000, 7) if each["effective"].year != 2023]
    trend = AdjustedTrend(snapshot_of(held).cohort(), Interval.YEAR, Measure.TOTAL, Basis(), POLICY)
    assert [value for _, value in trend.run()] == [trend.index[year].value for year in ("2024", "2025")]


def test_one_period_alone_has_no_index_and_no_growth() -> None:
    trend = AdjustedTrend(
        snapshot_of([document(str(n), 1e5) for n in range(50)]).cohort(), Interval.YEAR, Measure.TOTAL, Basis(), POLICY
    )
    assert (trend.index, trend.growth) == ({}, None)
