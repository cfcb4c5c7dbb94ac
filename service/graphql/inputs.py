"""What clients give: filters and bases, and what they become in service.figures."""

from datetime import date
from typing import Any

import strawberry

from schema.vocabulary import (
    CompanySize,
    EducationLevel,
    Employment,
    Level,
    MatchKind,
    MlCentrality,
    PayPolicy,
    SourceKind,
    Verification,
    WorkMode,
)
from service.figures import money
from service.figures.money import Conversion, PayBasis
from service.graphql.describe import described_input


def given(description: str) -> Any:
    """Return an input field that may be left out."""
    return strawberry.field(default=None, description=description)


@described_input
class SkillFilter:
    """Reports by the skills that they name."""

    all: list[str] | None = given("Codes of skills, each of which the report names.")
    any: list[str] | None = given("Codes of skills, at least one of which the report names.")
    none: list[str] | None = given("Codes of skills, none of which the report names.")


@described_input
class IntRange:
    """A range of whole numbers, both ends included."""

    min: int | None = given("The least; left out: no bound.")
    max: int | None = given("The most; left out: no bound.")


@described_input
class DateRange:
    """A range of whole months: every day of the months that its ends lie in is included."""

    from_: date | None = strawberry.field(
        name="from", default=None, description="A day of the first month; left out: no bound."
    )
    to: date | None = given("A day of the last month; left out: no bound.")


@described_input
class CohortFilter:
    """Fields are ANDed, values within a field ORed; an empty list or null restricts nothing. Strings are codes of
    `dimensions` or `terms`; free text is refused with a hint. A report in which a property is not known does not
    match.
    """

    role: list[str] | None = given('Codes of roles, such as "machine-learning-engineer".')
    level: list[Level] | None = given("Levels of seniority.")
    specialization: list[str] | None = given("Codes of specialisations; a report may have several.")
    place: list[str] | None = given(
        "Codes of metros, regions (ISO 3166-2) or countries (ISO 3166-1); a region or country takes in all below it."
    )
    technology_hub: bool | None = given("Whether the metro is a major technology hub.")
    industry: list[str] | None = given("Codes of industries.")
    ml_centrality: list[MlCentrality] | None = given("Whether machine learning is the core of the employer's business.")
    company: list[str] | None = given("Codes of employers.")
    company_size: list[CompanySize] | None = given("Sizes of the employer.")
    work_mode: list[WorkMode] | None = given("On site, hybrid or remote.")
    pay_policy: list[PayPolicy] | None = given("Whether the employer adjusts pay to the location.")
    employment: list[Employment] | None = given("Kinds of contract.")
    education: list[EducationLevel] | None = given("Highest degrees.")
    field: list[str] | None = given("Codes of fields of study.")
    skills: SkillFilter | None = given("Skills that the report names.")
    experience_years: IntRange | None = given("Years of professional experience.")
    internship: bool | None = given("Whether the person had done an internship.")
    portfolio: bool | None = given("Whether the person showed a portfolio or open-source work.")
    kind: list[SourceKind] | None = given("Kinds of evidence.")
    min_verification: Verification | None = given("The least that a report must have been checked.")
    min_match: MatchKind | None = given("How surely role, level and place were understood, at least.")
    effective: DateRange | None = given("When the pay took effect.")
    not_: "CohortFilter | None" = strawberry.field(
        name="not", default=None, description="Leaves out the reports that match this filter."
    )


@described_input
class Basis:
    """How pay is counted and shown."""

    currency: str = strawberry.field(
        default="USD", description="ISO 4217 code of the currency that amounts are shown in."
    )
    rates_of: date | None = given(
        "Day of the exchange rate that figures are converted by; left out: the latest. Each report was converted to US "
        "dollars at its own effective date."
    )
    pay: PayBasis = strawberry.field(
        default=PayBasis.ANNUALIZED,
        description="Annualised: grants over their vesting, no sign-on. First year: what twelve months bring.",
    )

    real_to: str | None = given(
        'Month, such as "2025-06", in whose prices amounts are counted, by the US CPI; left out: each in its own.'
    )
    conversion: Conversion = strawberry.field(
        default=Conversion.ONE_DAY,
        description="Whether figures are converted by the rate of one day, or by the mean of those of the days "
        "on which the pay of their reports took effect. The latter is refused where the currency moved by half within "
        "the cohort's time.",
    )
    ppp: bool = strawberry.field(
        default=False,
        description="In international dollars: what local pay buys, by the World Bank's purchasing power parities, "
        "apart from exchange rates. Reports of countries without a parity, or with too few people, are left out.",
    )

    def asked(self) -> dict[str, object]:
        """Return it as a variable of another query."""
        return {
            "currency": self.currency,
            "ratesOf": self.rates_of and self.rates_of.isoformat(),
            "pay": self.pay.name,
            "realTo": self.real_to,
            "conversion": self.conversion.name,
            "ppp": self.ppp,
        }

    def understood(self) -> money.Basis:
        """Return the basis with its rate found. Raises Rejection where there is none, and BasisConflict."""
        return money.basis_in(
            self.currency.upper(),
            self.rates_of,
            self.pay,
            self.real_to,
            conversion=self.conversion,
            parity=self.ppp,
        )
