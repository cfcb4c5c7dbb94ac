from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise import normalise
from schema.errors import Rejection
from schema.event import WITHDRAWN, Event, ReportData
from schema.report import Matches, Negotiated, SalaryReport, Withdrawal
from schema.vocabulary import Level, LevelSource, MatchKind, RejectionReason, WorkMode

NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)
FULL: dict[str, Any] = {
    "contributor": "c-5521",
    "kind": "survey",
    "verification": "employer_email",
    "effective": "2025-02",
    "title": "Sr. Machine Learning Engineer (NLP)",
    "level": "L5",
    "specialization": "LLM",
    "company": {"name": "Google Inc.", "size": "1001-5000", "industry": "fintech", "ml": "core"},
    "place": {"text": "Bengaluru, India", "country": "IN", "city": "Bangalore"},
    "work_mode": "hybrid",
    "pay_policy": "location",
    "employment": "full_time",
    "experience": {"years": 6.5, "at_company": 2, "internship": True, "portfolio": True},
    "education": {"degree": "M.Sc.", "field": "computer science"},
    "skills": ["Python", "PyTorch", "k8s", "communication"],
    "pay": {"currency": "EUR", "base": 100000, "bonus": {"amount": 10, "unit": "percent"}},
    "negotiation": {"negotiated": True, "first_offer": {"base": 90000, "total": 95000}},
    "change": {"kind": "switch", "previous_total": 80000},
}
LEAST: dict[str, Any] = {"title": "MLE", "effective": "2025", "pay": {"currency": "USD", "base": 100000}}


def event(data: dict[str, Any] | None, **attributes: Any) -> Event:
    given = {
        "id": "m-1",
        "source": "survey",
        "subject": "r-1",
        "type": "org.paygauge.report.submitted.v1",
        "time": NOON,
    }
    return Event(**{**given, **attributes}, data=msgspec.convert(data, ReportData) if data else None)


def report(data: dict[str, Any], **attributes: Any) -> SalaryReport:
    normalised = normalise(event(data, **attributes), NOON)
    assert isinstance(normalised, SalaryReport)
    return normalised


def test_a_full_event_becomes_agreed_words_with_how_each_was_found() -> None:
    full = report(FULL)
    assert (full.role, full.level, full.level_source) == ("machine-learning-engineer", Level.SENIOR, LevelSource.LADDER)
    assert full.specializations == ("generative-ai", "nlp")
    assert (full.country, full.region, full.company) == ("IN", "IN-KA", "google")
    assert (full.education, full.field) == ("master", "computer-science")
    assert full.skills == ("communication", "kubernetes", "python", "pytorch")
    assert (full.work_mode, full.pay_policy, full.employment) == ("hybrid", "location", "full_time")
    assert (full.experience_years, full.years_at_company, full.internship, full.portfolio) == (6.5, 2, True, True)
    assert full.matches.level is MatchKind.EXACT
    assert min(msgspec.structs.astuple(full.matches)) >= MatchKind.ALIAS


def test_the_least_event_leaves_the_rest_unknown() -> None:
    least = report(LEAST)
    known = {"source", "subject", "version", "effective", "role", "pay", "received", "matches"}
    defaults = {name: value for name, value in msgspec.structs.asdict(least).items() if name not in known}
    fresh = SalaryReport(**{name: getattr(least, name) for name in known})
    assert defaults == {name: value for name, value in msgspec.structs.asdict(fresh).items() if name not in known}
    assert least.matches == Matches(role=MatchKind.ALIAS)
    assert least.effective == date(2025, 7, 1)


def test_all_money_of_a_report_is_converted_at_the_rate_of_its_pay() -> None:
    full = report(FULL)
    rate = full.pay.rate
    assert full.pay.base == pytest.approx(100000 * rate, abs=0.01)
    assert full.negotiation == Negotiated(True, pytest.approx(90000 * rate), pytest.approx(95000 * rate))
    assert full.previous_total == pytest.approx(80000 * rate)


def test_a_contributor_is_never_stored_in_clear_and_is_one_of_its_source() -> None:
    one = report(FULL).contributor
    assert one
    assert len(one) == 16
    assert "5521" not in one
    assert report(FULL, subject="r-2").contributor == one
    assert report(FULL, source="another").contributor != one
    assert report({**FULL, "contributor": "c-5522"}).contributor != one
    assert report(LEAST).contributor is None


def test_a_withdrawal_needs_no_data_and_keeps_its_version() -> None:
    withdrawn = event(None, type=WITHDRAWN, sequence="7")
    assert normalise(withdrawn, NOON) == Withdrawal("survey", "r-1", withdrawn.version, NOON)
    assert withdrawn.version[1] == 7


@pytest.mark.parametrize(
    ("data", "time", "reason", "path"),
    [
        ({**LEAST, "effective": "2099"}, NOON, RejectionReason.OUT_OF_RANGE, "$.data.effective"),
        ({**LEAST, "effective": "soon"}, NOON, RejectionReason.WRONG_TYPE, "$.data.effective"),
        (
            {**LEAST, "pay": {"currency": "XXQ", "base": 1}},
            NOON,
            RejectionReason.UNKNOWN_CURRENCY,
            "$.data.pay.currency",
        ),
        (LEAST, NOON + timedelta(days=2), RejectionReason.OUT_OF_RANGE, "$.time"),
        (None, NOON, RejectionReason.MISSING_FIELD, "$.data"),
    ],
)
def test_what_is_wrong_is_rejected_with_reason_and_path(
    data: dict[str, Any] | None, time: datetime, reason: RejectionReason, path: str
) -> None:
    with pytest.raises(Rejection) as caught:
        normalise(event(data, time=time), NOON)
    assert (caught.value.reason, caught.value.path) == (reason, path)


def test_a_remote_place_says_the_work_mode_unless_it_is_given() -> None:
    assert report({**LEAST, "place": "Remote - US"}).work_mode is WorkMode.REMOTE
    assert report({**LEAST, "place": "Remote - US", "work_mode": "hybrid"}).work_mode is WorkMode.HYBRID


def test_an_internship_is_the_level_of_an_intern_unless_a_level_is_given() -> None:
    assert report({**LEAST, "employment": "internship"}).level is Level.INTERN
    assert report({**LEAST, "employment": "internship", "level": "junior"}).level is Level.ENTRY


def test_normalising_agreed_words_again_gives_the_same_words() -> None:
    first = report(FULL)
    again = report(
        {
            **FULL,
            "title": first.role,
            "level": first.level,
            "specialization": list(first.specializations),
            "company": {"name": first.company, "size": first.company_size, "industry": first.industry, "ml": first.ml},
            "place": {"country": first.country, "region": first.region, "city": first.metro},
            "education": {"degree": first.education, "field": first.field},
            "skills": list(first.skills),
        }
    )
    different = {"level_source", "matches", "metro"}
    words = {name: value for name, value in msgspec.structs.asdict(first).items() if name not in different}
    assert {name: getattr(again, name) for name in words} == words


TEXT = st.text(max_size=40)


@given(TEXT, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=4))
def test_no_text_breaks_the_normaliser_and_the_same_event_is_always_read_the_same(
    title: str, level: str, place: str, name: str, skills: list[str]
) -> None:
    data = {**LEAST, "title": title or "x", "level": level, "place": place, "skills": skills}
    data |= {"company": {"name": name, "industry": title, "size": level}, "education": {"degree": place, "field": name}}
    data |= {"employment": level, "work_mode": place, "pay_policy": title, "specialization": name}
    assert report(data) == report(data)
