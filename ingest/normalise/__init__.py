"""Free text in, agreed words out, with how sure we are: one module a subject, each with its CSV in schema/terms."""

from datetime import UTC, datetime
from hashlib import blake2b

from ingest.normalise.company import find_company, find_size, ml_of
from ingest.normalise.education import find_education
from ingest.normalise.effective import check_time, read_effective
from ingest.normalise.industry import find_industry
from ingest.normalise.level import find_level
from ingest.normalise.pay import annual_pay
from ingest.normalise.place import find_place
from ingest.normalise.quality import flags_of
from ingest.normalise.skill import find_skills
from ingest.normalise.title import join_specializations, read_title
from ingest.normalise.work import find_work
from schema.errors import Rejection
from schema.event import (
    SUBMITTED,
    WITHDRAWN,
    Change,
    Company,
    Education,
    Event,
    Experience,
    FirstOffer,
    NegotiationFacts,
    Pay,
    Place,
    ReportData,
)
from schema.report import Matches, Negotiated, SalaryReport, Withdrawal
from schema.vocabulary import (
    Employment,
    Level,
    RejectionReason,
    WorkMode,
)

NORMALISER_VERSION = 12
"""Rises with every change that reads a message differently: a replay replaces what an older normaliser stored."""

# What a report leaves out, made once: most leave something out
_NO_COMPANY, _NO_EXPERIENCE, _NO_EDUCATION, _NO_CHANGE = Company(), Experience(), Education(), Change()


# To look everywhere for what nobody knows, all that is known must have been read
_UNKNOWN = ReportData(
    title="Fraud Plughxy Consultant",
    effective="2020",
    pay=Pay("EUR", base="1 eur"),
    level="xyzzyxplugh",
    specialization="xyzzyxplugh",
    company=Company("Xyzzyx Plughxy", "xyzzyxplugh", "xyzzyxplugh"),
    place=Place("Xyzzyx, Plughxy", "xyzzyxplugh", "xyzzyxplugh", "xyzzyxplugh"),
    work_mode="xyzzyxplugh",
    pay_policy="xyzzyxplugh",
    employment="xyzzyxplugh",
    experience=Experience(years=1.0),
    education=Education("xyzzyxplugh", "xyzzyxplugh"),
    skills=["xyzzyxplugh"],
)


def load_vocabularies() -> None:
    """Read what normalising reads but once, in about a second: otherwise the first message waits for it."""
    moment = datetime(2020, 7, 1, tzinfo=UTC)
    normalise(Event("", "", "", SUBMITTED, moment, data=_UNKNOWN), moment)


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
    # Longer than a function should be, and the report by position, in the order of its fields: by keyword, collected
    # in parts, it takes several times as long, 3 us of the 20 of a whole event
    effective = read_effective(data.effective, event.time)
    pay, flags = annual_pay(data.pay, effective)
    place = find_place(data.place)
    employer = data.company or _NO_COMPANY
    company, company_match = find_company(employer.name)
    industry, industry_match = find_industry(employer.industry, company)
    title = read_title(data.title)
    work_mode, pay_policy, employment = find_work(data.work_mode, data.pay_policy, data.employment)
    experience, school = data.experience or _NO_EXPERIENCE, data.education or _NO_EDUCATION
    explicit = data.level or (Level.INTERN if employment is Employment.INTERNSHIP else None)
    level, level_source, level_match = find_level(explicit, company, title.level, experience.years, title.grade)
    specializations, specialization_match = join_specializations(title.specializations, data.specialization or ())
    degree, degree_match, field, field_match = find_education(school.degree, school.field)
    skills, skill_match = find_skills(data.skills)
    change = data.change or _NO_CHANGE
    if implausible := flags_of(pay, level, place.country, employment):
        flags |= implausible
    return SalaryReport(
        event.source,
        event.subject,
        event.version,
        effective,
        title.role,
        pay,
        received,
        _pseudonym(event.source, data.contributor) if data.contributor else None,
        data.kind,
        data.verification,
        data.synthetic,
        level,
        level_source,
        specializations,
        place.country,
        place.region,
        place.metro,
        company,
        find_size(employer.size),
        industry,
        employer.ml or ml_of(company),
        work_mode or (WorkMode.REMOTE if place.remote else None),
        pay_policy,
        employment,
        experience.years,
        experience.at_company,
        experience.internship,
        experience.portfolio,
        degree,
        field,
        skills,
        _negotiated(data.negotiation, pay.rate) if data.negotiation else None,
        change.kind,
        None if change.previous_total is None else change.previous_total * pay.rate,
        tuple(sorted(flags)) if flags else (),
        Matches(
            title.match,
            level_match,
            specialization_match,
            place.match,
            company_match,
            industry_match,
            degree_match,
            field_match,
            skill_match,
        ),
    )


def _negotiated(facts: NegotiationFacts, rate: float) -> Negotiated:
    first = facts.first_offer or FirstOffer()
    return Negotiated(facts.negotiated, _in_dollars(first.base, rate), _in_dollars(first.total, rate))


def _pseudonym(source: str, contributor: str) -> str:
    # A producer's own pseudonym may be known elsewhere: it is never stored.
    return blake2b(f"{source}\x00{contributor}".encode(), digest_size=8).hexdigest()


def _in_dollars(amount: float | None, rate: float) -> float | None:
    return None if amount is None else amount * rate
