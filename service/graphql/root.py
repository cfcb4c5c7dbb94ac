"""The root of the API: what can be asked, and what can be sent."""

from datetime import datetime
from typing import Annotated

import strawberry

from schema.vocabulary import RejectionReason
from service import vocabulary
from service.figures.dimensions import Dimension
from service.graphql.about import About, about_now
from service.graphql.cohort import Cohort
from service.graphql.conditions import condition_of
from service.graphql.context import Info
from service.graphql.describe import described, resolved
from service.graphql.field import Figure, figures
from service.graphql.inputs import Basis, CohortFilter
from service.graphql.offers import LevelEquivalent, OfferEvaluation, OfferInput, equivalents_of, evaluate
from service.graphql.reports import ReportInput
from service.graphql.submissions import ReportStatus, ReportValidation, SubmitReportPayload, status, submit, validate
from service.graphql.words import DimensionInfo, Term, dimension_infos, find_terms
from service.ingestion import SourceSummary as Summary

Where = Annotated[CohortFilter, strawberry.argument(description="Which reports; by default all.")]
Shown = Annotated[Basis, strawberry.argument(description="How pay is counted and shown; by default annual US dollars.")]


@described
class RejectionCount:
    """How many messages were set aside for a reason."""

    reason: RejectionReason = strawberry.field(description="Why.")
    messages: int = strawberry.field(description="Number of messages.")


@described
class SourceSummary:
    """What came in from a source. Reports sent = accepted + merged + withdrawn + set aside."""

    source: str = strawberry.field(description="Who sent it; `unknown` where a message did not say.")
    accepted: int = strawberry.field(description="Number of reports held.")
    merged: int = strawberry.field(
        description="Number of reports that are the other end of a posting's range, held in one with it."
    )
    withdrawn: int = strawberry.field(description="Number of reports taken back.")
    set_aside: list[RejectionCount] = strawberry.field(description="Messages in the dead letters, by reason.")
    last_seen: datetime | None = strawberry.field(description="When the newest of its reports reached Kafka.")


@described
class Query:
    """What can be asked."""

    @resolved
    async def cohort(
        self,
        info: Info,
        where: Where = CohortFilter(),  # noqa: B008  GraphQL's default, never changed
        basis: Shown = Basis(),  # noqa: B008  as above
    ) -> Cohort:
        """The reports that match a filter. Everything else is asked of a cohort."""
        snapshot = info.context.snapshot
        condition = condition_of(where, snapshot)
        held = await info.context.compute(len(snapshot), lambda: snapshot.cohort(condition))
        return Cohort(held=held, basis=basis.understood())

    @resolved
    async def evaluate_offer(
        self,
        info: Info,
        offer: Annotated[OfferInput, strawberry.argument(description="The offer, as a person has it in hand.")],
        basis: Shown = Basis(),  # noqa: B008  as above
    ) -> OfferEvaluation:
        """Where an offer stands among comparable reports, and which cohort it was compared with."""
        return await evaluate(info, offer, basis.understood())

    @resolved
    async def figures(
        self,
        info: Info,
        basis: Shown = Basis(),  # noqa: B008  as above
    ) -> list[Figure]:
        """The 32 figures of the field, each with its sample, interval and the query that reproduces it."""
        return await figures(info, basis)

    @resolved
    def level_equivalents(
        self,
        company: Annotated[str, strawberry.argument(description="Code of the employer, or its name.")],
        level: Annotated[str, strawberry.argument(description="The employer's own name of the level, such as L5.")],
    ) -> list[LevelEquivalent]:
        """Levels of other employers that correspond to one employer's level; empty where its ladder is not public."""
        known = vocabulary.search(Dimension.COMPANY, company[:200], 1)
        return equivalents_of(known[0] if known else None, level[:200])

    @resolved
    async def dimensions(
        self,
        info: Info,
        where: Where = CohortFilter(),  # noqa: B008  as above
    ) -> list[DimensionInfo]:
        """Every dimension that a cohort can be filtered or grouped by, with its values and how many reports carry
        each.
        """
        snapshot = info.context.snapshot
        condition = condition_of(where, snapshot)
        return dimension_infos(await info.context.compute(len(snapshot), lambda: snapshot.cohort(condition)))

    @resolved
    async def terms(
        self,
        info: Info,
        dimension: Annotated[Dimension, strawberry.argument(description="Whose values.")],
        search: Annotated[str, strawberry.argument(description="Free text; its first 200 characters are looked at.")],
        first: Annotated[int, strawberry.argument(description="At most this many, 1 to 500.")] = 10,
    ) -> list[Term]:
        """Values of a dimension from free text, best first, typos forgiven: 'bangalore', 'Sr. MLE', 'pytorch'."""
        return await find_terms(info, dimension, search, first)

    @resolved
    def validate_report(
        self, report: Annotated[ReportInput, strawberry.argument(description="The report; it is not sent.")]
    ) -> ReportValidation:
        """Check a report without sending it: what it would be normalised to, and what is wrong with it."""
        return validate(report)

    @resolved
    async def report_status(
        self,
        info: Info,
        source: Annotated[str, strawberry.argument(description="Who sent it.")],
        id: Annotated[  # noqa: A002  the API's word
            strawberry.ID, strawberry.argument(description="Its id; of messages that came by Kafka, the event's.")
        ],
        subject: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="The event's subject; left out: the same as `id`, as submitReport has it."),
        ] = None,
    ) -> ReportStatus | None:
        """What became of a report that was sent; null where nothing of it has come yet. It needs the scope
        `reports:write`.
        """
        return await status(info, source, id, subject)

    @resolved
    async def ingestion(self, info: Info) -> list[SourceSummary]:
        """What came in, per source: how many reports are held, merged, withdrawn or set aside, by reason."""
        return [_shown(summary) for summary in await info.context.ingestion.summaries()]

    @resolved
    def about(self, info: Info) -> About:
        """Version of the method, and how fresh the figures are."""
        return about_now(info.context)


@described
class Mutation:
    """What can be sent."""

    @resolved
    async def submit_report(
        self, info: Info, report: Annotated[ReportInput, strawberry.argument(description="The report.")]
    ) -> SubmitReportPayload:
        """Send one report; it needs the scope `reports:write`. It is published to Kafka like any producer's, and
        acknowledged by all of its replicas; `source` and `id` find it again in `reportStatus`. Sending it again under
        the same name counts once.
        """
        return await submit(info, report)


def _shown(summary: Summary) -> SourceSummary:
    counts = [RejectionCount(reason=reason, messages=count) for reason, count in sorted(summary.set_aside.items())]
    return SourceSummary(
        source=summary.source,
        accepted=summary.accepted,
        merged=summary.merged,
        withdrawn=summary.withdrawn,
        set_aside=counts,
        last_seen=summary.last_seen,
    )
