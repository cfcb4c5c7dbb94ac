from datetime import date

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from ingest.normalise.amount_words import PER_YEAR
from ingest.normalise.pay import annual_pay, find_currency
from schema.errors import Rejection
from schema.event import Amount, Pay, Stock
from schema.rates import dollars_for
from schema.report import AnnualPay
from schema.terms import load_terms
from schema.vocabulary import AmountUnit, Period, QualityFlag, RejectionReason

DAY = date(2025, 2, 3)

AMOUNTS = [
    ("120k", "USD", 120_000),
    ("💰 120k", "USD", 120_000),
    ("1億2千万円", "JPY", 120_000_000),
    ("1.2M", "USD", 1_200_000),
    ("120000.00", "USD", 120_000),
    ("$1099/week", "USD", 57_148),
    ("1099/W2 $90k", "USD", 90_000),
    ("$85k (1099)", "USD", 85_000),
    ("1,234,567.89", "USD", 1_234_567.89),
    ("1.234.567,89", "EUR", 1_234_567.89),
    ("1'234'567.89", "CHF", 1_234_567.89),
    ("12,34,567", "INR", 1_234_567),
    ("65 000 €", "EUR", 65_000),
    ("65.000 EUR brutto/Jahr", "EUR", 65_000),
    ("65 TEUR", "EUR", 65_000),
    ("45 mil euros", "EUR", 45_000),
    ("120,5k", "EUR", 120_500),
    ("45 LPA", "INR", 4_500_000),
    ("45 lakh", "INR", 4_500_000),
    ("₹ 45,00,000/-", "INR", 4_500_000),
    ("1.5 crore", "INR", 15_000_000),
    ("1 crore 20 lakhs", "INR", 12_000_000),
    ("3 LPM", "INR", 3_600_000),
    ("800万円", "JPY", 8_000_000),
    ("5000만원", "KRW", 50_000_000),
    ("£650/day", "GBP", 650 * 260),
    ("TJM 550€", "EUR", 550 * 260),
    ("$60 an hour", "USD", 60 * 2080),
    ("80 €/Std.", "EUR", 80 * 2080),
    ("$2,500/week", "USD", 2500 * 52),
    ("$5,000 bi-weekly", "USD", 5000 * 26),
    ("50,000 p.m.", "INR", 600_000),
    ("R$ 15.000,00/mês", "BRL", 180_000),
    ("55 000 kr/mån", "SEK", 660_000),
    ("20 000 zł/mies.", "PLN", 240_000),
    ("¥600k per month", "JPY", 7_200_000),
    ("5.000 € x 13", "EUR", 65_000),
    ("14 pagas de 2.500 €", "EUR", 35_000),
    ("25K·14薪", "CNY", 350_000),
    ("10k x 12 months", "USD", 120_000),
    ("$120,000 - $160,000", "USD", 140_000),
    ("80-100k", "USD", 90_000),
    ("$100-120,000", "USD", 110_000),
    ("80L - 1Cr", "INR", 9_000_000),
    ("45 à 55 K€", "EUR", 50_000),
    ("between 120k and 160k per annum", "USD", 140_000),
    ("$55/hr - $65/hr", "USD", 60 * 2080),
    ("$120k/year + equity", "USD", 120_000),
    ("120k + 401k", "USD", 120_000),
    ("80k all-in", "EUR", 80_000),
    ("5.000 € mtl.", "EUR", 60_000),
    ("60k/J", "EUR", 60_000),
    ("600 €/j", "EUR", 156_000),
    ("48.000 kr. om måneden", "DKK", 576_000),
    ("95 Euro die Stunde", "EUR", 197_600),
    ("4000 € brut par mois sur 13 mois", "EUR", 52_000),
    ("TEUR 65", "EUR", 65_000),
    ("€4500 bruto/mnd", "EUR", 54_000),
    ("65k incl. 13. Monatsgehalt", "EUR", 65_000),
    ("1억 2천", "KRW", 120_000_000),
    ("2200 en 14 pagas", "EUR", 30_800),
    ("20 000 - 25 000 PLN net + VAT / month", "PLN", 270_000),
]

