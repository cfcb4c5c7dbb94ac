import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.pay import annual_pay
from ingest.normalise.quality import flags_of
from schema.errors import Rejection
from schema.event import Amount, Pay
from schema.report import AnnualPay
from schema.terms import load_terms
from schema.vocabulary import TRUST, Employment, Level, QualityFlag, Verification

DATA = Path(__file__).parents[4] / "shared" / "data"
DAY = date(2025, 2, 3)
PERIOD, CURRENCY, OUTLIER = QualityFlag.SUSPECT_PERIOD, QualityFlag.SUSPECT_CURRENCY, QualityFlag.OUTLIER
FULL_TIME = Employment.FULL_TIME


def _pay(currency: str, base: Amount | float) -> AnnualPay:
    return annual_pay(Pay(currency, base=base), DAY)[0]


@pytest.mark.parametrize(
    ("currency", "amount", "level", "country", "flags"),
    [
        ("USD", 150_000, Level.SENIOR, "US", set()),
        ("USD", 2_000_000, Level.STAFF, "US", set()),
        ("INR", 600_000, Level.ENTRY, "IN", set()),
        ("JPY", 8_000_000, None, "JP", set()),
        ("USD", 150_000, None, None, set()),
        ("USD", 8_500, Level.MID, "US", {PERIOD}),  # a month's
        ("USD", 60, Level.SENIOR, "US", {PERIOD}),  # an hour's
        ("EUR", 5_500, None, "DE", {PERIOD}),
        ("USD", 8_500, None, None, {PERIOD}),
        ("USD", 2_500_000, Level.ENTRY, "IN", {PERIOD, CURRENCY}),  # rupees a year, or a year's pay twelvefold
        ("USD", 45_000_000, Level.SENIOR, "JP", {PERIOD, CURRENCY}),  # yen, or a year's pay by the week
        ("JPY", 150_000, Level.SENIOR, "JP", {PERIOD, CURRENCY}),  # dollars, or a week's
        ("USD", 99_000_000, Level.EXECUTIVE, "GB", {PERIOD}),
        ("INR", 1_500, Level.SENIOR, "IN", {PERIOD, CURRENCY}),
        ("USD", 2, Level.SENIOR, "US", {OUTLIER}),
    ],
)
def test_what_is_implausible_is_flagged_with_what_would_explain_it(
    currency: str, amount: float, level: Level | None, country: str | None, flags: set[QualityFlag]
) -> None:
    assert flags_of(_pay(currency, float(amount)), level, country, FULL_TIME) == flags


def test_part_time_work_may_be_paid_a_part() -> None:
    assert flags_of(_pay("USD", 9_000.0), Level.MID, "US", Employment.PART_TIME) == set()
    assert flags_of(_pay("USD", 9_000.0), Level.MID, "US", FULL_TIME) == {PERIOD}


def test_an_intern_may_be_paid_a_stipend() -> None:
    assert flags_of(_pay("USD", 5_000.0), Level.INTERN, "US", Employment.INTERNSHIP) == set()


def test_the_ends_of_a_range_that_were_not_meant_alike_are_flagged() -> None:
    assert flags_of(_pay("USD", Amount(min=80, max=100_000)), Level.MID, "US", FULL_TIME) == {OUTLIER}
    assert flags_of(_pay("USD", Amount(min=80_000, max=200_000)), Level.MID, "US", FULL_TIME) == set()


def test_every_group_and_level_has_bounds_with_a_reason() -> None:
    bounds = load_terms("pay_bound").values()
    groups = {term.extra["pay_group"] for term in load_terms("country").values()}
    assert {(bound.parent, bound.extra["level"]) for bound in bounds} == {(g, level) for g in groups for level in Level}
    assert [bound.code for bound in bounds if not bound.extra["reason"]] == []
    assert [bound.code for bound in bounds if float(bound.extra["low"]) >= float(bound.extra["high"])] == []


@given(st.floats(1, 1e8), st.none() | st.sampled_from(Level), st.none() | st.sampled_from(["US", "IN", "DE", "XX"]))
def test_any_pay_is_plausible_or_says_why_not(total: float, level: Level | None, country: str | None) -> None:
    pay = AnnualPay(currency="USD", rate=1.0, rate_date=DAY, total=total, first_year=total)
    flags = flags_of(pay, level, country, None)
    assert flags == {OUTLIER} or OUTLIER not in flags


def test_the_plausible_pay_of_the_real_file_is_not_flagged() -> None:
    path = DATA / "ai_jobs_ml_weekly_stream.csv"
    if not path.is_file():
        pytest.skip("the shared data does not lie beside the repository")
    levels = {"EN": Level.ENTRY, "MI": Level.MID, "SE": Level.SENIOR, "EX": Level.EXECUTIVE}
    flagged, without_rate = [], set()
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            try:
                pay, _ = annual_pay(
                    Pay(row["salary_currency"], base=float(row["salary"])), date(int(row["work_year"]), 7, 1)
                )
            except Rejection:
                without_rate.add(row["salary_currency"])
                continue
            flags = flags_of(pay, levels[row["experience_level"]], row["company_location"], FULL_TIME)
            flagged += [row] if flags else []
    assert without_rate == {"CLP"}
    assert len(flagged) < 20


def test_trust_rises_with_verification() -> None:
    tiers = [TRUST[tier] for tier in Verification]
    assert tiers == sorted(set(tiers))
    assert tiers[-1] == 1.0
