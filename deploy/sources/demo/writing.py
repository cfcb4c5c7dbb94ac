"""How people write a report down: their own spellings, and what they leave out."""

from datetime import date, timedelta
from random import Random
from typing import Any

from deploy.sources.demo.companies import load_companies
from deploy.sources.demo.money import CURRENCIES, in_local, write_amount
from deploy.sources.demo.population import CHANGES, NO_CHANGE, OFFERS, PAYROLL, POSTINGS, SURVEY
from deploy.sources.demo.reports import Report
from deploy.sources.demo.tables import (
    DEGREES,
    EMPLOYMENTS,
    FIELDS,
    INDUSTRIES,
    LEVELS,
    PLACES,
    SIZES,
    SKILLS,
    SPECIALIZATIONS,
    TITLES,
    WORK_MODES,
    Table,
    choose,
)

Json = dict[str, Any]

KINDS = {SURVEY: "survey", PAYROLL: "payroll", OFFERS: "offer", POSTINGS: "posting"}
LEVELLED_TITLES, LADDERS = LEVELS.texts("titles"), LEVELS.texts("ladder")
MID = LEVELS.codes.index("mid")
HOURLY = {EMPLOYMENTS.codes.index("contract"), EMPLOYMENTS.codes.index("freelance")}
LEGAL_FORMS = {"US": " Inc.", "GB": " Ltd", "DE": " GmbH", "IN": " Pvt Ltd", "FR": " SAS"}


def day_of(moment: float) -> date:
    """Return the day of a moment in years."""
    year = int(moment)
    return date(year, 1, 1) + timedelta(days=int((moment - year) * 365))


def write_report(report: Report, contributor: str, random: Random) -> Json:
    """Write the `data` of an event about a report, except its pay's range where it has one."""
    posting, payroll = report.source == POSTINGS, report.source == PAYROLL
    data: Json = {
        "synthetic": True,
        "kind": KINDS[report.source],
        "verification": _verification(report, random),
        "effective": _effective(report, random),
        "title": _title(report, random),
        "place": _place(report.place, random),
        "company": _company(report, random),
        "pay": _pay(report, random),
    }
    if not posting:
        data["contributor"] = contributor
    if posting or random.random() < 0.9:
        data |= {"employment": _spell(EMPLOYMENTS, report.employment, random)}
    if random.random() < 0.88:
        data |= {"level": _level(report.level, random)}
    if random.random() < 0.85:
        data |= {"work_mode": _spell(WORK_MODES, report.work_mode, random)}
    if random.random() < 0.5:
        data |= {"pay_policy": "flat" if load_companies().flat[report.company] else "location"}
    if not payroll and SPECIALIZATIONS.spellings[report.specialization] and random.random() < 0.8:
        data |= {"specialization": _spell(SPECIALIZATIONS, report.specialization, random)}
    if not payroll and random.random() < 0.85:
        data |= {"skills": [choose(SKILLS.spellings[skill], random) for skill, has in enumerate(report.skills) if has]}
    return data if posting else data | _person(report, random)


def _person(report: Report, random: Random) -> Json:
    about: Json = {}
    if random.random() < 0.9:
        about["experience"] = {"years": report.years}
        if random.random() < 0.7:
            about["experience"]["at_company"] = report.at_company
    if report.source == PAYROLL:
        return about
    if random.random() < 0.6:
        about.setdefault("experience", {}).update(internship=report.internship, portfolio=report.portfolio)
    if DEGREES.spellings[report.degree] and random.random() < 0.85:
        about["education"] = {"degree": _spell(DEGREES, report.degree, random)}
        if random.random() < 0.8:
            about["education"]["field"] = _spell(FIELDS, report.field, random)
    return about | _negotiation(report, random)


