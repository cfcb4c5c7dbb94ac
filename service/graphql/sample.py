"""What a figure rests on: how many reports, of whom, from when, sent by whom."""

from datetime import date

import numpy as np
import strawberry

from schema.vocabulary import SourceKind
from service.figures.cohort import Cohort
from service.figures.columns import SYNTHETIC_BIT
from service.figures.dimensions import Dimension
from service.figures.estimates import round_to
from service.graphql.context import Info
from service.graphql.describe import described, resolved


@described
class SourceShare:
    """A source's part of a sample."""

    kind: SourceKind = strawberry.field(description="What kind of evidence it is.")
    source: str = strawberry.field(description="Who sent the reports.")
    reports: int = strawberry.field(description="Number of reports.")
    share: float = strawberry.field(description="Share of the sample, 0 to 1.")
    synthetic: bool = strawberry.field(description="Whether the reports are made up, as the demo's are.")


@described
class Sample:
    """What a figure rests on."""

    held: strawberry.Private[Cohort]

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
        days = await info.context.compute(len(self.held), lambda: self.held.days)
        return days[0] if days else None

    @resolved
    async def to(self, info: Info) -> date | None:
        """Last day on which a reported pay took effect; null where empty."""
        days = await info.context.compute(len(self.held), lambda: self.held.days)
        return days[1] if days else None

    @resolved
    async def sources(self, info: Info) -> list[SourceShare]:
        """Where the reports came from, largest share first."""
        return await info.context.compute(len(self.held), lambda: _sources(self.held))


def _sources(cohort: Cohort) -> list[SourceShare]:
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
