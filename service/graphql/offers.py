"""Evaluating an offer: what a person types, what it is compared with, and where it stands."""

import strawberry

from schema.ladders import find_equivalents
from schema.report import SalaryReport
from schema.vocabulary import Level
from service.figures import estimates
from service.figures import offer as figures
from service.figures.dimensions import Dimension
from service.figures.money import Basis, Measure, PayBasis
from service.figures.offer import Facet, OfferVerdict
from service.figures.snapshot import Snapshot
from service.graphql.cohort import Cohort
from service.graphql.context import Info
from service.graphql.describe import described, described_input
from service.graphql.echo import CohortEcho, echo_of
from service.graphql.figures import Estimate, shown
from service.graphql.inputs import given
from service.graphql.words import Term, term_of
from service.typed import read_typed

MONEY = "in `currency`, a year"


@described_input
class OfferInput:
    """An offer as a person has it in hand. Text is read as streamed reports are: no codes are needed."""

    title: str = strawberry.field(description='Title, such as "Senior ML Engineer (NLP)".')
    level: str | None = given("Level in words or in the employer's own code, such as L5.")
    place: str = strawberry.field(description='Where the job is, such as "Bangalore" or "Remote - US".')
    company: str | None = given("Employer; it gives codes of levels their meaning, and is not compared with itself.")
    currency: str = strawberry.field(description="ISO 4217 code of the currency of the amounts.")
    base: float = strawberry.field(description=f"Base pay {MONEY}.")
    bonus: float | None = given(f"Bonus {MONEY}.")
    stock_per_year: float | None = given(f"Stock that vests, {MONEY}.")
    benefits: float | None = given(f"Benefits {MONEY}.")
    sign_on: float | None = given("Sign-on bonus in `currency`, once; it counts in the first year's pay only.")
    experience_years: float | None = given(
        "Years of professional experience; they tell the level where nothing else does."
    )
    specialization: str | None = given("Area of machine learning.")
    skills: list[str] | None = given("Skills; read, and not compared by yet.")

    def read(self) -> SalaryReport:
        """Return the offer in agreed words. Raises Rejection."""
        return read_typed(
            {
                "title": self.title,
                "level": self.level,
                "place": self.place,
                "company": {"name": self.company},
                "experience": {"years": self.experience_years},
                "specialization": self.specialization,
                "skills": self.skills,
                "pay": {
                    "currency": self.currency,
                    "base": self.base,
                    "bonus": self.bonus,
                    "benefits": self.benefits,
                    "sign_on": self.sign_on,
                    "stock": {"per_year": self.stock_per_year},
                },
            }
        )


@described
class PartRank:
    """Where a part of the offer stands among the reports that name it."""

    measure: Measure = strawberry.field(description="Which part.")
    amount: float = strawberry.field(description="The offer's part, money a year in the basis's currency.")
    percentile: Estimate | None = strawberry.field(
        description="Share of reports at or below it, 0 to 1, with its interval; null where withheld."
    )


@described
class WideningStep:
    """A property given up, so that enough people are left to compare with."""

    dimension: Dimension = strawberry.field(description="What was given up.")
    from_: Term = strawberry.field(name="from", description="The value that was given up.")
    to: Term | None = strawberry.field(description="The wider value in its place; null where there is none.")
    reports_before: int = strawberry.field(description="Number of reports before the step.")
    reports_after: int = strawberry.field(description="Number of reports after it.")


@described
class LevelEquivalent:
    """A level of an employer's ladder."""

    company: str = strawberry.field(description="Code of the employer.")
    code: str = strawberry.field(description="The employer's own name of the level, such as L5.")
    level: Level = strawberry.field(description="The level that it corresponds to.")
    source: str = strawberry.field(description="Where the ladder is public.")


def equivalents_of(company: str | None, level: str | None) -> list[LevelEquivalent]:
    """Return the rungs of other employers' ladders that correspond to one; empty where it is not known."""
    rungs = find_equivalents(company, level) if company and level else ()
    return [LevelEquivalent(company=r.company, code=r.code, level=r.level, source=r.source) for r in rungs]


