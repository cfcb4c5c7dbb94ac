"""Amounts at each report's own rate, and in international dollars, against the tables they are made of."""

import asyncio
import csv
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from schema.rates import dollars_for
from service.figures.comparison import compare
from service.figures.conditions import EVERYTHING, OneOf
from service.figures.dimensions import EPOCH, Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import round_to
from service.figures.exchange import RateMoved, mean_rate
from service.figures.money import Basis, BasisConflict, Conversion, Measure, NoParity, PayBasis, basis_in
from service.figures.parity import FIRST_YEAR, LAST_YEAR, TABLE, parities
from service.figures.pooling import pooled
from service.figures.premium import premium
from service.figures.privacy import Policy, SuppressionReason
from service.figures.snapshot import Snapshot
from service.figures.trend import AdjustedTrend, Interval
from service.figures.weighting import Weighting, distribution_by
from service.graphql.schema import schema
from tests.unit.figures.reports import document, snapshot_of
from tests.unit.test_context import context_of

DAYS = [datetime(2022, 3, 1), datetime(2022, 9, 28), datetime(2023, 7, 14), datetime(2024, 5, 2)]
Held = list[dict[str, Any]]
SENIOR = OneOf(Dimension.LEVEL, frozenset({"SENIOR"}))


def distribution(snapshot: Snapshot, basis: Basis) -> Distribution:
    return Distribution(snapshot.cohort(), Measure.TOTAL, basis, Policy())


def effective(currency: str) -> Basis:
    return basis_in(currency, None, PayBasis.ANNUALIZED, conversion=Conversion.EFFECTIVE_DAY)


def international(**more: Any) -> Basis:
    return basis_in("USD", None, PayBasis.ANNUALIZED, parity=True, **more)


def test_a_figure_is_converted_at_the_mean_rate_of_the_days_of_its_reports() -> None:
    held = [document(str(n), 100_000.0 + 900 * n, effective=DAYS[n % len(DAYS)]) for n in range(80)]
    snapshot = snapshot_of(held[:50], held[50:])
    found, dollars = distribution(snapshot, effective("EUR")), distribution(snapshot, Basis())
    worth = np.mean([dollars_for("EUR", each["effective"].date()).rate for each in held])
    for p in (0.1, 0.5, 0.9):
        held_in_dollars = dollars.quantile(p)
        assert held_in_dollars is not None
        assert found.quantile(p) == held_in_dollars.changed(lambda amount: round_to(amount / worth, 3))
    one_day = distribution(snapshot, basis_in("EUR", date(2024, 5, 2), PayBasis.ANNUALIZED)).quantile(0.5)
    assert one_day is not None
    assert one_day != found.quantile(0.5)


def test_the_mean_rate_gives_back_pay_that_is_fixed_in_the_currency() -> None:
    held = [document(str(n), 80_000 * dollars_for("EUR", day.date()).rate, effective=day) for n, day in enumerate(DAYS)]
    cohort = snapshot_of(held).cohort()
    assert float(cohort.column("total").mean()) * effective("EUR").scale(cohort) == pytest.approx(80_000)


SHOWN_IN = (
    "EUR",
    "GBP",
    "JPY",
    "CHF",
    "CAD",
    "AUD",
    "SEK",
    "NOK",
    "PLN",
    "INR",
    "ILS",
    "MXN",
    "BRL",
    "ZAR",
    "KRW",
    "CZK",
)


def figures(held: Held, basis: Basis) -> list[Any]:
    """Return what is shown of people on four days: of all, of a fifth, of both side by side, and over time."""
    snapshot = snapshot_of(held)
    cohort = snapshot.cohort()
    whole, others = (
        Distribution(snapshot.cohort(where), Measure.TOTAL, basis, Policy()) for where in (EVERYTHING, SENIOR)
    )
    weighted = distribution_by(Weighting.TRUST, cohort, Measure.TOTAL, basis, Policy())
    trend = AdjustedTrend(cohort, Interval.YEAR, Measure.TOTAL, basis, Policy())
    shown = [each.quantile(0.5) for each in (whole, others, weighted)] + [each.mean() for each in (whole, weighted)]
    drawn = pooled(snapshot.cohort(SENIOR), Dimension.LEVEL, Measure.TOTAL, basis, Policy())
    effect = premium(cohort, Dimension.LEVEL, 4, None, Measure.TOTAL, basis, Policy())
    return [
        *shown,
        whole.histogram(4),
        whole.rank(1e5),
        compare(whole, others),
        trend.index,
        trend.growth,
        drawn.estimate,
        effect.raw,
        effect.adjusted,
    ]


