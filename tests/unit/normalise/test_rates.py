import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from currency_converter.currency_converter import CURRENCY_FILE
from hypothesis import event, given
from hypothesis import strategies as st

from schema import rates
from schema.errors import Rejection, SettingsError
from schema.rates import currencies, dollars_for, latest_day, read_rates
from schema.vocabulary import RejectionReason

LIVE = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NOK NZD PHP PLN RON SEK SGD THB TRY "
    "USD ZAR"
)


@pytest.fixture
def own_rates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "rates.csv"
    monkeypatch.setenv("PAYGAUGE_RATES", str(path))
    rates._own.cache_clear()
    rates.dollars_for.cache_clear()
    yield path
    rates._own.cache_clear()
    rates.dollars_for.cache_clear()


def test_a_rate_is_the_quotient_of_two_reference_rates_of_the_day() -> None:
    with zipfile.ZipFile(CURRENCY_FILE) as archive:
        text = archive.read(archive.namelist()[0]).decode()
    row = next(row for row in csv.DictReader(io.StringIO(text)) if row["Date"] == "2024-06-03")
    rate = dollars_for("INR", date(2024, 6, 3))
    assert rate.rate == pytest.approx(float(row["USD"]) / float(row["INR"]), rel=1e-12)
    assert rate.day == date(2024, 6, 3)
    assert "ECB" in rate.source


def test_a_day_without_a_quote_has_the_last_one_before_it() -> None:
    assert dollars_for("EUR", date(2024, 12, 25)) == dollars_for("EUR", date(2024, 12, 24))
    assert dollars_for("EUR", date(2024, 12, 25)).day == date(2024, 12, 24)


def test_after_the_newest_day_the_newest_rate_holds_and_says_its_day() -> None:
    assert dollars_for("GBP", latest_day() + timedelta(days=900)) == dollars_for("GBP", latest_day())
    assert dollars_for("GBP", date.max).day == latest_day()


def test_a_dollar_is_a_dollar_on_any_day() -> None:
    assert dollars_for("USD", date(1900, 1, 1)).rate == 1.0


def test_the_currencies_that_the_bank_quotes_today_are_known() -> None:
    assert currencies() == set(LIVE.split())


@pytest.mark.parametrize(
    ("currency", "day", "reason"),
    [
        ("XYZ", date(2024, 1, 2), RejectionReason.UNKNOWN_CURRENCY),
        ("", date(2024, 1, 2), RejectionReason.UNKNOWN_CURRENCY),
        ("AED", date(2024, 1, 2), RejectionReason.NO_RATE),
        ("RUB", date(2023, 1, 2), RejectionReason.NO_RATE),
        ("EUR", date(1998, 12, 31), RejectionReason.NO_RATE),
        ("EUR", date.min, RejectionReason.NO_RATE),
        ("INR", date(2008, 12, 31), RejectionReason.NO_RATE),
    ],
)
def test_no_rate_is_guessed(currency: str, day: date, reason: RejectionReason) -> None:
    with pytest.raises(Rejection) as caught:
        dollars_for(currency, day)
    assert caught.value.reason is reason
    assert caught.value.path == "$.data.pay.currency"


def test_a_missing_rate_says_where_to_put_one() -> None:
    with pytest.raises(Rejection, match="PAYGAUGE_RATES"):
        dollars_for("AED", date(2024, 1, 2))


def test_a_rate_of_ones_own_holds_until_the_next_and_a_year_at_most(own_rates: Path) -> None:
    own_rates.write_text("currency,date,usd,source\nAED,2023-01-01,0.27,peg\nAED,2024-01-01,0.28,\n")
    assert dollars_for("AED", date(2023, 12, 31))[:] == (0.27, date(2023, 1, 1), "peg")
    assert dollars_for("AED", date(2024, 6, 1)).rate == 0.28
    for day in (date(2022, 12, 31), date(2025, 1, 2)):
        with pytest.raises(Rejection, match="no rate"):
            dollars_for("AED", day)


def test_the_banks_rates_outrank_ones_own(own_rates: Path) -> None:
    before = dollars_for("EUR", date(2024, 6, 3))
    own_rates.write_text("currency,date,usd,source\nEUR,2024-06-03,9.9,mine\n")
    rates._own.cache_clear()
    rates.dollars_for.cache_clear()
    assert dollars_for("EUR", date(2024, 6, 3)) == before


@pytest.mark.parametrize(
    "line", ["AED,2024-01-01,x,", "AED,soon,0.27,", "AED,2024-01-01,-1,", "AED,2024-01-01,nan,", ",2024-01-01,1,"]
)
def test_a_wrong_row_is_named(own_rates: Path, line: str) -> None:
    own_rates.write_text(f"currency,date,usd,source\nAED,2023-01-01,0.27,\n{line}\n")
    with pytest.raises(SettingsError, match=r"PAYGAUGE_RATES.*row 3"):
        dollars_for("AED", date(2024, 1, 2))


@pytest.mark.usefixtures("own_rates")
def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(SettingsError, match=r"rates\.csv cannot be read"):
        dollars_for("AED", date(2024, 1, 2))


@given(st.text(max_size=5), st.dates())
def test_any_currency_and_day_give_a_rate_or_a_reason(currency: str, day: date) -> None:
    try:
        assert dollars_for(currency, day).rate > 0
    except Rejection as rejection:
        event(rejection.reason)


def test_rows_may_stand_in_any_order() -> None:
    rows = [{"currency": "aed", "date": day, "usd": "1"} for day in ("2024-02-01", "2024-01-01")]
    assert [rate.day for rate in read_rates(rows)["AED"]] == [date(2024, 1, 1), date(2024, 2, 1)]
