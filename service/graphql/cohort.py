"""The cohort: the one type from which everything is asked. Groups and points of a trend are cohorts too."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Annotated

import numpy as np
import strawberry

from schema.vocabulary import SourceKind
from service.figures import breakdown as cutting
from service.figures import cohort as figures
from service.figures import mix as mixing
from service.figures import money, trend
from service.figures.breakdown import BreakdownOrderField, Direction
from service.figures.columns import SYNTHETIC_BIT
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution as Figures
from service.figures.estimates import round_to
from service.figures.money import Measure
from service.figures.privacy import Policy
from service.figures.trend import Interval
from service.graphql import pages
from service.graphql.conditions import EPOCH
from service.graphql.context import Info
from service.graphql.describe import described, described_input, resolved
from service.graphql.errors import ClientError
from service.graphql.figures import Distribution, Estimate, SourceShare, distribution_of, shown
from service.graphql.words import Term, term_of


@described
class Sample:
    """What a figure rests on."""

    held: strawberry.Private[figures.Cohort]

    @resolved
    def reports(self) -> int:
        """Number of reports."""
        return len(self.held)

    @resolved
    async def contributors(self, info: Info) -> int:
        """Number of people; a report without a contributor counts as one of its own."""
        return await info.context.compute(len(self.held), lambda: self.held.contributors)

    @resolved
    async def companies(self, info: Info) -> int:
        """Number of employers that are known."""
        return await info.context.compute(len(self.held), lambda: self.held.companies)

    @resolved
    def effective(self) -> float:
        """Kish's effective sample size: the number of reports, since every report weighs the same."""
        return float(len(self.held))

    @resolved
    async def from_(self, info: Info) -> date | None:
        """First day on which a reported pay took effect; null where empty."""
        return _day(await info.context.compute(len(self.held), lambda: self.held.column("day").min(initial=2**16 - 1)))

    @resolved
    async def to(self, info: Info) -> date | None:
        """Last day on which a reported pay took effect; null where empty."""
        return _day(await info.context.compute(len(self.held), lambda: self.held.column("day").max(initial=2**16 - 1)))

    @resolved
    async def sources(self, info: Info) -> list[SourceShare]:
        """Where the reports came from, largest share first."""
        return await info.context.compute(len(self.held), lambda: _sources(self.held))


def _day(day: int) -> date | None:
    return None if day == 2**16 - 1 else EPOCH + timedelta(days=int(day))


def _sources(cohort: figures.Cohort) -> list[SourceShare]:
    keys = (
        cohort.column("source").astype(np.int64) << 16
        | cohort.column("kind").astype(np.int64) << 1
        | (cohort.column("flags").astype(np.int64) & SYNTHETIC_BIT > 0)
    )
    found, counts = np.unique(keys, return_counts=True)
    books = cohort.snapshot.codebooks
    shares = [
        SourceShare(
            kind=SourceKind[books[Dimension.KIND].values[key >> 1 & 0x7FFF]],
            source=books[Dimension.SOURCE].values[key >> 16],
            reports=count,
            share=round_to(count / len(cohort), 3),
            synthetic=bool(key & 1),
        )
        for key, count in zip(found.tolist(), counts.tolist(), strict=True)
    ]
    return sorted(shares, key=lambda share: (-share.reports, share.source))


@described
class MixPart:
    """A part of pay."""

    measure: Measure = strawberry.field(description="Which part.")
    share: Estimate | None = strawberry.field(
        description="Its share of total pay, 0 to 1, as a ratio of sums with its 95% interval; null where withheld."
    )
    reports_with_it: int = strawberry.field(description="Number of reports that name it.")


@described_input
class BreakdownOrder:
    """In what order groups come."""

    field: BreakdownOrderField = strawberry.field(
        description="By number of reports, by published median (withheld ones last), or by key."
    )
    direction: Direction = strawberry.field(description="Ascending or descending.")


LARGEST_FIRST = BreakdownOrder(field=BreakdownOrderField.REPORTS, direction=Direction.DESC)


