"""What the API says of itself."""

from dataclasses import asdict
from datetime import datetime

import strawberry

from service import VERSION
from service.graphql.context import Context, Info
from service.graphql.describe import described, resolved
from service.graphql.limits import Limits


@described
class PrivacyPolicy:
    """The rules by which figures are withheld and rounded."""

    name: str = strawberry.field(description="Name of the policy in force.")
    minimum_contributors: int = strawberry.field(description="Least number of people behind any figure.")
    minimum_companies: int = strawberry.field(description="Least number of employers behind any figure; 0: any number.")
    dominance: float | None = strawberry.field(
        description="Share of a cohort's people, 0 to 1, above which one employer's are too many for a figure; null "
        "where that withholds nothing."
    )
    minimum_age_days: int = strawberry.field(
        description="Days by which a report must be older than the newest one to be counted; 0: all are."
    )
    rounding: str = strawberry.field(description="How amounts are rounded.")


@described
class QueryLimits:
    """What is taken in one request, and from one client."""

    body_bytes: int = strawberry.field(description="Size of a body, or of a message on a socket.")
    body_ms: int = strawberry.field(description="Milliseconds within which a body must have come.")
    tokens: int = strawberry.field(description="Words and signs of a document.")
    depth: int = strawberry.field(description="Levels of a document, and of its variables.")
    fields: int = strawberry.field(description="Fields of an operation, fragments counted where they are spread.")
    root_fields: int = strawberry.field(description="Fields of an operation at its root.")
    aliases: int = strawberry.field(description="Aliases of an operation.")
    directives: int = strawberry.field(description="Directives of an operation.")
    fragments: int = strawberry.field(description="Fragments that an operation spreads.")
    repeats: int = strawberry.field(description="Fields that an operation selects again under the same name.")
    cost: int = strawberry.field(
        description="Objects that an answer may be made of: lists count at the length asked for, by default theirs. "
        "`extensions.cost` of each answer says what was counted."
    )
    timeout_ms: int = strawberry.field(description="Milliseconds for one answer.")
    requests_per_minute: int | None = strawberry.field(
        description="Requests of one key or address a minute; one more is counted for each 100 of cost where the "
        "answer was not kept. Null: any number."
    )
    subscriptions_per_client: int = strawberry.field(description="Subscriptions of one key or address at a time.")


@described
class Freshness:
    """How long reports took from Kafka to the figures: those that became visible since a moment, at most a minute ago.

    Reports that come for the first time count; those that reached Kafka before this server had loaded do not.
    """

    p50: float = strawberry.field(description="Seconds from Kafka's append to visible here, median.")
    p99: float = strawberry.field(description="The same, 99th percentile.")
    count: int = strawberry.field(description="Number of reports.")
    since: datetime = strawberry.field(description="From when on.")


@described
class About:
    """Version of the method, and how fresh the figures are."""

    version: str = strawberry.field(description="Version of Paygauge.")
    reports: int = strawberry.field(description="Number of reports held, withdrawn ones not counted.")
    synthetic: bool = strawberry.field(description="Whether any report is made up, as the demo's are.")
    data_through: datetime | None = strawberry.field(
        description="When the newest report that the figures rest on reached Kafka; null where there is none."
    )
    snapshot: int = strawberry.field(description="Version of the snapshot that answers: it grows with every change.")
    privacy: PrivacyPolicy = strawberry.field(description="The rules by which figures are withheld and rounded.")
    limits: QueryLimits = strawberry.field(description="What is taken in one request, and from one client.")

    @resolved
    def freshness(self, info: Info) -> Freshness | None:
        """How long new reports took to become visible; null where none did in the last minute."""
        measured = info.context.feed.freshness.measured()
        return Freshness(**asdict(measured)) if measured else None


def about_now(context: Context) -> About:
    """Return what there is to say under a context."""
    snapshot, policy = context.snapshot, context.policy
    return About(
        version=VERSION,
        reports=len(snapshot),
        synthetic=snapshot.synthetic,
        data_through=snapshot.through,
        snapshot=snapshot.version,
        privacy=PrivacyPolicy(
            name=policy.name,
            minimum_contributors=policy.minimum_contributors,
            minimum_companies=policy.minimum_companies,
            dominance=policy.dominance if policy.refuses_dominance else None,
            minimum_age_days=policy.minimum_age_days,
            rounding=f"amounts to {policy.digits} significant digits",
        ),
        limits=_limits_shown(context.limits),
    )


def _limits_shown(limits: Limits) -> QueryLimits:
    return QueryLimits(
        body_bytes=limits.body_bytes,
        body_ms=round(limits.body_seconds * 1000),
        tokens=limits.tokens,
        depth=limits.depth,
        fields=limits.fields,
        root_fields=limits.root_fields,
        aliases=limits.aliases,
        directives=limits.directives,
        fragments=limits.fragments,
        repeats=limits.repeats,
        cost=limits.cost,
        timeout_ms=round(limits.execution_seconds * 1000),
        requests_per_minute=limits.requests_per_minute or None,
        subscriptions_per_client=limits.subscriptions_per_client,
    )
