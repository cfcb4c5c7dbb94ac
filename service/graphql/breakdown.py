"""Breakdowns as clients see them: connections of groups, each with a cohort of its own."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import strawberry

from service.figures import breakdown as figures
from service.figures.breakdown import BreakdownOrderField, Direction
from service.figures.cohort import Cohort as Held
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy
from service.graphql import pages
from service.graphql.describe import described, described_input, resolved
from service.graphql.errors import ClientError
from service.graphql.words import Term, term_of

if TYPE_CHECKING:  # a cohort has breakdowns
    from service.graphql.cohort import Cohort


@described_input
class BreakdownOrder:
    """In what order groups come."""

    field: BreakdownOrderField = strawberry.field(
        description="By number of reports, by published median (withheld ones last), or by key."
    )
    direction: Direction = strawberry.field(description="Ascending or descending.")


LARGEST_FIRST = BreakdownOrder(field=BreakdownOrderField.REPORTS, direction=Direction.DESC)


@described
class BreakdownGroup:
    """One value (or pair, or triple) of the dimensions asked for, and the cohort that carries it."""

    keys: list[Term] = strawberry.field(description="Its value of each dimension, in the order asked for.")
    cohort: Annotated["Cohort", strawberry.lazy("service.graphql.cohort")] = strawberry.field(
        description="The reports that carry them."
    )


@described
class BreakdownEdge:
    """A group and its place in the order."""

    cursor: str = strawberry.field(description="Opaque; give it as `after` to go on behind this group.")
    node: BreakdownGroup = strawberry.field(description="The group.")


@described
class BreakdownConnection:
    """A page of groups, as Relay's cursor connections specify."""

    groups: strawberry.Private[list[figures.Group]]
    node_of: strawberry.Private[Callable[[figures.Group], BreakdownGroup]]

    @resolved
    def edges(self) -> list[BreakdownEdge]:
        """The groups with their cursors."""
        return [BreakdownEdge(cursor=pages.cursor_of(group.values), node=self.node_of(group)) for group in self.groups]

    page_info: pages.PageInfo = strawberry.field(description="Where the page stands.")
    total_count: int = strawberry.field(description="Number of groups on all pages.")

    @resolved
    def nodes(self) -> list[BreakdownGroup]:
        """The groups without their cursors."""
        return [self.node_of(group) for group in self.groups]


def connection(
    groups: list[figures.Group],
    by: tuple[Dimension, ...],
    first: int,
    after: str | None,
    cohort_of: Callable[[Held], "Cohort"],
) -> BreakdownConnection:
    """Return a page of groups. Raises ClientError for a page size or a cursor that cannot be."""
    page, page_info = pages.cut([group.values for group in groups], first, after)

    def node_of(group: figures.Group) -> BreakdownGroup:
        return BreakdownGroup(keys=_keys(group, by), cohort=cohort_of(group.cohort))

    return BreakdownConnection(groups=groups[page], node_of=node_of, page_info=page_info, total_count=len(groups))


def _keys(group: figures.Group, by: tuple[Dimension, ...]) -> list[Term]:
    named = zip(by, group.values, strict=True)
    return [term_of(dimension, value, len(group.cohort)) for dimension, value in named]


def ordered_groups(
    cohort: Held, by: tuple[Dimension, ...], order: BreakdownOrder, basis: Basis, policy: Policy
) -> list[figures.Group]:
    """Return the groups of a cohort in order. Raises ClientError for dimensions that cannot be, TooManyGroups."""
    if not 1 <= len(by) <= figures.MAX_DIMENSIONS or len(set(by)) < len(by):
        raise ClientError("BAD_USER_INPUT", "A breakdown is by one, two or three different dimensions.")

    def median(group: Held) -> float | None:
        found = Distribution(group, Measure.TOTAL, basis, policy).quantile(0.5)
        return found.value if found else None

    return figures.order_groups(figures.break_down(cohort, by), by, order.field, order.direction, median)