@described
class Cohort:
    """A set of reports. Groups and trend points are cohorts too, so any figure can be asked at any depth."""

    held: strawberry.Private[figures.Cohort]
    basis: strawberry.Private[money.Basis]

    @resolved
    def sample(self) -> Sample:
        """What the figures rest on."""
        return Sample(held=self.held)

    @resolved
    async def distribution(
        self,
        info: Info,
        of: Annotated[
            Measure, strawberry.argument(description="Which part of pay; parts are of the reports that name them.")
        ] = Measure.TOTAL,
    ) -> Distribution:
        """How a measure of pay is distributed."""
        return await distribution_of(info, self.held, of, self.basis)

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
    ) -> "BreakdownConnection":
        """One cohort per value of a dimension, or per pair or triple of values. Reports of which the value is not
        known are in no group; where a report may have several values (skills) groups overlap.
        """
        if not 1 <= len(by) <= cutting.MAX_DIMENSIONS or len(set(by)) < len(by):
            raise ClientError("BAD_USER_INPUT", "A breakdown is by one, two or three different dimensions.")
        policy = info.context.policy
        groups = await info.context.compute(len(self.held), lambda: self._groups(tuple(by), order_by, policy))
        return _connection(groups, tuple(by), self.basis, first, after)

    def _groups(self, by: tuple[Dimension, ...], order: BreakdownOrder, policy: Policy) -> list[cutting.Group]:
        def median(cohort: figures.Cohort) -> float | None:
            found = Figures(cohort, Measure.TOTAL, self.basis, policy).quantile(0.5)
            return found.value if found else None

        return cutting.order_groups(cutting.break_down(self.held, by), by, order.field, order.direction, median)

    @resolved
    async def trend(
        self,
        info: Info,
        interval: Annotated[Interval, strawberry.argument(description="Length of a period.")] = Interval.QUARTER,
        of: Annotated[Measure, strawberry.argument(description="Which part of pay.")] = Measure.TOTAL,
    ) -> "Trend":
        """The cohort over time."""
        points = await info.context.compute(len(self.held), lambda: trend.trend_points(self.held, interval))
        return Trend(points=[TrendPoint(held=point, basis=self.basis, of=of) for point in points])

    @resolved
    async def mix(self, info: Info) -> list[MixPart]:
        """How pay splits into parts, over the reports that name a base. Shares of the mean, because percentiles of
        parts do not add up.
        """
        policy = info.context.policy
        parts = await info.context.compute(len(self.held), lambda: mixing.mix(self.held, policy))
        return [MixPart(measure=part.measure, share=shown(part.share), reports_with_it=part.reports) for part in parts]


@described
class BreakdownGroup:
    """One value (or pair, or triple) of the dimensions asked for, and the cohort that carries it."""

    keys: list[Term] = strawberry.field(description="Its value of each dimension, in the order asked for.")
    cohort: Cohort = strawberry.field(description="The reports that carry them.")


@described
class BreakdownEdge:
    """A group and its place in the order."""

    cursor: str = strawberry.field(description="Opaque; give it as `after` to go on behind this group.")
    node: BreakdownGroup = strawberry.field(description="The group.")


@described
class BreakdownConnection:
    """A page of groups, as Relay's cursor connections specify."""

    edges: list[BreakdownEdge] = strawberry.field(description="The groups with their cursors.")
    page_info: pages.PageInfo = strawberry.field(description="Where the page stands.")
    total_count: int = strawberry.field(description="Number of groups on all pages.")

    @resolved
    def nodes(self) -> list[BreakdownGroup]:
        """The groups without their cursors."""
        return [edge.node for edge in self.edges]


def _connection(
    groups: list[cutting.Group], by: Iterable[Dimension], basis: money.Basis, first: int, after: str | None
) -> BreakdownConnection:
    page, page_info = pages.cut([group.values for group in groups], first, after)
    by = tuple(by)
    edges = [
        BreakdownEdge(
            cursor=pages.cursor_of(group.values),
            node=BreakdownGroup(
                keys=[
                    term_of(dimension, value, len(group.cohort))
                    for dimension, value in zip(by, group.values, strict=True)
                ],
                cohort=Cohort(held=group.cohort, basis=basis),
            ),
        )
        for group in groups[page]
    ]
    return BreakdownConnection(edges=edges, page_info=page_info, total_count=len(groups))


@described
class TrendPoint:
    """The reports of a period."""

    held: strawberry.Private[trend.TrendPoint]
    basis: strawberry.Private[money.Basis]
    of: strawberry.Private[Measure]

    @resolved
    def period(self) -> str:
        """ "2024", "2024-Q3" or "2024-07"."""
        return self.held.period

    @resolved
    def start(self) -> date:
        """First day of the period."""
        return self.held.start

    @resolved
    def cohort(self) -> Cohort:
        """The reports whose pay took effect in the period."""
        return Cohort(held=self.held.cohort, basis=self.basis)

    @resolved
    async def raw(self, info: Info) -> Estimate | None:
        """Median of the reports of the period, money a year in the basis's currency: it moves with the mix of reports
        as well as with pay. Null where withheld.
        """
        found = await distribution_of(info, self.held.cohort, self.of, self.basis)
        return shown(found.held.quantile(0.5))


@described
class Trend:
    """A cohort over time."""

    points: list[TrendPoint] = strawberry.field(description="The periods that have reports, in order of time.")