NO_AMOUNTS = [
    "competitive",
    "abc",
    "$",
    "???",
    "1,2,3",
    "120.000.00",
    "120k 160k",
    "120k base + 20k bonus",
    "120k + 20%",
    "35.000 € en 14 pagas",
    "€50k ($55k)",
    "120k/year (10k/month)",
    "3000 € netto",
    "120k after tax",
    "10 years",
    "120k over 2 years",
    "1.5x",
    "65 mil",
    "12 LPA + 2 Lakh joining bonus",
    "15%",
    "1e999",
]


def _pay(pay: Pay) -> AnnualPay:
    return annual_pay(pay, DAY)[0]


def _flags(pay: Pay) -> frozenset[QualityFlag]:
    return annual_pay(pay, DAY)[1]


@pytest.mark.parametrize(("text", "currency", "expected"), AMOUNTS)
def test_an_amount_is_read_as_people_type_it(text: str, currency: str, expected: float) -> None:
    pay, flags = annual_pay(Pay(currency, base=text), DAY)
    assert pay.total == pytest.approx(expected * dollars_for(currency, DAY).rate, abs=0.01)
    assert QualityFlag.SUSPECT_CURRENCY not in flags


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_not_one_amount_is_set_aside_with_its_path(text: str) -> None:
    with pytest.raises(Rejection) as caught:
        _pay(Pay("USD", base=text))
    assert (caught.value.reason, caught.value.path) == (RejectionReason.WRONG_TYPE, "$.data.pay.base")


@pytest.mark.parametrize("base", [0.0, "0", "-120k", 1e12, 0.5, Amount(min=0, max=0), "9" * 400])
def test_nothing_negative_and_absurd_pay_are_out_of_range(base: Amount | float | str) -> None:
    with pytest.raises(Rejection) as caught:
        _pay(Pay("USD", base=base))
    assert caught.value.reason is RejectionReason.OUT_OF_RANGE


@pytest.mark.parametrize(
    "pay", [Pay("USD"), Pay("USD", base="n/a"), Pay("USD", bonus=5000.0), Pay("USD", base=Amount())]
)
def test_base_or_total_is_needed(pay: Pay) -> None:
    with pytest.raises(Rejection) as caught:
        _pay(pay)
    assert (caught.value.reason, caught.value.path) == (RejectionReason.MISSING_FIELD, "$.data.pay.base")


def test_the_parts_of_the_guides_example_add_up_to_its_total() -> None:
    pay, flags = annual_pay(
        Pay(
            "INR",
            base=Amount(4_500_000),
            bonus=Amount(10, unit=AmountUnit.PERCENT),
            stock=Stock(grant=4_000_000, years=4, first_year_share=0.25),
            benefits=Amount(250_000),
            sign_on=Amount(500_000),
            total=Amount(6_200_000),
        ),
        DAY,
    )
    rate = dollars_for("INR", DAY).rate
    assert flags == frozenset()
    assert (pay.rate, pay.rate_date) == (rate, DAY)
    assert pay.total == pytest.approx(6_200_000 * rate, abs=0.02)
    assert pay.first_year == pytest.approx(6_700_000 * rate, abs=0.02)
    assert pay.bonus == pytest.approx(450_000 * rate, abs=0.01)
    assert pay.stock == pytest.approx(1_000_000 * rate, abs=0.01)


def test_the_first_year_takes_its_own_share_of_the_grant_and_the_sign_on() -> None:
    stock = Stock(grant=400_000, years=4, first_year_share=0.05, per_year=10_000)
    pay = _pay(Pay("USD", base=100_000.0, stock=stock, sign_on=30_000.0))
    assert (pay.stock, pay.total) == (110_000, 210_000)
    assert pay.first_year == 100_000 + 20_000 + 10_000 + 30_000
    assert pay.sign_on == 30_000


