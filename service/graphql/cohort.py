"""The cohort: the one type from which everything is asked. Groups and points of a trend are cohorts too."""

from typing import Annotated

import strawberry

from service.figures import cohort as figures
from service.figures import comparison
from service.figures import mix as mixing
from service.figures.benchmark import SHIPPED
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution as Figures
from service.figures.money import Basis, Measure
from service.figures.negotiation import mobility, negotiation
from service.figures.pooling import pooled
from service.figures.premium import premium
from service.figures.quality import confidence, quality
from service.figures.trend import Interval
from service.figures.weighting import Weighting
from service.graphql.breakdown import LARGEST_FIRST, BreakdownConnection, BreakdownOrder, connection, ordered_groups
from service.graphql.careers import Mobility, Negotiation, mobility_shown, negotiation_shown
from service.graphql.comparisons import Comparison, Premium, premium_shown
from service.graphql.conditions import code_in, condition_of
from service.graphql.context import Info
from service.graphql.describe import described, resolved
from service.graphql.figures import Distribution, Estimate, distribution_of, shown, suppressed
from service.graphql.inputs import CohortFilter
from service.graphql.pooled import Pooled, pooled_shown
from service.graphql.sample import Sample
from service.graphql.standing import (
    Benchmark,
    Confidence,
    Quality,
    benchmark_shown,
    confidence_shown,
    quality_shown,
)
from service.graphql.trends import Trend

Of = Annotated[Measure, strawberry.argument(description="Which part of pay; parts are of the reports that name them.")]


@described
class MixPart:
    """A part of pay."""

    measure: Measure = strawberry.field(description="Which part.")
    share: Estimate | None = strawberry.field(
        description="Its share of total pay, 0 to 1, as a ratio of sums with its 95% interval; null where withheld."
    )
    reports_with_it: int = strawberry.field(description="Number of reports that name it.")