@described
class OfferEvaluation:
    """Where an offer stands among the narrowest cohort of comparable reports that may be published."""

    percentile: Estimate | None = strawberry.field(
        description="Share of comparable reports at or below the offer's total, 0 to 1, with its interval."
    )
    verdict: OfferVerdict = strawberry.field(description="Below, within or above the middle half.")
    parts: list[PartRank] = strawberry.field(description="The parts that the offer names, each among its like.")
    cohort: Cohort = strawberry.field(description="The reports that it was compared with.")
    compared_with: CohortEcho = strawberry.field(description="The filter really used.")
    widened: list[WideningStep] = strawberry.field(description="Each step taken to get there.")
    equivalents: list[LevelEquivalent] = strawberry.field(
        description="Levels of other employers that correspond to the offer's, where its employer's ladder is public."
    )


async def evaluate(info: Info, offer: OfferInput, basis: Basis) -> OfferEvaluation:
    """Return where an offer stands. Raises Rejection for an offer that cannot be read."""
    report, snapshot, policy = offer.read(), info.context.snapshot, info.context.policy
    amounts = _amounts(report, basis)

    def gather() -> tuple[figures.Comparable, dict[Measure, estimates.Estimate | None]]:
        found = figures.find_comparable(snapshot, _ladders(report, snapshot), policy)
        ranks = {
            measure: figures.rank_of(found.cohort, measure, amount, basis, policy)
            for measure, amount in amounts.items()
        }
        return found, ranks

    comparable, ranks = await info.context.compute(len(snapshot), gather)
    percentile = ranks[Measure.TOTAL]
    return OfferEvaluation(
        percentile=shown(percentile),
        verdict=figures.verdict_of(percentile),
        parts=[PartRank(measure=m, amount=amounts[m], percentile=shown(rank)) for m, rank in ranks.items()],
        cohort=Cohort(held=comparable.cohort, basis=basis),
        compared_with=echo_of(comparable.cohort.where),
        widened=[_step(step) for step in comparable.steps],
        equivalents=equivalents_of(report.company, offer.level),
    )


def _ladders(report: SalaryReport, snapshot: Snapshot) -> list[list[Facet]]:
    # given up first: what says least about pay; the level is kept to the end
    places: list[tuple[Dimension, str | None]] = [
        (Dimension.METRO, report.metro),
        (Dimension.REGION, report.region),
        (Dimension.COUNTRY, report.country),
    ]
    level = report.level.name if report.level else None
    ladders: list[list[tuple[Dimension, str | None]]] = [
        [(Dimension.SPECIALIZATION, value) for value in report.specializations[:1]],
        places,
        [(Dimension.ROLE, report.role)],
        [(Dimension.LEVEL, level)],
    ]
    held = snapshot.codebooks
    return [
        [Facet(dimension, value) for dimension, value in ladder if value and held[dimension].code_of(value)]
        for ladder in ladders
    ]


def _amounts(report: SalaryReport, basis: Basis) -> dict[Measure, float]:
    pay = report.pay
    total = pay.first_year if basis.pay is PayBasis.FIRST_YEAR else pay.total
    parts = {
        Measure.TOTAL: total,
        Measure.BASE: pay.base,
        Measure.BONUS: pay.bonus,
        Measure.STOCK: pay.stock,
        Measure.BENEFITS: pay.benefits,
        Measure.SIGN_ON: pay.sign_on,
    }
    worth = basis.of_today(report.country)
    return {measure: amount * worth for measure, amount in parts.items() if amount}


def _step(step: figures.WideningStep) -> WideningStep:
    return WideningStep(
        dimension=step.given_up.dimension,
        from_=term_of(step.given_up.dimension, step.given_up.value),
        to=term_of(step.instead.dimension, step.instead.value) if step.instead else None,
        reports_before=step.reports_before,
        reports_after=step.reports_after,
    )