def test_a_percentage_is_of_the_annual_base_whatever_part_it_is() -> None:
    base = Amount(10_000, period=Period.MONTH)
    pay = _pay(Pay("USD", base=base, bonus="10%", benefits="5%", sign_on=Amount(20, unit=AmountUnit.PERCENT)))
    assert (pay.bonus, pay.benefits, pay.sign_on) == (12_000, 6_000, 24_000)
    assert _pay(Pay("USD", total=100_000.0, bonus="10%")).bonus is None


def test_no_bonus_is_a_bonus_of_nothing() -> None:
    assert _pay(Pay("USD", base=100_000.0, bonus=0.0)).bonus == 0.0


def test_a_grant_that_vests_within_months_is_paid_once() -> None:
    assert _pay(Pay("USD", base=100_000.0, stock=Stock(grant=10_000, years=0.5))).stock == 10_000


def test_a_sign_on_has_no_period() -> None:
    assert _pay(Pay("USD", base=100_000.0, sign_on=Amount(10_000, period=Period.MONTH))).sign_on == 10_000


def test_parts_that_disagree_with_the_total_win_and_are_flagged() -> None:
    pay, flags = annual_pay(Pay("USD", base=100_000.0, bonus=10_000.0, total=150_000.0), DAY)
    assert pay.total == 110_000
    assert flags == {QualityFlag.PARTS_DISAGREE}
    assert _flags(Pay("USD", base=100_000.0, bonus=10_000.0, total=110_900.0)) == frozenset()


def test_a_total_alone_is_enough_and_parts_without_a_base_are_not_all_of_it() -> None:
    pay, flags = annual_pay(Pay("USD", total=150_000.0, bonus=10_000.0), DAY)
    assert (pay.total, pay.base, pay.bonus, flags) == (150_000, None, 10_000, frozenset())
    assert _flags(Pay("USD", total=15_000.0, bonus=20_000.0)) == {QualityFlag.PARTS_DISAGREE}


def test_a_range_is_its_middle_with_its_ends_kept() -> None:
    pay, flags = annual_pay(Pay("USD", base=Amount(min=100_000, max=140_000), bonus="10-20%"), DAY)
    assert (pay.low, pay.total, pay.high) == (110_000, 120_000 * 1.15, 168_000)
    assert flags == {QualityFlag.RANGE}


@pytest.mark.parametrize("base", ["120k+", "up to 120k", "from 120k", "> 120k", Amount(min=120_000)])
def test_one_end_of_a_range_is_flagged(base: Amount | str) -> None:
    pay, flags = annual_pay(Pay("USD", base=base), DAY)
    assert (pay.total, pay.low, flags) == (120_000, None, {QualityFlag.RANGE})


@pytest.mark.parametrize(
    ("text", "currency"), [("£650/day", "USD"), ("45 LPA", "USD"), ("65k€", "GBP"), ("$5k", "EUR")]
)
def test_a_sign_that_contradicts_the_currency_is_flagged(text: str, currency: str) -> None:
    assert QualityFlag.SUSPECT_CURRENCY in _flags(Pay(currency, base=text))


@pytest.mark.parametrize(
    ("text", "currency"), [("$120k", "CAD"), ("¥8M", "CNY"), ("kr 650 000", "NOK"), ("Rs 5 lakh", "INR")]
)
def test_a_sign_that_several_currencies_share_is_not(text: str, currency: str) -> None:
    assert QualityFlag.SUSPECT_CURRENCY not in _flags(Pay(currency, base=text))


def test_a_period_in_the_text_that_contradicts_the_field_is_flagged() -> None:
    pay, flags = annual_pay(Pay("USD", base=Amount("$10k/month", period=Period.HOUR)), DAY)
    assert (pay.total, flags) == (120_000, {QualityFlag.SUSPECT_PERIOD})


