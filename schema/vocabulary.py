"""The agreed words that only a change of code may change: closed vocabularies, as enums.

A vocabulary that an editor may extend (roles, metros, skills ...) is a CSV in `schema/terms`, read by `schema.terms`.
"""

from enum import IntEnum, StrEnum


class Level(StrEnum):
    """Seniority, from lowest to highest; management levels follow the ladder of individual contributors."""

    INTERN = "intern"
    ENTRY = "entry"
    MID = "mid"
    SENIOR = "senior"
    STAFF = "staff"
    PRINCIPAL = "principal"
    MANAGER = "manager"
    DIRECTOR = "director"
    EXECUTIVE = "executive"


class LevelSource(StrEnum):
    """What a level was read from, most trusted first."""

    EXPLICIT = "explicit"
    LADDER = "ladder"
    TITLE = "title"
    EXPERIENCE = "experience"


class MlCentrality(StrEnum):
    """Whether machine learning is the core of the company's business or supports it."""

    CORE = "core"
    SUPPORTING = "supporting"


class CompanySize(StrEnum):
    """Employees: micro below 10, small below 50, medium below 250, large below 5,000, enterprise from 5,000."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    ENTERPRISE = "enterprise"


class WorkMode(StrEnum):
    """Where the work is done."""

    ONSITE = "onsite"
    HYBRID = "hybrid"
    REMOTE = "remote"


class PayPolicy(StrEnum):
    """Whether pay is adjusted to the employee's location or the same everywhere."""

    LOCATION = "location"
    FLAT = "flat"


class Employment(StrEnum):
    """The kind of contract."""

    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    CONTRACT = "contract"
    FREELANCE = "freelance"
    INTERNSHIP = "internship"


class EducationLevel(StrEnum):
    """Highest degree, from lowest to highest (ISCED 2011: 3, short course, 5, 6, 7, 8)."""

    SECONDARY = "secondary"
    BOOTCAMP = "bootcamp"
    ASSOCIATE = "associate"
    BACHELOR = "bachelor"
    MASTER = "master"
    DOCTORATE = "doctorate"


class SourceKind(StrEnum):
    """What kind of evidence a report is."""

    SURVEY = "survey"
    OFFER = "offer"
    PAYROLL = "payroll"
    POSTING = "posting"
    OFFICIAL = "official"


class Verification(StrEnum):
    """How a report was checked, from lowest to highest."""

    NONE = "none"
    EMPLOYER_EMAIL = "employer_email"
    DOCUMENT = "document"


TRUST = {Verification.NONE: 0.5, Verification.EMPLOYER_EMAIL: 0.75, Verification.DOCUMENT: 1.0}
"""An e-mail address proves the employer, a document the pay as well; a convention of ours, not an estimate."""


class ChangeKind(StrEnum):
    """What led to the pay that is reported."""

    SWITCH = "switch"
    RAISE = "raise"
    PROMOTION = "promotion"
    FIRST_JOB = "first_job"


class Period(StrEnum):
    """What span of work an amount pays for."""

    YEAR = "year"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


class AmountUnit(StrEnum):
    """Money, or percent of annual base."""

    MONEY = "money"
    PERCENT = "percent"


class MatchKind(IntEnum):
    """How a derived word was found, from not at all to given as such; ordered, so that a minimum can be asked for."""

    NONE = 0
    FUZZY = 1
    ALIAS = 2
    EXACT = 3


class QualityFlag(StrEnum):
    """What is unusual about a report. Flagged reports are kept and counted."""

    SUSPECT_PERIOD = "suspect_period"
    SUSPECT_CURRENCY = "suspect_currency"
    OUTLIER = "outlier"
    PARTS_DISAGREE = "parts_disagree"
    RANGE = "range"
    DUPLICATE = "duplicate"
    NO_RATE = "no_rate"


EXCLUDING_FLAGS = frozenset(
    {QualityFlag.SUSPECT_PERIOD, QualityFlag.SUSPECT_CURRENCY, QualityFlag.OUTLIER, QualityFlag.DUPLICATE}
)
"""Flags that leave a report out of every figure; the report itself stays in the record."""


class RejectionReason(StrEnum):
    """Why a message was set aside."""

    MALFORMED = "malformed"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_CURRENCY = "unknown_currency"
    NO_RATE = "no_rate"
    TOO_LARGE = "too_large"
    UNSUPPORTED_VERSION = "unsupported_version"


class ReportState(StrEnum):
    """Whether a stored report counts."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"
