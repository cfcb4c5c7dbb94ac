"""What a cohort can be filtered and grouped by: every dimension, its column and its values."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum

import numpy as np
from numpy.typing import NDArray

from schema.vocabulary import (
    ChangeKind,
    CompanySize,
    EducationLevel,
    Employment,
    Level,
    MlCentrality,
    PayPolicy,
    SourceKind,
    Verification,
    WorkMode,
)


class Dimension(StrEnum):
    """A property of a report."""

    ROLE = "role"
    LEVEL = "level"
    SPECIALIZATION = "specialization"
    METRO = "metro"
    REGION = "region"
    COUNTRY = "country"
    TECHNOLOGY_HUB = "technology_hub"
    INDUSTRY = "industry"
    ML_CENTRALITY = "ml_centrality"
    COMPANY = "company"
    COMPANY_SIZE = "company_size"
    WORK_MODE = "work_mode"
    PAY_POLICY = "pay_policy"
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    FIELD = "field"
    SKILL = "skill"
    EXPERIENCE_BAND = "experience_band"
    INTERNSHIP = "internship"
    PORTFOLIO = "portfolio"
    NEGOTIATED = "negotiated"
    CHANGE = "change"
    KIND = "kind"
    VERIFICATION = "verification"
    SOURCE = "source"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


@dataclass(frozen=True)
class Property:
    """How a dimension is held: its column, and for a derived one the table from the column's value to the code.

    `closed` are the values of a closed vocabulary in their order; None means that new values may come with the data.
    A dimension of `many` values has no column: a report may carry several, so it is held as bitmaps only.
    """

    label: str
    description: str
    column: str
    closed: tuple[str, ...] | None = None
    many: bool = False
    table: NDArray[np.uint16] | None = field(default=None, repr=False)


UNKNOWN = 0
"""The code of a value that is not known; no bitmap is asked for it and no group is made of it."""

NOT_KNOWN = ""
"""What stands for such a value in a codebook."""

EPOCH = date(1970, 1, 1)
FIRST_YEAR_HELD = EPOCH.year
DAYS_HELD = 65_536  # effective dates are 16-bit days since 1970: until June 2149
HALF_YEARS_HELD = 256  # experience is held as 1 + half-years, 0 where unknown

EXPERIENCE_BANDS = (("0-1", 2), ("2-4", 5), ("5-7", 8), ("8-11", 12), ("12-15", 16), ("16+", 1_000))
"""Label of a band and the years of experience at which the next begins."""


def _names(words: type[Enum]) -> tuple[str, ...]:
    return tuple(words.__members__)


def _periods(per_year: int) -> tuple[str, ...]:
    name = {1: "{0}", 4: "{0}-Q{1}", 12: "{0}-{1:02}"}[per_year]
    years = range(FIRST_YEAR_HELD, FIRST_YEAR_HELD + 180)
    return tuple(name.format(year, part) for year in years for part in range(1, per_year + 1))


def _period_table(per_year: int) -> NDArray[np.uint16]:
    months = np.arange(DAYS_HELD).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (months // (12 // per_year) + 1).astype(np.uint16)


def _band_table() -> NDArray[np.uint16]:
    years = (np.arange(HALF_YEARS_HELD) - 1) / 2
    bands = np.searchsorted([start for _, start in EXPERIENCE_BANDS], years, side="right") + 1
    bands[0] = UNKNOWN
    return bands.astype(np.uint16)


_YES_NO = ("FALSE", "TRUE")

PROPERTIES: dict[Dimension, Property] = {
    Dimension.ROLE: Property("Role", "What the person does, normalised from the title.", "role"),
    Dimension.LEVEL: Property("Level", "Seniority, from intern to executive.", "level", _names(Level)),
    Dimension.SPECIALIZATION: Property(
        "Specialisation", "Area of machine learning; a report may have several.", "specialization", many=True
    ),
    Dimension.METRO: Property("Metro", "Metropolitan area of the job.", "metro"),
    Dimension.REGION: Property("Region", "ISO 3166-2 subdivision of the job's place.", "region"),
    Dimension.COUNTRY: Property("Country", "ISO 3166-1 country of the job's place.", "country"),
    Dimension.TECHNOLOGY_HUB: Property(
        "Technology hub", "Whether the metro is a major technology hub.", "technology_hub", _YES_NO
    ),
    Dimension.INDUSTRY: Property("Industry", "Industry of the employer.", "industry"),
    Dimension.ML_CENTRALITY: Property(
        "ML centrality",
        "Whether machine learning is the core of the employer's business or supports it.",
        "ml_centrality",
        _names(MlCentrality),
    ),
    Dimension.COMPANY: Property("Company", "The employer.", "company"),
    Dimension.COMPANY_SIZE: Property("Company size", "Employees of the employer.", "company_size", _names(CompanySize)),
    Dimension.WORK_MODE: Property("Work mode", "On site, hybrid or remote.", "work_mode", _names(WorkMode)),
    Dimension.PAY_POLICY: Property(
        "Pay policy", "Whether the employer adjusts pay to the location.", "pay_policy", _names(PayPolicy)
    ),
    Dimension.EMPLOYMENT: Property("Employment", "The kind of contract.", "employment", _names(Employment)),
    Dimension.EDUCATION: Property("Education", "Highest degree.", "education", _names(EducationLevel)),
    Dimension.FIELD: Property("Field of study", "Field of the highest degree.", "field"),
    Dimension.SKILL: Property("Skill", "Skills named in the report; usually several.", "skill", many=True),
    Dimension.EXPERIENCE_BAND: Property(
        "Experience",
        "Years of professional experience, in bands.",
        "experience",
        tuple(label for label, _ in EXPERIENCE_BANDS),
        table=_band_table(),
    ),
    Dimension.INTERNSHIP: Property("Internship", "Whether the person had done an internship.", "internship", _YES_NO),
    Dimension.PORTFOLIO: Property(
        "Portfolio", "Whether the person showed a portfolio or open-source work.", "portfolio", _YES_NO
    ),
    Dimension.NEGOTIATED: Property("Negotiated", "Whether the person negotiated the offer.", "negotiated", _YES_NO),
    Dimension.CHANGE: Property("Change", "What led to this pay.", "change", _names(ChangeKind)),
    Dimension.KIND: Property("Kind of source", "What kind of evidence the report is.", "kind", _names(SourceKind)),
    Dimension.VERIFICATION: Property(
        "Verification", "How the report was checked.", "verification", _names(Verification)
    ),
    Dimension.SOURCE: Property("Source", "Who sent the report.", "source"),
    Dimension.YEAR: Property("Year", "Year in which the pay took effect.", "day", _periods(1), table=_period_table(1)),
    Dimension.QUARTER: Property(
        "Quarter", "Quarter in which the pay took effect.", "day", _periods(4), table=_period_table(4)
    ),
    Dimension.MONTH: Property(
        "Month", "Month in which the pay took effect.", "day", _periods(12), table=_period_table(12)
    ),
}


class Codebook:
    """The codes of a dimension's values: 0 is unknown, then in order of the closed vocabulary or of first sight.

    Codes are never taken back or given anew, so that columns encoded earlier stay valid.
    """

    def __init__(self, values: tuple[str, ...] = ()) -> None:
        self.values: list[str] = ["", *values]
        self._codes = {value: code for code, value in enumerate(self.values)}

    def __len__(self) -> int:
        return len(self.values)

    def code_of(self, value: str | None) -> int | None:
        """Return the code of a value, 0 for None, None for a value that no report has carried."""
        return self._codes.get(value) if value else UNKNOWN

    def learn(self, value: str | None) -> int:
        """Return the code of a value, giving it one where it is new."""
        if not value:
            return UNKNOWN
        code = self._codes.get(value)
        if code is None:
            code = len(self.values)
            self.values.append(value)
            self._codes[value] = code
        return code


Codebooks = dict[Dimension, Codebook]


def new_codebooks() -> Codebooks:
    """Return a codebook a dimension, knowing the closed vocabularies only."""
    return {dimension: Codebook(held.closed or ()) for dimension, held in PROPERTIES.items()}
