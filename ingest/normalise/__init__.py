"""Free text in, agreed words out, with how sure we are: one module a subject, each with its CSV in schema/terms."""

from datetime import datetime
from hashlib import blake2b
from typing import Any

from ingest.normalise.company import find_company, find_size, ml_of
from ingest.normalise.education import find_education
from ingest.normalise.effective import check_time, read_effective
from ingest.normalise.industry import find_industry
from ingest.normalise.level import find_level
from ingest.normalise.pay import annual_pay
from ingest.normalise.place import FoundPlace, find_place
from ingest.normalise.quality import flags_of
from ingest.normalise.skill import find_skills
from ingest.normalise.title import join_specializations, read_title
from ingest.normalise.work import find_employment, find_pay_policy, find_work_mode
from schema.errors import Rejection
from schema.event import (
    WITHDRAWN,
    Change,
    Company,
    Education,
    Event,
    Experience,
    FirstOffer,
    NegotiationFacts,
    ReportData,
)
from schema.report import Matches, Negotiated, SalaryReport, Withdrawal
from schema.vocabulary import Employment, Level, MatchKind, RejectionReason, WorkMode

NORMALISER_VERSION = 2
"""Rises with every change that reads a message differently: a replay replaces what an older normaliser stored."""

Fields = dict[str, Any]

# What a report leaves out, made once: most leave something out
_NO_COMPANY, _NO_EXPERIENCE, _NO_EDUCATION, _NO_CHANGE = Company(), Experience(), Education(), Change()


def normalise(event: Event, received: datetime) -> SalaryReport | Withdrawal:
    """Return what an event says in agreed words. The same event and time of receipt always give the same.

    `received` is when Kafka took the message. Raises Rejection with a typed reason and the path of what is wrong.
    """
    check_time(event.time, received)
    if event.type == WITHDRAWN:
        return Withdrawal(event.source, event.subject, event.version, received)
    if event.data is None:
        raise Rejection(RejectionReason.MISSING_FIELD, "$.data", "a report that is submitted or corrected has data")
    return _report(event, event.data, received)


def _report(event: Event, data: ReportData, received: datetime) -> SalaryReport:
    effective = read_effective(data.effective, event.time)
    pay, flags = annual_pay(data.pay, effective)
    place = find_place(data.place)
    employer, employer_matches = _employer(data.company or _NO_COMPANY)
    job, job_matches = _job(data, employer["company"], place)
    person, person_matches = _person(data)
    flags |= flags_of(pay, job["level"], place.country, job["employment"])
    return SalaryReport(
        source=event.source,
        subject=event.subject,
        version=event.version,
        effective=effective,
        pay=pay,
        received=received,
        flags=tuple(sorted(flags)) if flags else (),
        matches=Matches(*job_matches, place.match, *employer_matches, *person_matches),
        **_evidence(event, data, pay.rate),
        **employer,
        **job,
        **person,
    )


def _evidence(event: Event, data: ReportData, rate: float) -> Fields:
    change = data.change or _NO_CHANGE
    return {
        "contributor": _pseudonym(event.source, data.contributor) if data.contributor else None,
        "kind": data.kind,
        "verification": data.verification,
        "synthetic": data.synthetic,
        "negotiation": _negotiated(data.negotiation, rate) if data.negotiation else None,
        "change": change.kind,
        "previous_total": _in_dollars(change.previous_total, rate),
    }


def _negotiated(facts: NegotiationFacts, rate: float) -> Negotiated:
    first = facts.first_offer or FirstOffer()
    return Negotiated(facts.negotiated, _in_dollars(first.base, rate), _in_dollars(first.total, rate))


def _pseudonym(source: str, contributor: str) -> str:
    # A producer's own pseudonym may be known elsewhere: it is never stored.
    return blake2b(f"{source}\x00{contributor}".encode(), digest_size=8).hexdigest()


def _in_dollars(amount: float | None, rate: float) -> float | None:
    return None if amount is None else amount * rate


def _employer(company: Company) -> tuple[Fields, tuple[MatchKind, MatchKind]]:
    """Return what is known of the employer, and how company and industry were found."""
    code, match = find_company(company.name)
    industry, industry_match = find_industry(company.industry, code)
    fields = {
        "company": code,
        "company_size": find_size(company.size),
        "industry": industry,
        "ml": company.ml or ml_of(code),
    }
    return fields, (match, industry_match)


def _job(
    data: ReportData, company: str | None, place: FoundPlace
) -> tuple[Fields, tuple[MatchKind, MatchKind, MatchKind]]:
    """Return what is known of the job, and how role, level and specialisations were found."""
    title = read_title(data.title)
    employment = find_employment(data.employment)
    explicit = data.level or (Level.INTERN if employment is Employment.INTERNSHIP else None)
    years = data.experience.years if data.experience else None
    level, level_source, level_match = find_level(explicit, company, title.level, years, title.grade)
    given = data.specialization or ()
    named, named_match = join_specializations(
        title.specializations, (given,) if isinstance(given, str) else tuple(given)
    )
    fields = {
        "role": title.role,
        "level": level,
        "level_source": level_source,
        "specializations": named,
        "country": place.country,
        "region": place.region,
        "metro": place.metro,
        "work_mode": find_work_mode(data.work_mode) or (WorkMode.REMOTE if place.remote else None),
        "pay_policy": find_pay_policy(data.pay_policy),
        "employment": employment,
    }
    return fields, (title.match, level_match, named_match)


def _person(data: ReportData) -> tuple[Fields, tuple[MatchKind, MatchKind, MatchKind]]:
    """Return what the person brought, and how education, field and skills were found."""
    experience, school = data.experience or _NO_EXPERIENCE, data.education or _NO_EDUCATION
    education = find_education(school.degree, school.field)
    skills, skill_match = find_skills(data.skills)
    fields = {
        "experience_years": experience.years,
        "years_at_company": experience.at_company,
        "internship": experience.internship,
        "portfolio": experience.portfolio,
        "education": education.degree,
        "field": education.field,
        "skills": skills,
    }
    return fields, (education.degree_match, education.field_match, skill_match)
