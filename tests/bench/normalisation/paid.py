"""Pay: what a whole event with this pay comes to a year in its own currency, and which suspicions are raised."""

from datetime import UTC, datetime

import msgspec

from ingest.normalise import normalise
from schema.errors import Rejection
from schema.event import SUBMITTED, Amount, Event, Pay, Place, ReportData
from schema.report import SalaryReport
from schema.vocabulary import Period, QualityFlag
from tests.bench.normalisation.labelled import Row, alternatives
from tests.bench.normalisation.verdict import Verdict, judge_amounts

EFFECTIVE = "2024-06-03"
TIME = datetime(2024, 6, 4, tzinfo=UTC)
EXAMINED = (QualityFlag.SUSPECT_PERIOD, QualityFlag.SUSPECT_CURRENCY, QualityFlag.PARTS_DISAGREE)


def judge_pay(row: Row) -> tuple[Verdict, str]:
    """Return the verdict on the annual amounts; for pay in parts, on the first year's too."""
    report = _report_of(row)
    columns = [row[name] for name in ("low", "high", "first_year") if name in row]
    if report is None:
        return judge_amounts(None, tuple(columns)), "rejected"
    pay = report.pay
    dollars = (pay.low or pay.total, pay.high or pay.total, pay.first_year)
    answer = tuple(amount / pay.rate for amount in dollars[: len(columns)])
    shown = ", ".join(f"{amount:,.0f}" for amount in answer)
    return judge_amounts(answer, tuple(columns)), f"{shown} {_flags_of(report)}".strip()


def judge_flags(row: Row) -> tuple[Verdict, str]:
    """Return the verdict on the flags. A missed suspicion is "unknown"; a false one is wrong."""
    report = _report_of(row)
    raised = _flags_of(report) if report else ""
    if report is None or raised in alternatives(row["flag"]):
        return Verdict.RIGHT, raised
    return (Verdict.WRONG if raised else Verdict.UNKNOWN), raised


def _flags_of(report: SalaryReport) -> str:
    return "|".join(flag for flag in EXAMINED if flag in report.flags)


def _report_of(row: Row) -> SalaryReport | None:
    pay = _pay_of(row)
    country = "DE" if pay.currency == "EUR" else pay.currency[:2]
    data = ReportData("Machine Learning Engineer", EFFECTIVE, pay, place=Place(country=country))
    try:
        report = normalise(Event("1", "bench", "1", SUBMITTED, TIME, data=data), TIME)
    except Rejection:
        return None
    assert isinstance(report, SalaryReport)
    return report


def _pay_of(row: Row) -> Pay:
    if "currency" not in row:
        return msgspec.json.decode(row["text"], type=Pay)
    period = Period(row["period"] or Period.YEAR)
    return Pay(row["currency"], base=Amount(row["text"], period=period))
