"""How good the reports behind a figure are: what is unusual about them, and a grade with its reasons."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from pyroaring import BitMap

from schema.vocabulary import EXCLUDING_FLAGS, MatchKind, QualityFlag
from service.figures.cohort import Cohort
from service.figures.columns import FLAG_BITS, MERGED_BIT, SYNTHETIC_BIT
from service.figures.dimensions import Dimension

SMALL_SAMPLE_PEOPLE = 30
STALE_DAYS = 365
DOMINANT_SHARE = 0.5
VERIFIED_SHARE = 0.1
POSTINGS_SHARE = 0.5
FUZZY_SHARE = 0.25


class ConfidenceReason(StrEnum):
    """What lowers the confidence in a figure."""

    SMALL_SAMPLE = "small_sample"
    STALE = "stale"
    DOMINATED = "dominated"
    UNVERIFIED = "unverified"
    POSTINGS = "postings"
    FUZZY_MATCHES = "fuzzy_matches"
    SYNTHETIC = "synthetic"


class ConfidenceGrade(StrEnum):
    """A: nothing lowers it. B: one thing. C: two. D: more, or reports that are made up."""

    A = "a"
    B = "b"
    C = "c"
    D = "d"


@dataclass(frozen=True)
class Confidence:
    """A grade and what it is for."""

    grade: ConfidenceGrade
    reasons: tuple[ConfidenceReason, ...]


@dataclass(frozen=True)
class FlagCount:
    """How many reports carry a flag, and whether that leaves them out of figures."""

    flag: QualityFlag
    reports: int
    excluded: bool


@dataclass(frozen=True)
class Quality:
    """What is unusual about the reports that meet a cohort's condition, those left out of figures among them."""

    ranges_merged: int
    flags: tuple[FlagCount, ...]
    matches: tuple[tuple[MatchKind, int], ...]


def quality(cohort: Cohort) -> Quality:
    """Return what is unusual about a cohort's reports, and how surely role, level and place were understood."""
    by_flags: Counter[int] = Counter()
    matches: Counter[int] = Counter()
    snapshot = cohort.snapshot
    duplicates = 0
    for index, gone, behind in zip(
        (snapshot.base, snapshot.delta), (snapshot.dead, BitMap()), snapshot.duplicates, strict=True
    ):
        met = cohort.where.rows(index, snapshot.codebooks) - gone
        duplicates += met.intersection_cardinality(behind)
        by_flags.update({value: met.intersection_cardinality(held) for value, held in index.by_value("flags").items()})
        matches.update({value: met.intersection_cardinality(held) for value, held in index.by_value("match").items()})
    by_flags[FLAG_BITS[QualityFlag.DUPLICATE]] += duplicates
    flags = [
        FlagCount(flag, sum(count for value, count in by_flags.items() if value & bit), flag in EXCLUDING_FLAGS)
        for flag, bit in FLAG_BITS.items()
    ]
    merged = sum(count for value, count in by_flags.items() if value & MERGED_BIT)
    found = tuple((MatchKind(value), count) for value, count in sorted(matches.items()) if count)
    return Quality(merged, tuple(flag for flag in flags if flag.reports), found)


def confidence(cohort: Cohort, newest_day: int) -> Confidence:
    """Return the grade of a cohort; `newest_day` is the newest effective day of the snapshot, in days since 1970."""
    n = len(cohort)
    if n == 0:
        return Confidence(ConfidenceGrade.D, (ConfidenceReason.SMALL_SAMPLE,))
    flags, companies = cohort.column("flags"), cohort.column("company")
    known = companies[companies > 0]
    checks = {
        ConfidenceReason.SMALL_SAMPLE: cohort.contributors < SMALL_SAMPLE_PEOPLE,
        ConfidenceReason.STALE: int(cohort.column("day").max()) < newest_day - STALE_DAYS,
        ConfidenceReason.DOMINATED: len(known) > 0 and np.bincount(known).max() > DOMINANT_SHARE * n,
        ConfidenceReason.UNVERIFIED: n - len(cohort.carrying(Dimension.VERIFICATION, "NONE")) < VERIFIED_SHARE * n,
        ConfidenceReason.POSTINGS: len(cohort.carrying(Dimension.KIND, "POSTING")) > POSTINGS_SHARE * n,
        ConfidenceReason.FUZZY_MATCHES: np.mean(cohort.column("match") <= MatchKind.FUZZY) > FUZZY_SHARE,
        ConfidenceReason.SYNTHETIC: bool((flags & SYNTHETIC_BIT).any()),
    }
    reasons = tuple(reason for reason, holds in checks.items() if holds)
    worst = ConfidenceReason.SYNTHETIC in reasons
    grades = list(ConfidenceGrade)
    return Confidence(grades[-1] if worst else grades[min(len(reasons), len(grades) - 1)], reasons)
