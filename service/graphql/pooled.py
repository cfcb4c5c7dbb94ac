"""Pooled medians as clients see them."""

import strawberry

from service.figures import pooling as figures
from service.graphql.describe import described
from service.graphql.echo import CohortEcho, echo_of
from service.graphql.figures import Estimate, Suppression, shown, suppressed


@described
class Pooled:
    """The median of a thin cohort, drawn towards those of its siblings: partial pooling by empirical Bayes."""

    estimate: Estimate | None = strawberry.field(
        description="Pooled median, money a year in the basis's currency, of the kind POOLED, with the 95% interval of "
        "Morris (1983). Null where withheld or refused."
    )
    weight: float | None = strawberry.field(
        description="What the cohort's own reports count for in it, 0 to 1; the rest is its siblings'. Null as above."
    )
    parent: CohortEcho = strawberry.field(description="The cohort towards whose groups it is drawn.")
    siblings: int = strawberry.field(
        description="Number of groups of the parent that can be published, the cohort's own among them."
    )
    refused: str | None = strawberry.field(description="Why there is none where it is not withheld; else null.")
    suppression: Suppression | None = strawberry.field(description="Why it is withheld; null where it is not.")


def pooled_shown(held: figures.Pooled) -> Pooled:
    """Return a pooled median for the client."""
    return Pooled(
        estimate=shown(held.estimate),
        weight=held.weight,
        parent=echo_of(held.parent.where),
        siblings=held.siblings,
        refused=held.refused,
        suppression=suppressed(held.suppression),
    )
