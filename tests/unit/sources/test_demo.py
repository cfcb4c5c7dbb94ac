import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from msgspec import convert

from deploy.sources.demo import CHUNK, demo_events
from deploy.sources.demo.companies import load_companies
from deploy.sources.demo.money import CURRENCIES, in_local, write_amount
from deploy.sources.demo.pay import TREND, draw_pay
from deploy.sources.demo.population import draw_population
from deploy.sources.demo.quirks import break_event
from deploy.sources.demo.tables import LEVELS, PLACES
from deploy.sources.demo.writing import LEGAL_FORMS
from deploy.sources.publish import Message, message_of
from ingest.normalise import NORMALISER_VERSION, normalise
from ingest.normalise.company import find_company
from ingest.normalise.pay import annual_pay
from schema.document import Document, document_id, fold
from schema.errors import Rejection
from schema.event import CORRECTED, WITHDRAWN, Amount, Event, Pay, ReportData, decode_event
from schema.report import SalaryReport, Withdrawal
from schema.terms import load_terms
from schema.vocabulary import Level, RejectionReason, ReportState

REPORTS = 1_500
RECEIVED = datetime(2026, 11, 1, tzinfo=UTC)

Read = tuple[Event, SalaryReport | Withdrawal]


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return list(demo_events(REPORTS, seed=7))


@pytest.fixture(scope="module")
def read(messages: list[Message]) -> list[Read]:
    return [found for message in messages if isinstance(found := outcome(message), tuple)]


@pytest.fixture(scope="module")
def events(read: list[Read]) -> list[Event]:
    return [event for event, _ in read]


@pytest.fixture(scope="module")
def written(read: list[Read]) -> list[tuple[ReportData, SalaryReport]]:
    return [(event.data, report) for event, report in read if event.data and isinstance(report, SalaryReport)]


@pytest.fixture(scope="module")
def live(read: list[Read]) -> list[Document]:
    return live_documents(read)


def outcome(message: Message) -> Read | RejectionReason:
    try:
        event = decode_event(message.value, {})
        return event, normalise(event, RECEIVED)
    except Rejection as rejection:
        return rejection.reason


def live_documents(read: Iterable[Read]) -> list[Document]:
    documents: dict[str, Document] = {}
    for event, news in read:
        name = document_id(event.source, event.subject)
        documents[name] = fold(documents.get(name), news, NORMALISER_VERSION)
    return [document for document in documents.values() if document["state"] == ReportState.LIVE]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(messages: list[Message]) -> None:
    assert list(demo_events(REPORTS, seed=7)) == messages
    assert not {message.value for message in demo_events(REPORTS, seed=8)} & {message.value for message in messages}


@pytest.mark.parametrize("reports", [1, 7, 500])
def test_exactly_the_reports_asked_for_are_live(reports: int) -> None:
    read = [found for message in demo_events(reports, 3) if isinstance(found := outcome(message), tuple)]
    assert len(live_documents(read)) == reports


def test_all_reports_are_live_and_the_withdrawn_come_on_top(live: list[Document], read: list[Read]) -> None:
    assert len(live) == REPORTS
    withdrawn = {event.subject for event, news in read if isinstance(news, Withdrawal)}
    assert 0.004 < len(withdrawn) / REPORTS < 0.02


def test_more_reports_of_a_seed_begin_with_the_same_ones(messages: list[Message]) -> None:
    assert {message.value for message in messages} < {message.value for message in demo_events(REPORTS + 500, seed=7)}


def test_the_report_after_a_chunk_is_the_next_one() -> None:
    chunk, more = Counter(demo_values(CHUNK)), Counter(demo_values(CHUNK + 1))
    assert chunk < more
    assert {json.loads(value)["subject"].partition("#")[0] for value in more - chunk} == {f"7-{CHUNK}"}


def demo_values(reports: int) -> list[bytes]:
    return [message.value for message in demo_events(reports, seed=7)]


def test_every_report_says_that_it_is_synthetic_and_comes_from_a_source_of_the_demo(live: list[Document]) -> None:
    assert all(document["synthetic"] for document in live)
    assert {document["source"] for document in live} == {
        f"urn:paygauge:demo:{name}" for name in ("survey", "payroll", "offers", "postings")
    }


def test_a_few_messages_are_broken(messages: list[Message]) -> None:
    wrong = [message for message in messages if not isinstance(outcome(message), tuple)]
    assert 0.002 < len(wrong) / REPORTS < 0.009


def test_every_broken_message_is_rejected_for_one_of_many_reasons() -> None:
    event = json.loads(next(message.value for message in demo_events(1, seed=7)))
    broken = [message_of(break_event(event, Random(seed))) for seed in range(300)]
    reasons = {found for message in broken if isinstance(found := outcome(message), RejectionReason)}
    assert reasons == {"malformed", "missing_field", "wrong_type", "out_of_range", "unknown_currency"}
    assert not any(isinstance(outcome(message), tuple) for message in broken)


def test_the_stream_has_the_quirks_of_a_real_one(messages: list[Message], events: list[Event]) -> None:
    assert len({message.value for message in messages}) < len(messages), "nothing is repeated"
    assert {CORRECTED, WITHDRAWN} < {event.type for event in events}
    assert {event.subject[-4:] for event in events if "#" in event.subject} == {"#min", "#max"}
    bases = [event.data.pay.base for event in events if event.data]
    assert any(isinstance(base, str) and base.endswith("LPA") for base in bases)
    amounts = [base for base in bases if isinstance(base, Amount)]
    assert {"year", "month", "hour"} <= {amount.period for amount in amounts}
    assert any(amount.min and amount.max for amount in amounts)


