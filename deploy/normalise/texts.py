"""Free text, one subject at a time: what each reader of ingest.normalise makes of it, and whether it understood."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from ingest.normalise.company import find_company, find_size, ml_of
from ingest.normalise.education import find_education, find_field
from ingest.normalise.industry import find_industry
from ingest.normalise.level import find_level
from ingest.normalise.pay import annual_pay
from ingest.normalise.place import find_place
from ingest.normalise.skill import find_skill
from ingest.normalise.title import read_specializations, read_title
from ingest.normalise.work import find_employment, find_pay_policy, find_work_mode
from schema.errors import Rejection
from schema.event import Pay
from schema.report import AnnualPay
from schema.terms import load_terms
from schema.vocabulary import MatchKind

COINED = "its own name: company.csv does not have it"


class Reading(NamedTuple):
    """What became of one text, for one field of a report; `match` is None where the field carries no confidence."""

    field: str
    given: str
    value: str | None
    match: MatchKind | None
    source: str = ""


class Outcome(NamedTuple):
    """What became of one line; `unknown` are its texts that were not understood, each with its subject."""

    name: str
    readings: list[Reading]
    unknown: list[tuple[str, str]]
    rejection: Rejection | None = None


class Circumstances(NamedTuple):
    """What a whole report would say beside the text."""

    company: str | None = None
    currency: str = "USD"
    effective: date | None = None


Reader = Callable[[str, Circumstances], Iterator[Reading]]


def read_text(subject: str, text: str, beside: Circumstances) -> Outcome:
    """Return what becomes of a text of one of the SUBJECTS. Where pay cannot be read, the outcome has the rejection."""
    try:
        readings = list(SUBJECTS[subject](text, beside))
    except Rejection as rejection:
        return Outcome(text, [Reading(subject, text, None, MatchKind.NONE)], [(subject, text)], rejection)
    return Outcome(text, readings, [] if _is_understood(readings) else [(subject, text)])


def _is_understood(readings: list[Reading]) -> bool:
    if any(reading.source == COINED for reading in readings):
        return False
    # a title of another trade is understood, and `other`; its level alone would not tell an editor that all is well
    telling = readings[:1] if readings and readings[0].field == "role" else readings
    return any(reading.value and reading.match is not MatchKind.NONE for reading in telling)


def describe_pay(pay: AnnualPay) -> str:
    """Return the total a year in its own currency, its ends where it is a range, and in dollars."""
    ends = [pay.total] if pay.low is None or pay.high is None else [pay.low, pay.high]
    own = " to ".join(f"{amount / pay.rate:,.0f}" for amount in ends)
    dollars = " to ".join(f"${amount:,.0f}" for amount in ends)
    return f"{own} {pay.currency} a year" + ("" if pay.currency == "USD" else f" = {dollars}")


def describe_rate(pay: AnnualPay) -> str:
    """Return the rate that made dollars of it, and its day."""
    return "" if pay.currency == "USD" else f"1 {pay.currency} = ${pay.rate:.6g} on {pay.rate_date}"


def _title(text: str, beside: Circumstances) -> Iterator[Reading]:
    title = read_title(text)
    yield Reading("role", text, title.role, title.match, "title")
    level = find_level(None, find_company(beside.company)[0], title.level, None, title.grade)
    yield Reading("level", text, level.level, level.match, level.source or "")
    if title.specializations:
        yield Reading("specializations", text, ", ".join(title.specializations), MatchKind.ALIAS, "title")


def _place(text: str, _: Circumstances) -> Iterator[Reading]:
    place = find_place(text)
    for field in ("country", "region", "metro"):
        value: str | None = getattr(place, field)
        if value or field == "country":
            yield Reading(field, text, value, place.match, "place")
    if place.remote:
        yield Reading("work_mode", text, "remote", None, "place")


def _pay(text: str, beside: Circumstances) -> Iterator[Reading]:
    pay, flags = annual_pay(Pay(beside.currency, base=text), beside.effective or date.today())
    yield Reading("pay", text, describe_pay(pay), None, describe_rate(pay))
    if flags:
        yield Reading("flags", text, ", ".join(sorted(flags)), None, "pay")


def _company(text: str, _: Circumstances) -> Iterator[Reading]:
    code, match = find_company(text)
    known = code in load_terms("company")
    yield Reading("company", text, code, match, "" if code is None else "company.csv" if known else COINED)
    if known:
        yield Reading("industry", text, *find_industry(None, code), "company.csv")
        yield Reading("ml", text, ml_of(code), None, "company.csv")


def _level(text: str, beside: Circumstances) -> Iterator[Reading]:
    level, source, match = find_level(text, find_company(beside.company)[0], None, None)
    yield Reading("level", text, level, match, source or "")


def _specialization(text: str, _: Circumstances) -> Iterator[Reading]:
    codes, match = read_specializations(text)
    yield Reading("specializations", text, ", ".join(codes) or None, match, "specialization.csv" if codes else "")


def _skill(text: str, _: Circumstances) -> Iterator[Reading]:
    found = find_skill(text)
    for code, match in found:
        yield Reading("skills", text, code, match, "skill.csv")
    if not found:
        yield Reading("skills", text, None, MatchKind.NONE)


def _degree(text: str, _: Circumstances) -> Iterator[Reading]:
    found = find_education(text, None)
    yield Reading("education", text, found.degree, found.degree_match, "degree.csv" if found.degree else "")
    if found.field:
        yield Reading("field", text, found.field, found.field_match, "field.csv")


def _field(text: str, _: Circumstances) -> Iterator[Reading]:
    code, match = find_field(text)
    yield Reading("field", text, code, match, "field.csv" if code else "")


def _industry(text: str, _: Circumstances) -> Iterator[Reading]:
    code, match = find_industry(text, None)
    yield Reading("industry", text, code, match, "industry.csv" if code else "")


def _without_confidence(field: str, find: Callable[[str], str | None]) -> Reader:
    def read(text: str, _: Circumstances) -> Iterator[Reading]:
        value = find(text)
        yield Reading(field, text, value, None, f"{field}.csv" if value else "")

    return read


SUBJECTS: Mapping[str, Reader] = {
    "title": _title,
    "level": _level,
    "specialization": _specialization,
    "place": _place,
    "pay": _pay,
    "company": _company,
    "size": _without_confidence("company_size", find_size),
    "industry": _industry,
    "degree": _degree,
    "field": _field,
    "skill": _skill,
    "work-mode": _without_confidence("work_mode", find_work_mode),
    "employment": _without_confidence("employment", find_employment),
    "pay-policy": _without_confidence("pay_policy", find_pay_policy),
}
"""The readers by what the lines are said to be."""