@pytest.mark.parametrize(
    ("said", "code"),
    [("usd", "USD"), (" Eur ", "EUR"), ("€", "EUR"), ("£", "GBP"), ("₹", "INR"), ("RMB", "CNY"), ("US Dollar", "USD")],
)
def test_a_currency_may_be_named_by_an_unambiguous_sign(said: str, code: str) -> None:
    assert find_currency(said) == code


@pytest.mark.parametrize("said", ["$", "kr", "¥", "peso", "", "dollarydoo"])
def test_a_currency_that_may_be_several_is_none(said: str) -> None:
    with pytest.raises(Rejection) as caught:
        _pay(Pay(said or "-", base=1000.0))
    assert caught.value.reason is RejectionReason.UNKNOWN_CURRENCY


@given(
    st.text(max_size=40)
    | st.from_regex(r"[$€£₹]? ?\d{1,4}([.,' ]\d{1,3}){0,3} ?(k|m|lpa|cr|万)?( ?[-/x+%] ?\w{0,5}){0,2}")
)
def test_any_text_is_an_amount_or_set_aside(text: str) -> None:
    try:
        assert 1 <= _pay(Pay("USD", base=text)).total <= 100_000_000
    except Rejection as rejection:
        event(rejection.reason)


amounts = st.integers(1_000, 500_000)


@given(amounts, st.sampled_from(["USD", "EUR", "INR", "JPY", "GBP"]))
@example(1_099, "USD")
def test_monthly_times_twelve_is_yearly(monthly: int, currency: str) -> None:
    yearly = _pay(Pay(currency, base=float(monthly * 12)))
    assert _pay(Pay(currency, base=Amount(monthly, period=Period.MONTH))) == yearly
    assert _pay(Pay(currency, base=f"{monthly} per month")) == yearly
    assert _pay(Pay(currency, base=f"{monthly:,} x 12")) == yearly
    assert _pay(Pay(currency, base=Amount(monthly, period=Period.MONTH, payments=12))) == yearly


@given(amounts, st.sampled_from(list(Period)))
def test_a_period_in_words_is_the_same_as_in_the_field(amount: int, period: Period) -> None:
    def total(pay: Pay) -> float | None:
        try:
            return _pay(pay).total
        except Rejection:  # half a million dollars an hour
            return None

    assert total(Pay("USD", base=f"${amount:,} per {period}")) == total(Pay("USD", base=Amount(amount, period=period)))


@given(amounts, amounts)
def test_the_ends_of_a_range_hold_its_middle_in_any_order(one: int, other: int) -> None:
    pay = _pay(Pay("USD", base=Amount(min=one, max=other)))
    assert pay == _pay(Pay("USD", base=Amount(min=other, max=one)))
    if one != other:
        assert pay.low is not None
        assert pay.high is not None
        assert pay.low <= pay.total <= pay.high


def test_every_word_of_an_amount_has_one_meaning() -> None:
    seen: dict[str, str] = {}
    for term in load_terms("amount_word").values():
        for alias in term.aliases:
            assert seen.setdefault(alias, term.code) == term.code, alias


@given(st.floats(1, 1e8) | st.integers(200, 10**10).map(lambda halves: halves / 200))
@example(1.005)
@example(2.675)
@example(1_000.125)
@example(99_999_999.985)
def test_an_amount_is_rounded_to_the_nearest_cent(amount: float) -> None:
    assert _pay(Pay("USD", base=amount)).base == round(amount, 2)


@given(st.floats(0, 1e13))
@example(9_999_999_999_999.17)
def test_a_bonus_beyond_all_sense_is_rounded_to_the_nearest_cent_too(amount: float) -> None:
    bonus = Amount(amount, period=Period.DAY)
    assert _pay(Pay("USD", total=100_000.0, bonus=bonus)).bonus == round(amount * PER_YEAR["day"], 2)
