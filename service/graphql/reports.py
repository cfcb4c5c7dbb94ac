"""Reports as clients send them: the event's data in GraphQL's spelling."""

from dataclasses import is_dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import strawberry

from schema.event import SUBMITTED
from schema.vocabulary import AmountUnit, ChangeKind, MlCentrality, Period, SourceKind, Verification
from service.graphql.describe import described_input
from service.graphql.inputs import given
from service.typed import given as without_nulls

CURRENCY = "in the report's currency"


@described_input
class AmountInput:
    """An amount, a range, or text; at least one of them."""

    amount: float | None = given(f"The amount, {CURRENCY} for each `period`: not counted as money a year unless so.")
    text: str | None = given('The amount as people type it, such as "45 LPA" or "120k"; in place of `amount`.')
    min: float | None = given(f"Lower end of a range, {CURRENCY}.")
    max: float | None = given(f"Upper end of a range, {CURRENCY}.")
    period: Period = strawberry.field(default=Period.YEAR, description="What span of work it pays for.")
    unit: AmountUnit = strawberry.field(default=AmountUnit.MONEY, description="Money, or percent of annual base.")
    payments: float | None = given("Number of monthly salaries a year where they are not 12.")


@described_input
class StockInput:
    """A stock grant and its vesting, and refreshers that recur each year."""

    grant: float | None = given(f"Value of the whole grant, {CURRENCY}.")
    years: float | None = given("Years over which it vests; left out: 4.")
    first_year_share: float | None = given("Share of it, 0 to 1, that vests in the first year.")
    per_year: float | None = given(f"Value of what is granted anew each year, {CURRENCY}.")


@described_input
class PayInput:
    """What is paid. At least one of `base` and `total` is needed."""

    currency: str = strawberry.field(description="ISO 4217 code of the currency of all amounts.")
    base: AmountInput | None = given("Base pay.")
    bonus: AmountInput | None = given("Bonus.")
    stock: StockInput | None = given("Stock.")
    benefits: AmountInput | None = given("Value of benefits.")
    sign_on: AmountInput | None = given("Sign-on bonus, once.")
    total: AmountInput | None = given("Total; may be left to us.")


@described_input
class CompanyInput:
    """The employer."""

    name: str | None = given("Its name.")
    size: str | None = given("Number of employees, a range of it, or a size in words.")
    industry: str | None = given("Its industry.")
    ml: MlCentrality | None = given("Whether machine learning is the core of its business.")


@described_input
class PlaceInput:
    """Where the job is, as free text, structured, or both."""

    text: str | None = given('As people write it, such as "Bangalore" or "Remote - US".')
    country: str | None = given("Country.")
    region: str | None = given("State or province.")
    city: str | None = given("City.")


@described_input
class ExperienceInput:
    """What the person brought."""

    years: float | None = given("Years of professional experience.")
    at_company: float | None = given("Years at this employer.")
    internship: bool | None = given("Whether the person had done an internship.")
    portfolio: bool | None = given("Whether the person showed a portfolio or open-source work.")


@described_input
class EducationInput:
    """Highest degree and its field."""

    degree: str | None = given("Degree.")
    field: str | None = given("Field of study.")


@described_input
class FirstOfferInput:
    """The first offer."""

    base: float | None = given(f"Its base a year, {CURRENCY}.")
    total: float | None = given(f"Its total a year, {CURRENCY}.")


@described_input
class NegotiationInput:
    """Whether the person negotiated, and from where."""

    negotiated: bool | None = given("Whether the person negotiated.")
    first_offer: FirstOfferInput | None = given("What was offered at first.")


@described_input
class ChangeInput:
    """What led to this pay."""

    kind: ChangeKind | None = given("A new employer, a raise, a promotion or a first job.")
    previous_total: float | None = given(f"Total pay a year before it, {CURRENCY}.")


@described_input
class ReportInput:
    """A report as a person or a program has it. Text is read as streamed reports are: no codes are needed.

    `source` and `id` name it: what is sent again under the same name replaces what was sent before, and counts once.
    """

    source: str = strawberry.field(description="Who sends it, such as a site's name; 1 to 500 characters.")
    id: strawberry.ID = strawberry.field(
        description="The report's name within the source, 1 to 500 characters; both the id of the event and its "
        "subject. Best a random one that is kept for a retry."
    )
    effective: str = strawberry.field(description="When the pay took effect: YYYY, YYYY-MM or YYYY-MM-DD.")
    title: str = strawberry.field(description='Title, such as "Senior ML Engineer (NLP)".')
    pay: PayInput = strawberry.field(description="What is paid.")
    level: str | None = given("Level in words or in the employer's own code, such as L5.")
    place: PlaceInput | None = given("Where the job is.")
    company: CompanyInput | None = given("The employer.")
    specialization: list[str] | None = given("Areas of machine learning.")
    skills: list[str] | None = given("Skills, at most 100.")
    experience: ExperienceInput | None = given("What the person brought.")
    education: EducationInput | None = given("Highest degree and its field.")
    work_mode: str | None = given("On site, hybrid or remote.")
    pay_policy: str | None = given("Whether the employer adjusts pay to the location.")
    employment: str | None = given("Kind of contract.")
    negotiation: NegotiationInput | None = given("Whether the person negotiated.")
    change: ChangeInput | None = given("What led to this pay.")
    contributor: str | None = given(
        "Pseudonym of the person within the source, so that one person counts once; only a hash of it is kept."
    )
    kind: SourceKind = strawberry.field(default=SourceKind.SURVEY, description="What kind of evidence it is.")
    verification: Verification = strawberry.field(default=Verification.NONE, description="How it was checked.")

    def event(self) -> bytes:
        """Return the report as an event of now in structured mode; it takes the same bytes way as any producer's."""
        data = _plain(self)
        source, name = data.pop("source"), data.pop("id")
        event = {
            "specversion": "1.0",
            "type": SUBMITTED,
            "id": name,
            "source": source,
            "subject": name,
            "time": datetime.now(UTC),
            "datacontenttype": "application/json",
            "data": without_nulls(data),
        }
        return msgspec.json.encode(event)


def _plain(value: Any) -> Any:
    if isinstance(value, AmountInput):
        fields = vars(value)
        amount = value.text if value.amount is None else value.amount
        return {**{name: fields[name] for name in fields if name != "text"}, "amount": amount}
    if is_dataclass(value):
        return {name: _plain(field) for name, field in vars(value).items()}
    return value


def path_shown(path: str) -> str:
    """Return the place of a fault in an event as it is called in ReportInput: `$.data.pay.sign_on` is `pay.signOn`."""
    head, *rest = path.removeprefix("$").removeprefix(".").removeprefix("data").removeprefix(".").split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)
