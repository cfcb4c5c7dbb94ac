"""Estimates and distributions as clients see them: thin types over service.figures."""

from typing import Annotated

import strawberry

from service.figures import distribution as figures
from service.figures import estimates, money, privacy
from service.figures.cohort import Cohort
from service.figures.estimates import EstimateKind, round_to
from service.figures.money import Measure
from service.figures.privacy import SuppressionReason
from service.figures.weighting import Weighting, distribution_by
from service.graphql.context import Info
from service.graphql.describe import described, resolved
from service.graphql.echo import CohortEcho, suggested
from service.graphql.errors import ClientError
from service.graphql.money import MoneyNote, money_note

DEFAULT_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
MAX_QUANTILES = 100
MAX_BINS = 200


@described
class Estimate:
    """A statistic with its 95% interval."""

    value: float = strawberry.field(description="The statistic, in the unit of the field that gives it.")
    low: float | None = strawberry.field(
        description="Lower bound of the 95% interval; null where the sample is too small for an interval to exist."
    )
    high: float | None = strawberry.field(
        description="Upper bound of the 95% interval; null where the sample is too small for an interval to exist."
    )
    kind: EstimateKind = strawberry.field(description="Whether it was observed, pooled or modelled.")


def shown(estimate: estimates.Estimate | None) -> Estimate | None:
    """Return an estimate for the client."""
    return Estimate(**vars(estimate)) if estimate else None


@described
class Bin:
    """Reports from an amount up to the next bin's."""

    from_: float = strawberry.field(name="from", description="Lower bound, money a year in the basis's currency.")
    to: float = strawberry.field(description="Upper bound, money a year in the basis's currency.")
    reports: int = strawberry.field(description="Number of reports in it; the outermost bins take in all beyond them.")
    share: float = strawberry.field(description="Share of the reports, 0 to 1.")


@described
class Suppression:
    """Why a figure is withheld."""

    reason: SuppressionReason = strawberry.field(description="Why, for programs.")
    message: str = strawberry.field(description="Why, and what could be asked instead.")
    cohort: strawberry.Private[Cohort | None] = None

    @resolved
    async def suggestion(self, info: Info) -> CohortEcho | None:
        """The cohort nearest to the one that is withheld which can be published: a wider one, or one without the few
        people that make the difference; null where there is none.
        """
        cohort, policy = self.cohort, info.context.policy
        if cohort is None:
            return None
        return await info.context.compute(len(cohort.snapshot), lambda: suggested(cohort, policy))


def suppressed(suppression: privacy.Suppression | None) -> Suppression | None:
    """Return a suppression for the client."""
    return Suppression(**vars(suppression)) if suppression else None


@described
class Quantile:
    """The p-th quantile: linear interpolation between order statistics (Hyndman and Fan 1996, type 7)."""

    p: float = strawberry.field(description="Which quantile, 0 < p < 1.")
    estimate: Estimate | None = strawberry.field(
        description="Money a year in the basis's currency, with its binomial 95% interval; null where withheld."
    )
    suppression: Suppression | None = strawberry.field(description="Why it is withheld; null where it is not.")