@described
class Cohort:
    """A set of reports. Groups and trend points are cohorts too, so any figure can be asked at any depth."""

    held: strawberry.Private[figures.Cohort]
    basis: strawberry.Private[Basis]

    @resolved
    def sample(self) -> Sample:
        """What the figures rest on."""
        return Sample(held=self.held)

    @resolved
    async def distribution(
        self,
        info: Info,
        of: Of = Measure.TOTAL,
        weighting: Annotated[Weighting, strawberry.argument(description="What counts as one.")] = Weighting.PERSON,
    ) -> Distribution:
        """How a measure of pay is distributed."""
        return await distribution_of(info, self.held, of, self.basis, weighting)

    @resolved
    async def breakdown(
        self,
        info: Info,
        by: Annotated[list[Dimension], strawberry.argument(description="One to three dimensions.")],
        order_by: Annotated[
            BreakdownOrder, strawberry.argument(description="In what order groups come.")
        ] = LARGEST_FIRST,
        first: Annotated[int, strawberry.argument(description="How many groups, 1 to 500.")] = 20,
        after: Annotated[
            str | None, strawberry.argument(description="Only groups after this cursor of an earlier page.")
        ] = None,
    ) -> BreakdownConnection:
        """One cohort per value of a dimension, or per pair or triple of values.

        Reports of which the value is not known are in no group; where a report may have several values (skills)
        groups overlap.
        """
        dimensions, policy = tuple(by), info.context.policy
        groups = await info.context.compute(
            len(self.held), lambda: ordered_groups(self.held, dimensions, order_by, self.basis, policy)
        )
        return connection(groups, dimensions, first, after, lambda group: Cohort(held=group, basis=self.basis))

    @resolved
    def trend(
        self,
        interval: Annotated[Interval, strawberry.argument(description="Length of a period.")] = Interval.QUARTER,
        of: Of = Measure.TOTAL,
    ) -> Trend:
        """The cohort over time."""
        return Trend(cohort=self.held, interval=interval, of=of, basis=self.basis)

    @resolved
    async def mix(self, info: Info) -> list[MixPart]:
        """How pay splits into parts, over the reports that name a base.

        Shares of the mean, because percentiles of parts do not add up.
        """
        policy = info.context.policy
        parts = await info.context.figure(self.held, ("mix",), lambda: mixing.mix(self.held, policy))
        return [MixPart(measure=part.measure, share=shown(part.share), reports_with_it=part.reports) for part in parts]

    @resolved
    async def quality(self, info: Info) -> Quality:
        """What is unusual about the reports that meet the filter, those left out of figures among them."""
        return quality_shown(await info.context.compute(len(info.context.snapshot), lambda: quality(self.held)))

    @resolved
    async def confidence(self, info: Info) -> Confidence:
        """How far figures of this cohort can be trusted."""
        newest = self.held.snapshot.newest_day
        return confidence_shown(
            await info.context.figure(self.held, ("confidence",), lambda: confidence(self.held, newest))
        )

    @resolved
    async def benchmark(self, info: Info) -> Benchmark | None:
        """The official statistic for the nearest occupation and area beside ours; null where there is none for these
        reports.
        """
        policy, benchmarks = info.context.policy, info.context.benchmarks or SHIPPED
        return benchmark_shown(
            await info.context.figure(self.held, ("benchmark",), lambda: benchmarks.beside(self.held, policy))
        )

    @resolved
    async def negotiation(self, info: Info) -> Negotiation:
        """Share who negotiated, and by how much the final offer beat the first."""
        policy = info.context.policy
        return negotiation_shown(
            await info.context.figure(self.held, ("negotiation",), lambda: negotiation(self.held, policy))
        )

    @resolved
    async def mobility(self, info: Info) -> Mobility:
        """Pay growth of those who switched employer beside those who stayed."""
        policy = info.context.policy
        return mobility_shown(await info.context.figure(self.held, ("mobility",), lambda: mobility(self.held, policy)))

    @resolved
    async def premium(
        self,
        info: Info,
        dimension: Annotated[Dimension, strawberry.argument(description="Whose value.")],
        value: Annotated[str, strawberry.argument(description="Code of the value.")],
        against: Annotated[
            str | None,
            strawberry.argument(
                description="Code of the value that it is compared with; left out: all reports in which the dimension "
                "is known and has another value, for skills and specialisations all that do not name it."
            ),
        ] = None,
        of: Of = Measure.TOTAL,
    ) -> Premium:
        """What a value of a dimension is worth, with everything else held equal."""
        snapshot, policy = info.context.snapshot, info.context.policy
        code = code_in(dimension, value, snapshot)
        other = None if against is None else code_in(dimension, against, snapshot)
        name = ("premium", dimension, code, other, of, self.basis)
        return premium_shown(
            await info.context.figure(
                self.held, name, lambda: premium(self.held, dimension, code, other, of, self.basis, policy)
            )
        )

    @resolved
    async def pooled(
        self,
        info: Info,
        over: Annotated[
            Dimension,
            strawberry.argument(
                description="The dimension of which the cohort is one value; the cohort without that filter is its "
                "parent, and the parent's other groups are its siblings."
            ),
        ],
        of: Of = Measure.TOTAL,
    ) -> Pooled:
        """The median drawn towards those of the siblings, by as much as they are alike: for cohorts so thin that their
        own interval says little. It is never given in the place of `distribution`, and never of a cohort that may not
        be published by itself.
        """
        policy = info.context.policy
        return pooled_shown(
            await info.context.figure(
                self.held, ("pooled", over, of, self.basis), lambda: pooled(self.held, over, of, self.basis, policy)
            )
        )

    @resolved
    async def compare(
        self,
        info: Info,
        with_: Annotated[CohortFilter, strawberry.argument(name="with", description="Which reports to compare with.")],
        of: Of = Measure.TOTAL,
    ) -> Comparison:
        """This cohort beside another: difference and ratio of medians with their intervals, and the overlap."""
        snapshot, policy = info.context.snapshot, info.context.policy
        condition = condition_of(with_, snapshot)

        def gather() -> tuple[figures.Cohort, comparison.Comparison]:
            other = snapshot.cohort(condition)
            sides = [Figures(side, of, self.basis, policy) for side in (self.held, other)]
            return other, comparison.compare(*sides)

        name = ("compare", condition, of, self.basis)
        other, found = await info.context.figure(self.held, name, gather)
        return Comparison(
            other=Cohort(held=other, basis=self.basis),
            difference=shown(found.difference),
            ratio=shown(found.ratio),
            overlap=found.overlap,
            verdict=found.verdict,
            suppression=suppressed(found.suppression),
        )