def _negotiation(report: Report, random: Random) -> Json:
    about: Json = {}
    if random.random() < 0.6:
        about["negotiation"] = {"negotiated": report.negotiated}
        if random.random() < 0.7:
            about["negotiation"]["first_offer"] = {"base": in_local(report.first_base, report.place)}
    if report.change != NO_CHANGE and random.random() < 0.8:
        about["change"] = {"kind": CHANGES[report.change]}
        if report.previous_total:
            about["change"]["previous_total"] = in_local(report.previous_total, report.place)
    return about


def _pay(report: Report, random: Random) -> Json:
    place = report.place
    base = in_local(report.base, place, 5 if report.source == PAYROLL else 3)
    pay: Json = {"currency": CURRENCIES[place]}
    if report.source == POSTINGS:
        return pay | {"base": base}
    if random.random() < 0.06:
        return pay | {"total": in_local(report.base + report.bonus + report.stock + report.benefits, place)}
    pay["base"] = write_amount(base, place, report.employment in HOURLY and random.random() < 0.5, random)
    if report.bonus:
        percent = {"amount": round(100 * report.bonus / report.base, 1), "unit": "percent"}
        pay["bonus"] = percent if random.random() < 0.4 else {"amount": in_local(report.bonus, place)}
    if report.stock:
        granted = {"grant": in_local(report.stock * 4, place), "years": 4}
        pay["stock"] = granted if random.random() < 0.7 else {"per_year": in_local(report.stock, place)}
    if report.benefits:
        pay["benefits"] = {"amount": in_local(report.benefits, place)}
    if report.sign_on:
        pay["sign_on"] = {"amount": in_local(report.sign_on, place)}
    return pay


def _verification(report: Report, random: Random) -> str:
    if report.source == PAYROLL:
        return "document"
    share = {SURVEY: 0.3, OFFERS: 0.6, POSTINGS: 0.0}[report.source]
    return "employer_email" if random.random() < share else "none"


def _effective(report: Report, random: Random) -> str:
    day, style = day_of(report.moment).isoformat(), random.random()
    return day[:7] if style < 0.7 else day if style < 0.97 else day[:4]


def _title(report: Report, random: Random) -> str:
    title = choose(TITLES.spellings[report.title], random)
    if report.level > MID or report.source == POSTINGS or random.random() < 0.5:
        title = choose(LEVELLED_TITLES[report.level], random).format(title)
    if SPECIALIZATIONS.spellings[report.specialization] and random.random() < 0.2:
        title = f"{title} ({_spell(SPECIALIZATIONS, report.specialization, random)})"
    return title if random.random() < 0.99 else _misspell(title, random)


def _misspell(title: str, random: Random) -> str:
    at = random.randrange(1, len(title) - 1)
    return title[:at] + title[at + 1] + title[at] + title[at + 2 :]


def _level(level: int, random: Random) -> str:
    return choose(LADDERS[level] if LADDERS[level] and random.random() < 0.1 else LEVELS.spellings[level], random)


def _place(place: int, random: Random) -> Json | str:
    row, text = PLACES.rows[place], choose(PLACES.spellings[place], random)
    style = random.random()
    if style < 0.55:
        return text
    if style < 0.75 or not row["city"]:
        return {"text": text, "country": row["country"]}
    return {"country": row["country"], "city": row["city"]}


def _company(report: Report, random: Random) -> Json:
    companies, about = load_companies(), {}
    if random.random() < 0.92:
        form = LEGAL_FORMS.get(PLACES.rows[report.place]["country"], "") if random.random() < 0.25 else ""
        about["name"] = companies.names[report.company] + form
    if random.random() < 0.85:
        about["size"] = _spell(SIZES, int(companies.size[report.company]), random)
    if random.random() < 0.85:
        about["industry"] = _spell(INDUSTRIES, int(companies.industry[report.company]), random)
    if random.random() < 0.75:
        about["ml"] = "core" if companies.core[report.company] else "supporting"
    return about


def _spell(table: Table, row: int, random: Random) -> str:
    return choose(table.spellings[row], random)
