"""Negotiation and mobility as clients see them."""

import strawberry

from service.figures import negotiation as figures
from service.graphql.describe import described
from service.graphql.figures import Estimate, Suppression, shown, suppressed
from service.graphql.sample import Sample

OBSERVATIONAL = (
    "Observational: who negotiates, switches or is promoted differs from the others in more than that, so this is not "
    "what it would bring to anybody."
)


@described
class Negotiation:
    """What negotiating did, over the reports that say whether the person negotiated. Observational."""

    negotiated_share: Estimate | None = strawberry.field(
        description="Share who negotiated, 0 to 1, with its Clopper-Pearson interval; null where withheld."
    )
    uplift_total: Estimate | None = strawberry.field(
        description="Median of final over first offer minus one, total pay, of those who negotiated: 0.05 is 5% more."
    )
    uplift_base: Estimate | None = strawberry.field(description="The same of base pay.")
    sample: Sample = strawberry.field(description="The reports that say whether the person negotiated.")
    suppression: Suppression | None = strawberry.field(description="Why it is withheld; null where it is not.")
    note: str = strawberry.field(default=OBSERVATIONAL, description="How far it may be read.")


@described
class Mobility:
    """Growth of total pay at the last change. Observational: people who switch differ from those who stay."""

    switched: Estimate | None = strawberry.field(
        description="Median growth as a ratio minus one of those who switched employer, with its binomial interval."
    )
    raised: Estimate | None = strawberry.field(description="The same of those who got a raise where they were.")
    promoted: Estimate | None = strawberry.field(description="The same of those who were promoted.")
    difference: Estimate | None = strawberry.field(
        description="Growth by switching less growth by a raise: difference of medians, distribution-free interval."
    )
    sample: Sample = strawberry.field(description="The reports that say what led to their pay and what it was before.")
    suppression: Suppression | None = strawberry.field(description="Why it is withheld; null where it is not.")
    note: str = strawberry.field(default=OBSERVATIONAL, description="How far it may be read.")


def negotiation_shown(held: figures.Negotiation) -> Negotiation:
    """Return what negotiating did for the client."""
    return Negotiation(
        negotiated_share=shown(held.negotiated_share),
        uplift_total=shown(held.uplift_total),
        uplift_base=shown(held.uplift_base),
        sample=Sample(held=held.sample),
        suppression=suppressed(held.suppression),
    )


def mobility_shown(held: figures.Mobility) -> Mobility:
    """Return mobility for the client."""
    return Mobility(
        switched=shown(held.switched),
        raised=shown(held.raised),
        promoted=shown(held.promoted),
        difference=shown(held.difference),
        sample=Sample(held=held.sample),
        suppression=suppressed(held.suppression),
    )
