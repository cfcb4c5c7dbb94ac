"""The SalaryReport: one report in agreed words. Ingest makes it, nobody changes it."""

from datetime import date, datetime

from msgspec import Struct

from schema.vocabulary import (
    ChangeKind,
    CompanySize,
    EducationLevel,
    Employment,
    Level,
    LevelSource,
    MatchKind,
    MlCentrality,
    PayPolicy,
    QualityFlag,
    SourceKind,
    Verification,
    WorkMode,
)

Version = tuple[int, int, str]
"""Time of the event in microseconds since 1970, sequence, id of the event: ordered, never equal for two messages."""


class AnnualPay(Struct, frozen=True, omit_defaults=True, gc=False):
    """Pay in US dollars a year; `rate` is dollars for one unit of `currency` on `rate_date`.

    `total` = base + bonus + stock (annualised) + benefits. `first_year` adds sign-on and takes the first year's stock.
    `low` and `high` bound the total where the source gave a range, of which the other amounts are the middle.
    """

    currency: str
    rate: float
    rate_date: date
    total: float
    first_year: float
    base: float | None = None
    bonus: float | None = None
    stock: float | None = None
    benefits: float | None = None
    sign_on: float | None = None
    low: float | None = None
    high: float | None = None


class Negotiated(Struct, frozen=True, omit_defaults=True, gc=False):
    """Whether the person negotiated; the first offer in US dollars a year."""

    negotiated: bool | None = None
    first_base: float | None = None
    first_total: float | None = None


class Matches(Struct, frozen=True, omit_defaults=True, gc=False):
    """How each derived word was found. NONE where nothing was given or nothing was understood."""

    role: MatchKind = MatchKind.NONE
    level: MatchKind = MatchKind.NONE
    specialization: MatchKind = MatchKind.NONE
    place: MatchKind = MatchKind.NONE
    company: MatchKind = MatchKind.NONE
    industry: MatchKind = MatchKind.NONE
    education: MatchKind = MatchKind.NONE
    field: MatchKind = MatchKind.NONE
    skills: MatchKind = MatchKind.NONE


class SalaryReport(Struct, frozen=True, omit_defaults=True, gc=False):
    """One report in agreed words. None and () mean: not known."""

    source: str
    subject: str
    version: Version
    effective: date
    role: str
    pay: AnnualPay
    received: datetime
    contributor: str | None = None
    kind: SourceKind = SourceKind.SURVEY
    verification: Verification = Verification.NONE
    synthetic: bool = False
    level: Level | None = None
    level_source: LevelSource | None = None
    specializations: tuple[str, ...] = ()
    country: str | None = None
    region: str | None = None
    metro: str | None = None
    company: str | None = None
    company_size: CompanySize | None = None
    industry: str | None = None
    ml: MlCentrality | None = None
    work_mode: WorkMode | None = None
    pay_policy: PayPolicy | None = None
    employment: Employment | None = None
    experience_years: float | None = None
    years_at_company: float | None = None
    internship: bool | None = None
    portfolio: bool | None = None
    education: EducationLevel | None = None
    field: str | None = None
    skills: tuple[str, ...] = ()
    negotiation: Negotiated | None = None
    change: ChangeKind | None = None
    previous_total: float | None = None
    flags: tuple[QualityFlag, ...] = ()
    matches: Matches = Matches()


class Withdrawal(Struct, frozen=True):
    """A report is taken back: what stays is a tombstone without pay."""

    source: str
    subject: str
    version: Version
    received: datetime
