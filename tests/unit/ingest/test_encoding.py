"""Reports are written as BSON by compiled code: byte for byte what folding and the driver make of them."""

from datetime import UTC, date, datetime, timedelta

import bson
from hypothesis import given
from hypothesis import strategies as st

from ingest.encoding import encode_reports
from schema.document import document_id, fold
from schema.report import AnnualPay, Matches, Negotiated, SalaryReport
from schema.vocabulary import CompanySize, Level, MatchKind, QualityFlag, WorkMode

NORMALISER = 7
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
LONG = st.builds(str.__mul__, st.sampled_from("aé語"), st.sampled_from([31, 32, 255, 256, 33_000]))
NUMBERS = st.floats(allow_nan=False)
MOMENTS = st.datetimes(timezones=st.just(UTC))
SEQUENCES = st.sampled_from([0, 127, 128, 255, 256, 2**15, 2**16, 2**31 - 1, 2**31, 2**32, 10**18])
TIMES = st.integers(-(2**55), 2**55) | st.sampled_from([-1, -32, -33, -129, -(2**15) - 1, -(2**31), -(2**31) - 1])
MAYBE = st.none() | NUMBERS

PAYS = st.builds(
    AnnualPay, TEXTS, NUMBERS, st.dates(), NUMBERS, NUMBERS, MAYBE, MAYBE, MAYBE, MAYBE, MAYBE, low=MAYBE, high=MAYBE
)
REPORTS = st.builds(
    SalaryReport,
    TEXTS,
    TEXTS | LONG,
    st.tuples(TIMES, SEQUENCES, TEXTS),
    st.dates(),
    TEXTS,
    PAYS,
    MOMENTS,
    contributor=st.none() | TEXTS,
    synthetic=st.booleans(),
    level=st.none() | st.sampled_from(Level),
    company_size=st.none() | st.sampled_from(CompanySize),
    work_mode=st.none() | st.sampled_from(WorkMode),
    experience_years=MAYBE,
    internship=st.none() | st.booleans(),
    skills=st.lists(TEXTS, max_size=120).map(tuple),
    negotiation=st.none() | st.builds(Negotiated, st.booleans(), MAYBE, MAYBE),
    flags=st.lists(st.sampled_from(QualityFlag), max_size=3).map(tuple),
    matches=st.builds(Matches, *[st.sampled_from(MatchKind)] * 3),
)


def alone(report: SalaryReport) -> bytes:
    return bson.encode(fold(None, report, NORMALISER))


@given(st.lists(REPORTS.filter(lambda report: not report.subject.endswith(("#min", "#max"))), max_size=4))
def test_many_reports_are_written_as_each_is_alone(reports: list[SalaryReport]) -> None:
    by_id = {document_id(report.source, report.subject): report for report in reports}
    written = [document.raw for document in encode_reports(by_id, NORMALISER)]
    assert written == [alone(report) for report in by_id.values()]


def test_every_day_and_every_millisecond_is_written_as_the_driver_writes_it() -> None:
    pay = AnnualPay("USD", 1.0, date(2024, 2, 29), 1.0, 1.0)
    first, second = date(1, 1, 1), datetime(1583, 10, 1, 23, 59, 59, 999_999, UTC)
    reports = {}
    for number in range(3_700):
        day, moment = first + timedelta(number * 970), second + timedelta(number * 9, 0, number)
        reports[f"{number:032}"] = SalaryReport("s", "r", (0, 0, ""), day, "other", pay, moment)
    written = [document.raw for document in encode_reports(reports, NORMALISER)]
    wanted = [bson.encode({**fold(None, report, NORMALISER), "_id": key}) for key, report in reports.items()]
    assert written == wanted