@described
class Distribution:
    """How pay is distributed. Every figure is null where publishing it would mislead or expose a person; `suppression`
    says why.
    """

    held: strawberry.Private[figures.Distribution]

    @resolved
    def reports(self) -> int:
        """Number of reports in which the measure is known; the figures are of these."""
        return len(self.held.cohort)

    @resolved
    def blurred_by(self) -> int:
        """By how many reports the figures' cohort differs from the one asked for: 0, or so few that it changes little.

        Where a filter leaves out (or takes in) fewer people than any figure may rest on, and they move no quantile by
        more than a third of its standard error, figures are those with them (or without them), so that two answers side
        by side do not tell their pay.
        """
        return self.held.blurred_by

    @resolved
    def effective(self) -> float:
        """Kish's effective sample size under the weighting: the number of reports where each weighs the same."""
        return round_to(self.held.effective, 4)

    @resolved
    def suppression(self) -> Suppression | None:
        """Why the figures are withheld; null where they are not."""
        return suppressed(self.held.suppression)

    @resolved
    def median(self) -> Estimate | None:
        """Half earn less: money a year in the basis's currency, with its binomial interval."""
        return shown(self.held.quantile(0.5))

    @resolved
    def quantile(
        self, p: Annotated[float, strawberry.argument(description="Which quantile, 0 < p < 1.")]
    ) -> Estimate | None:
        """The p-th quantile, 0 < p < 1 (type 7), with its binomial interval: money a year in the basis's currency.

        Published of 5 reports is the median, of 13 the quartiles, of 36 the outer tenths, of 300 every twentieth and of
        1,500 every hundredth; null where there are fewer, and between them. A bound that is the lowest or the highest
        pay is widened to 1, 2 or 5 times a power of ten.
        """
        return shown(self.held.quantile(_probability(p)))

    @resolved
    def quantiles(
        self,
        ps: Annotated[
            list[float], strawberry.argument(description="Which quantiles, each 0 < p < 1, at most 100.")
        ] = list(DEFAULT_QUANTILES),  # noqa: B006  GraphQL's default, never changed
    ) -> list[Quantile]:
        """Several quantiles at once, in the order asked for."""
        if len(ps) > MAX_QUANTILES:
            raise ClientError("BAD_USER_INPUT", f"At most {MAX_QUANTILES} quantiles can be asked for at once.")
        return [
            Quantile(p=p, estimate=shown(self.held.quantile(p)), suppression=suppressed(self.held.withholding(p)))
            for p in map(_probability, ps)
        ]

    @resolved
    async def mean(self, info: Info) -> Estimate | None:
        """Arithmetic mean with its 95% interval by Student's t: money a year in the basis's currency.

        Rounded to 1, 2 or 5 times a power of ten that is at least two people's part of it, a fiftieth of it for 100.
        """
        return shown(await info.context.compute(len(self.held.cohort), self.held.mean))

    @resolved
    async def histogram(
        self,
        bins: Annotated[int, strawberry.argument(description="At most this many bins, 1 to 200.")] = 20,
    ) -> list[Bin]:
        """Bins of equal width between the outermost published quantiles, by these quantiles and linear between them.

        Neighbours are merged until each holds enough reports to be shown; empty where withheld and below 13 reports.
        """
        if not 1 <= bins <= MAX_BINS:
            raise ClientError("BAD_USER_INPUT", f"bins is {bins}; ask for 1 to {MAX_BINS}.")
        return [
            Bin(from_=bar.low, to=bar.high, reports=bar.reports, share=bar.share) for bar in self.held.histogram(bins)
        ]

    @resolved
    def rank(
        self,
        amount: Annotated[float, strawberry.argument(description="Money a year in the basis's currency, above 0.")],
    ) -> Estimate | None:
        """Share of reports at or below an amount, 0 to 1: the published quantiles read backwards, linear between them.

        Its interval holds every share whose quantile's own interval holds the amount. Null below 6 reports.
        """
        if not 0 < amount < 1e13:
            raise ClientError("BAD_USER_INPUT", f"amount is {amount}; ask for money a year above 0.")
        return shown(self.held.rank(amount))

    @resolved
    def money(self) -> MoneyNote:
        """What the money is."""
        return money_note(self.held.basis)


def _probability(p: float) -> float:
    if not 0 < p < 1:
        raise ClientError("BAD_USER_INPUT", f"p is {p}; a quantile has 0 < p < 1.")
    return p


async def distribution_of(
    info: Info, cohort: Cohort, measure: Measure, basis: money.Basis, weighting: Weighting = Weighting.PERSON
) -> Distribution:
    """Return the distribution of a measure, gathered off the event loop where that takes long."""

    def gather() -> figures.Distribution:
        found = distribution_by(weighting, cohort, measure, basis, info.context.policy)
        found.prepare()
        return found

    return Distribution(held=await info.context.compute(len(cohort), gather))
