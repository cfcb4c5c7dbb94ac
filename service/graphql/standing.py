"""Quality, confidence and the official statistic as clients see them."""

import strawberry

from schema.vocabulary import MatchKind, QualityFlag
from service.figures import benchmark as official
from service.figures import quality as figures
from service.figures.quality import ConfidenceGrade, ConfidenceReason
from service.graphql.describe import described


@described
class FlagCount:
    """Reports with a flag."""

    flag: QualityFlag = strawberry.field(description="What is unusual about them.")
    reports: int = strawberry.field(description="Number of reports that carry it.")
    excluded: bool = strawberry.field(description="Whether it leaves them out of every figure.")


@described
class MatchCount:
    """Reports by how surely they were understood."""

    match: MatchKind = strawberry.field(description="The weakest of the matches of role, level and place.")
    reports: int = strawberry.field(description="Number of reports.")


@described
class Quality:
    """What is unusual about the reports that meet a cohort's filter, those left out of figures among them."""

    ranges_merged: int = strawberry.field(description="Number of reports made of two: a posting's minimum and maximum.")
    flags: list[FlagCount] = strawberry.field(description="Flags that occur.")
    by_match: list[MatchCount] = strawberry.field(description="How surely reports were understood.")


def quality_shown(held: figures.Quality) -> Quality:
    """Return quality for the client."""
    return Quality(
        ranges_merged=held.ranges_merged,
        flags=[FlagCount(**vars(flag)) for flag in held.flags],
        by_match=[MatchCount(match=match, reports=reports) for match, reports in held.matches],
    )


@described
class Confidence:
    """How far a figure can be trusted."""

    grade: ConfidenceGrade = strawberry.field(description="A (best) to D: how many things lower it.")
    reasons: list[ConfidenceReason] = strawberry.field(description="What lowers it.")


def confidence_shown(held: figures.Confidence) -> Confidence:
    """Return a grade for the client."""
    return Confidence(grade=held.grade, reasons=list(held.reasons))


@described
class Benchmark:
    """The official statistic for the nearest occupation and area, US dollars a year."""

    source: str = strawberry.field(description="Who published it.")
    occupation: str = strawberry.field(description="Occupation and its SOC code.")
    area: str = strawberry.field(description="Where it is for.")
    as_of: str = strawberry.field(description="Month that it is for.")
    median: float = strawberry.field(description="Half earn less: money a year, US dollars.")
    p10: float | None = strawberry.field(description="A tenth earn less: dollars a year; null where not published.")
    p25: float | None = strawberry.field(description="A quarter earn less: dollars a year; null where not published.")
    p75: float | None = strawberry.field(description="A quarter earn more: dollars a year; null where not published.")
    p90: float | None = strawberry.field(description="A tenth earn more: dollars a year; null where not published.")
    relative_gap: float | None = strawberry.field(
        description="Our median base pay over its median, minus one: 0.1 is 10% more; null where ours is withheld."
    )
    note: str = strawberry.field(description="What it counts, and what it does not.")


def benchmark_shown(held: official.Benchmark | None) -> Benchmark | None:
    """Return the official statistic for the client."""
    if held is None:
        return None
    found = held.official
    return Benchmark(
        source=found.source,
        occupation=found.occupation,
        area=found.area,
        as_of=found.as_of,
        median=found.median,
        p10=found.p10,
        p25=found.p25,
        p75=found.p75,
        p90=found.p90,
        relative_gap=held.relative_gap,
        note=held.note,
    )
