"""Whole events: what ingest would store of each, field by field, or why it would set it aside."""

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from deploy.normalise.texts import (
    Circumstances,
    Outcome,
    Reading,
    describe_pay,
    describe_rate,
    read_text,
)
from deploy.sources.publish import Message
from ingest.normalise import normalise
from ingest.normalise.industry import find_industry
from ingest.normalise.place import find_place
from schema.errors import Rejection
from schema.event import Company, Education, Event, Experience, ReportData, decode_event
from schema.report import SalaryReport
from schema.terms import load_terms
from schema.vocabulary import LevelSource, MatchKind

UNNAMED = "(an event that cannot be read)"


def read_event(message: Message) -> Outcome:
    """Return what ingest would make of a message that it receives now."""
    name = UNNAMED
    try:
        event = decode_event(message.value, {header: value.decode() for header, value in message.headers})
        name = f"{event.source} {event.subject}"
        report = normalise(event, datetime.now(UTC))
    except Rejection as rejection:
        return Outcome(name, [], [], rejection)
    if event.data is None or not isinstance(report, SalaryReport):
        return Outcome(name, [Reading("state", "", "withdrawn", None, event.type)], [])
    return Outcome(name, list(_readings(event.data, report)), list(_unknown(event)))


def _readings(data: ReportData, report: SalaryReport) -> Iterator[Reading]:
    matches, company = report.matches, data.company or Company()
    yield Reading("role", data.title, report.role, matches.role, "title")
    yield _level(data, report)
    if report.specializations:
        given = _specializations(data)
        where = "specialization" if given else "title"
        named = ", ".join(report.specializations)
        yield Reading("specializations", ", ".join(given) or data.title, named, matches.specialization, where)
    if data.place:
        for field in ("country", "region", "metro"):
            value: str | None = getattr(report, field)
            if value or field == "country":
                yield Reading(field, _place_text(data), value, matches.place, "place")
    if company.name:
        known = report.company in load_terms("company")
        where = "" if report.company is None else "company.csv" if known else "its own name"
        yield Reading("company", company.name, report.company, matches.company, where)
    if company.industry or report.industry:
        stated = find_industry(company.industry, None)[0]
        where = "company.industry" if stated else "company.csv" if report.industry else ""
        yield Reading("industry", company.industry or company.name or "", report.industry, matches.industry, where)
    yield from _plain(data, report)
    yield from _schooling(data, report)
    yield Reading("pay", _pay_text(data), describe_pay(report.pay), None, describe_rate(report.pay))
    if report.flags:
        yield Reading("flags", "", ", ".join(report.flags), None)


def _level(data: ReportData, report: SalaryReport) -> Reading:
    experience = data.experience or Experience()
    by_experience = report.level_source is LevelSource.EXPERIENCE
    given = f"{experience.years:g} years" if by_experience else data.level or data.title
    if report.level_source is LevelSource.TITLE:
        given = data.title
    return Reading("level", given, report.level, report.matches.level, report.level_source or "")


def _plain(data: ReportData, report: SalaryReport) -> Iterator[Reading]:
    """Yield the fields that carry no confidence."""
    size = (data.company or Company()).size
    for field, given, value in (
        ("company_size", size, report.company_size),
        ("work_mode", data.work_mode or (_place_text(data) if report.work_mode else None), report.work_mode),
        ("employment", data.employment, report.employment),
        ("pay_policy", data.pay_policy, report.pay_policy),
    ):
        if given is not None:
            where = "place" if field == "work_mode" and not data.work_mode else field
            yield Reading(field, str(given), value, None, where if value else "")


def _schooling(data: ReportData, report: SalaryReport) -> Iterator[Reading]:
    school, matches = data.education or Education(), report.matches
    if school.degree:
        yield Reading("education", school.degree, report.education, matches.education, "degree")
    if school.field or report.field:
        yield Reading("field", school.field or school.degree or "", report.field, matches.field, "education")
    if data.skills:
        skills = ", ".join(report.skills) or None
        yield Reading("skills", ", ".join(data.skills), skills, matches.skills, "skills")


def _unknown(event: Event) -> Iterator[tuple[str, str]]:
    """Yield the texts of an event that their readers do not understand, each with its subject."""
    data = event.data
    if data is None:
        return
    company, school = data.company or Company(), data.education or Education()
    beside = Circumstances(company.name)
    texts = [
        ("title", data.title),
        ("level", data.level),
        *[("specialization", text) for text in _specializations(data)],
        ("company", company.name),
        ("industry", company.industry),
        ("size", company.size),
        ("degree", school.degree),
        ("field", school.field),
        *[("skill", text) for text in data.skills],
        ("work-mode", data.work_mode),
        ("employment", data.employment),
        ("pay-policy", data.pay_policy),
    ]
    for subject, text in texts:
        if text:
            yield from read_text(subject, str(text), beside).unknown
    if data.place:
        place = find_place(data.place)
        if place.match is MatchKind.NONE and not place.remote:
            yield "place", _place_text(data)


def _specializations(data: ReportData) -> list[str]:
    given = data.specialization or []
    return [given] if isinstance(given, str) else given


def _place_text(data: ReportData) -> str:
    place = data.place or ""
    if isinstance(place, str):
        return place
    return ", ".join(word for word in (place.text, place.city, place.region, place.country) if word)


def _pay_text(data: ReportData) -> str:
    return msgspec.json.encode(data.pay).decode()