@pytest.mark.parametrize("conversion", Conversion)
def test_to_ask_in_every_currency_tells_no_more_than_to_ask_in_dollars(conversion: Conversion) -> None:
    """What is the same in dollars is the same everywhere: else enough rates would tell the digits that were cut off."""
    levels = ("entry", "mid", "senior", "staff", "principal")
    held = [
        document(str(n), 100_007.0 + 900 * (37 * n % 101), level=levels[n % 5], effective=DAYS[n // 5 % len(DAYS)])
        for n in range(101)
    ]
    little_more = [{**each, "pay": {**each["pay"], "total": each["pay"]["total"] + 80}} for each in held]
    assert figures(held, Basis()) == figures(little_more, Basis())
    for currency in SHOWN_IN:
        basis = basis_in(currency, None, PayBasis.ANNUALIZED, conversion=conversion)
        assert figures(held, basis) == figures(little_more, basis), currency


def test_at_the_rates_of_own_days_a_median_does_not_say_which_day_it_is_of() -> None:
    """Five people on five days: had each a rate, the median would move between currencies as one of them does."""
    pay = [90_000.0, 95_000.0, 100_000.0, 105_000.0, 110_000.0]
    days = [*DAYS, datetime(2023, 2, 1)]
    for currency in SHOWN_IN:
        medians = {
            distribution(
                snapshot_of([document(str(n), total, effective=days[(n + turn) % 5]) for n, total in enumerate(pay)]),
                effective(currency),
            ).quantile(0.5)
            for turn in range(5)
        }
        assert len(medians) == 1


def test_a_currency_that_moved_far_is_refused_since_a_mean_stands_for_none_of_its_days() -> None:
    with pytest.raises(RateMoved, match="TRY moved by a factor of"):
        mean_rate("TRY", np.array([(day.date() - EPOCH).days for day in DAYS]))


def test_international_dollars_are_local_pay_over_the_units_that_buy_what_a_dollar_buys() -> None:
    places = ("US", "IN", "DE")
    held = [document(str(n), 60_000.0 + 700 * n, country=places[n % 3], effective=DAYS[n % 2]) for n in range(90)]
    found = distribution(snapshot_of(held), international())
    with TABLE.open(encoding="utf-8", newline="") as rows:
        units = {row["country"]: float(row["2022"]) for row in csv.DictReader(rows)}
    currencies = dict(zip(places, ("USD", "INR", "EUR"), strict=True))
    rates = [dollars_for(currencies[each["country"]], each["effective"].date()).rate for each in held]
    expected = [each["pay"]["total"] / rate / units[each["country"]] for each, rate in zip(held, rates, strict=True)]
    for p in (0.1, 0.5, 0.9):
        estimate = found.quantile(p)
        assert estimate is not None
        assert estimate.value == round_to(float(np.quantile(expected, p)), 3)


def test_reports_without_a_parity_are_left_out_of_international_dollars() -> None:
    held = [document(f"u{n}", 1e5 + n, country="US") for n in range(20)]
    held += [document(f"i{n}", 3e4 + n, country="IN") for n in range(4)]
    held += [document(f"x{n}", 3e4 + n, country="AQ") for n in range(30)] + [document("y", 1e5)]
    found = distribution(snapshot_of(held), international())
    assert len(found.cohort) == 24
    assert found.suppression is None
    without = distribution(snapshot_of(held[:25]), international())
    assert without.suppression is not None, "beside plain dollars it would say what the one earns who is left out"
    assert without.suppression.reason is SuppressionReason.COMPLEMENT


def test_years_beyond_the_table_take_the_price_level_of_the_last_one() -> None:
    later, last = (np.array([(date(year, 6, 15) - EPOCH).days]) for year in (LAST_YEAR + 3, LAST_YEAR))
    for country in ("TR", "IN", "GB"):
        held, inside = parities()[country].factors(later)[0], parities()[country].factors(last)[0]
        # the lira fell by half within 2022 alone, so that a day of it is not the year
        assert held == pytest.approx(inside, rel=0.1)
    assert parities()["US"].factors(later)[0] == 1


def test_every_row_of_the_table_has_every_year_and_rates() -> None:
    days = np.array([(date(year, 6, 15) - EPOCH).days for year in range(FIRST_YEAR - 2, LAST_YEAR + 4)])
    for country, parity in parities().items():
        assert (parity.factors(days) > 0.4).all(), country
        assert (parity.factors(days) < 6).all(), country


@pytest.mark.parametrize(
    "given",
    [
        {"currency": "EUR", "day": None, "parity": True},
        {"currency": "USD", "day": date(2024, 1, 2), "parity": True},
        {"currency": "EUR", "day": date(2024, 1, 2), "conversion": Conversion.EFFECTIVE_DAY},
        {"currency": "EUR", "day": None, "prices_of": "2024-01", "conversion": Conversion.EFFECTIVE_DAY},
    ],
)
def test_what_cannot_be_together_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BasisConflict):
        basis_in(pay=PayBasis.ANNUALIZED, **given)


def test_an_offer_of_today_is_counted_as_the_reports_are() -> None:
    assert Basis().of_today("IN") == 1
    assert international().of_today("IN") > 2
    with pytest.raises(NoParity, match="AQ"):
        international().of_today("AQ")
    # in the prices of the newest month an offer of today is itself
    assert basis_in("USD", None, PayBasis.ANNUALIZED, "2026-08").of_today("US") == pytest.approx(1)


def test_the_answer_says_which_rates_indices_and_parities_were_applied() -> None:
    snapshot = snapshot_of([document(str(n), 1e5 + n, country="US") for n in range(20)])
    query = """query ($basis: Basis!) { cohort(basis: $basis) { distribution { median { value } money {
        currency rate rateDate rateSource conversion pricesOf priceIndex priceSource ppp pppSource pppYears } } } }"""

    def note(basis: dict[str, Any]) -> dict[str, Any]:
        result = asyncio.run(schema.execute(query, {"basis": basis}, context_value=context_of(snapshot)))
        assert result.errors is None, result.errors
        money: dict[str, Any] = result.data["cohort"]["distribution"]["money"]
        return {name: value for name, value in money.items() if value is not None}

    plain = {"currency": "USD", "conversion": "ONE_DAY", "ppp": False}
    assert note({}) == plain
    assert note({"ppp": True}).keys() - plain.keys() == {"pppSource", "pppYears"}
    real = note({"realTo": "2025-06"})
    assert (real["pricesOf"], real["priceIndex"]) == ("2025-06", 322.561)
    assert note({"currency": "EUR", "conversion": "EFFECTIVE_DAY"}).keys() - plain.keys() == {"rateSource"}
    assert note({"currency": "EUR", "ratesOf": "2025-01-02"})["rateDate"] == "2025-01-02"


def test_in_international_dollars_a_country_of_few_people_withholds_nothing_of_the_others() -> None:
    held = [document(f"u{n}", 1e5 + 999 * n, country="US", effective=DAYS[n % 3]) for n in range(90)]
    held += [document(f"i{n}", 3e4 + n, country="IN", effective=DAYS[n % 3]) for n in range(4)]
    cohort = snapshot_of(held).cohort()
    found = AdjustedTrend(cohort, Interval.YEAR, Measure.TOTAL, international(), Policy())
    assert list(found.index) == ["2022", "2023"]
    plain, shown = (
        Distribution(each, Measure.TOTAL, basis, Policy()).quantile(0.5)
        for each, basis in ((snapshot_of(held[:90]).cohort(), Basis()), (cohort, international()))
    )
    assert plain
    assert shown
    # the four share a factor with one of the others
    assert shown.value == pytest.approx(plain.value, rel=0.02)
