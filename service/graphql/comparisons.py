"""Premiums and comparisons as clients see them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from service.figures.comparison import Verdict
from service.figures.dimensions import Dimension
from service.figures.premium import Premium as Held
from service.graphql.describe import described
from service.graphql.figures import Estimate, Suppression, shown, suppressed
from service.graphql.sample import Sample

if TYPE_CHECKING:  # a cohort is compared with another
    from service.graphql.cohort import Cohort


@described
class Premium:
    """What a value is worth, as a ratio minus one: 0.08 is 8% more."""

    raw: Estimate | None = strawberry.field(
        description="Ratio of medians minus one, with its interval (Price and Bonett 2002); null where withheld."
    )
    adjusted: Estimate | None = strawberry.field(
        description="Effect with the controls held equal, as a ratio minus one: least squares on log pay with a robust "
        "95% interval (HC3; HC1 above 5,000 reports). Null where withheld or where the data cannot tell it apart from "
        "the controls."
    )
    controls: list[Dimension] = strawberry.field(description="What is held equal.")
    verdict: Verdict = strawberry.field(description="What the adjusted interval says.")
    sample: Sample = strawberry.field(description="The reports with the value.")
    against: Sample = strawberry.field(description="The reports that they are compared with.")
    suppression: Suppression | None = strawberry.field(description="Why it is withheld; null where it is not.")


def premium_shown(held: Held) -> Premium:
    """Return a premium for the client."""
    return Premium(
        raw=shown(held.raw),
        adjusted=shown(held.adjusted),
        controls=list(held.controls),
        verdict=held.verdict,
        sample=Sample(held=held.sample),
        against=Sample(held=held.against),
        suppression=suppressed(held.suppression),
    )


@described
class Comparison:
    """A cohort beside another: this one less the other."""

    other: Annotated["Cohort", strawberry.lazy("service.graphql.cohort")] = strawberry.field(
        description="The other cohort."
    )
    difference: Estimate | None = strawberry.field(
        description="Difference of medians, money a year in the basis's currency, with its distribution-free interval "
        "(Price and Bonett 2002); null where withheld."
    )
    ratio: Estimate | None = strawberry.field(
        description="Ratio of medians minus one, with its interval by the same method; null where withheld."
    )
    overlap: float | None = strawberry.field(
        description="The area that the two distributions share, 0 (apart) to 1 (alike); null where withheld."
    )
    verdict: Verdict = strawberry.field(description="What the interval of the ratio says.")
    suppression: Suppression | None = strawberry.field(description="Why it is withheld; null where it is not.")