def test_a_correction_is_newer_than_what_it_corrects(events: list[Event]) -> None:
    versions = defaultdict(list)
    for event in events:
        versions[event.source, event.subject].append(event)
    corrected = [them for them in versions.values() if any(event.type == CORRECTED for event in them)]
    for them in corrected:
        assert max(them, key=lambda event: event.version).type == CORRECTED
    assert any(them[0].type == CORRECTED for them in corrected), "all arrive in order"


DIMENSIONS = [
    *("level", "specializations", "country", "region", "metro", "work_mode", "pay_policy", "employment", "ml"),
    *("experience_years", "years_at_company", "internship", "portfolio", "education", "field", "skills"),
    *("negotiation", "change", "previous_total", "contributor", "company", "company_size", "industry"),
]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_dimension_is_there_and_sometimes_left_out(live: list[Document], dimension: str) -> None:
    given = [document for document in live if document.get(dimension) not in (None, (), [])]
    assert 0.1 * len(live) < len(given) < len(live) or dimension == "country"


GIVEN_AND_FOUND: dict[str, tuple[Callable[[ReportData], object], Callable[[SalaryReport], object]]] = {
    "title": (lambda data: data.title, lambda report: report.role != "other"),
    "level": (lambda data: data.level, lambda report: report.level),
    "place": (lambda data: data.place, lambda report: report.country),
    "work mode": (lambda data: data.work_mode, lambda report: report.work_mode),
    "employment": (lambda data: data.employment, lambda report: report.employment),
    "degree": (lambda data: data.education and data.education.degree, lambda report: report.education),
    "field": (lambda data: data.education and data.education.field, lambda report: report.field),
    "skills": (lambda data: data.skills, lambda report: report.skills),
    "specialization": (lambda data: data.specialization, lambda report: report.specializations),
    "industry": (lambda data: data.company and data.company.industry, lambda report: report.industry),
    "size": (lambda data: data.company and data.company.size, lambda report: report.company_size),
}


@pytest.mark.parametrize("subject", GIVEN_AND_FOUND)
def test_what_people_write_is_understood(written: list[tuple[ReportData, SalaryReport]], subject: str) -> None:
    given, found = GIVEN_AND_FOUND[subject]
    outcomes = [bool(found(report)) for data, report in written if given(data)]
    assert sum(outcomes) > 0.97 * len(outcomes) > 0


@pytest.mark.parametrize("place", range(len(PLACES.codes)), ids=lambda place: f"{place}-{PLACES.codes[place]}")
def test_however_an_amount_is_written_it_is_read_back(place: int) -> None:
    for seed in range(60):
        random = Random(seed)
        amount = in_local(random.uniform(15_000, 900_000), place)
        written = write_amount(amount, place, seed % 9 == 0, random)
        pay, _ = annual_pay(convert({"currency": CURRENCIES[place], "base": written}, Pay), date(2025, 6, 2))
        assert pay.total / pay.rate == pytest.approx(amount, rel=0.006), written


def test_pay_rises_with_level_and_is_what_such_people_earn(live: list[Document]) -> None:
    totals = defaultdict(list)
    for document in live:
        if document.get("country") == "US":
            totals[document.get("level")].append(document["pay"]["total"])
    ladder = (Level.INTERN, Level.ENTRY, Level.MID, Level.SENIOR, Level.STAFF, Level.PRINCIPAL)
    medians = [float(np.median(totals[level])) for level in ladder]
    assert all(lower < higher for lower, higher in pairwise(medians))
    assert 120_000 < medians[2] < 220_000


def test_the_raw_trend_overstates_what_pay_at_constant_mix_does() -> None:
    rng = np.random.default_rng(0)
    population = draw_population(rng, 40_000)
    total = draw_pay(rng, population).total
    early, late = population.moment < 2022, population.moment >= 2026
    raw = np.median(total[late]) / np.median(total[early]) - 1
    assert raw > 2 * (np.exp(TREND[-1]) - 1)


def test_a_few_employers_have_most_of_the_reports() -> None:
    population = draw_population(np.random.default_rng(0), 40_000)
    reports = np.sort(np.bincount(population.company, minlength=len(load_companies().names)))[::-1]
    assert 0.25 < reports[:20].sum() / reports.sum() < 0.6
    assert np.median(reports) >= 1


def test_a_contributor_may_have_several_reports_and_keeps_their_place(events: list[Event]) -> None:
    reports = defaultdict(set)
    for event in events:
        if event.data and event.data.contributor:
            reports[event.data.contributor].add(event.subject)
    assert 0.2 < sum(len(them) > 1 for them in reports.values()) / len(reports) < 0.5
    population = draw_population(np.random.default_rng(0), 2_000)
    assert all(len(set(population.place[population.person == person])) == 1 for person in set(population.person[:50]))


def test_postings_name_no_contributor(events: list[Event]) -> None:
    assert not any(event.data.contributor for event in events if event.data and event.data.kind == "posting")


def test_messages_carry_the_key_of_their_report(messages: list[Message]) -> None:
    for message in messages:
        found = message_of(message.value)
        assert message.key == found.key or not json.loads(message.value).get("data")


def test_no_invented_employer_is_one_that_we_know() -> None:
    known = set(load_terms("company"))
    written = [name + form for name in load_companies().names for form in ("", *LEGAL_FORMS.values())]
    assert known
    assert [name for name in written if find_company(name).code in known] == []


def test_names_of_employers_are_unlike_each_other() -> None:
    names = load_companies().names
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Z][a-z]+", name) for name in names)


def test_levels_of_the_demo_are_ours() -> None:
    assert LEVELS.codes == [*Level]
