"""Twins: two sources that tell the same of one person count once, and nobody else is left out."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.document import document_id
from schema.vocabulary import QualityFlag
from service.documents import row_id
from service.figures.quality import quality
from service.figures.snapshot import Snapshot
from tests.unit.figures.reports import document, snapshot_of

PAY = {"total": 193_417.0, "first_year": 193_417.0, "base": 150_000.0, "bonus": 18_417.0, "stock": 25_000.0}
JOB = {"company": "acme", "level": "senior", "metro": "berlin", "country": "DE", "experience_years": 6.0, "pay": PAY}


def told(subject: str, source: str, **more: Any) -> dict[str, Any]:
    held = document(subject, 1.0, **{**JOB, "source": source, **more})
    return {**held, "_id": document_id(source, subject)}


def counted(snapshot: Snapshot) -> set[int]:
    return set(snapshot.cohort().column("id").tolist())


def ids(*reports: dict[str, Any]) -> set[int]:
    return {row_id(report["_id"]) for report in reports}


def test_of_two_sources_that_say_the_same_the_better_verified_counts() -> None:
    first, second = told("1", "a"), told("2", "b", verification="document", effective=datetime(2025, 1, 9))
    for order in permutations((first, second)):
        snapshot = snapshot_of(list(order))
        assert counted(snapshot) == ids(second)
        found = quality(snapshot.cohort())
        assert [(flag.flag, flag.reports, flag.excluded) for flag in found.flags] == [(QualityFlag.DUPLICATE, 1, True)]


def test_where_the_one_that_counted_is_withdrawn_the_other_counts() -> None:
    held = [told("1", "a", verification="document"), told("2", "b")]
    assert counted(snapshot_of(held, dead=(0,))) == ids(held[1])
    assert counted(snapshot_of(held, dead=(1,))) == ids(held[0])


def test_two_reports_of_one_source_are_two_people() -> None:
    assert len(snapshot_of([told(str(number), "a") for number in range(5)]).cohort()) == 5


def test_as_many_count_as_the_source_that_knows_most_people_has() -> None:
    held = [told("1", "a"), *[told(str(number), "b") for number in range(3)]]
    assert len(snapshot_of(held).cohort()) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"company": "other"},
        {"company": None},
        {"level": "staff"},
        {"level": None},
        {"metro": "munich"},
        {"metro": None},
        {"role": "data-scientist"},
        {"experience_years": 7.0},
        {"effective": datetime(2025, 2, 1)},
        {"pay": {**PAY, "total": 193_418.0}},
        {"pay": {**PAY, "bonus": 18_418.0}},
        {"kind": "offer"},
    ],
)
def test_what_differs_in_anything_is_no_twin(other: dict[str, Any]) -> None:
    assert len(snapshot_of([told("1", "a"), told("2", "b", **other)]).cohort()) == 2


@pytest.mark.parametrize("kind", ["posting", "payroll"])
def test_what_nobody_told_has_no_twin(kind: str) -> None:
    assert len(snapshot_of([told("1", "a", kind=kind), told("2", "b", kind=kind)]).cohort()) == 2


def test_a_base_that_many_have_makes_no_twins() -> None:
    alone = {"pay": {"total": 150_000.0, "first_year": 150_000.0, "base": 150_000.0}}
    assert len(snapshot_of([told("1", "a", **alone), told("2", "b", **alone)]).cohort()) == 2


@given(st.integers(0, 2**32), st.integers(0, 30))
def test_it_is_the_same_however_reports_came_and_went(seed: int, count: int) -> None:
    random = Random(seed)
    made = [
        told(
            str(number),
            random.choice("abc"),
            company=random.choice(("acme", "acme", "other")),
            verification=random.choice(("none", "document")),
            effective=datetime(2025, 1, 1) + timedelta(days=random.randrange(3)),
        )
        for number in range(count)
    ]
    fate = [random.choice(("base", "delta", "replaced", "gone")) for _ in made]
    base = [each for each, what in zip(made, fate, strict=True) if what != "delta"]
    dead = tuple(place for place, each in enumerate(base) if fate[made.index(each)] in ("replaced", "gone"))
    delta = [each for each, what in zip(made, fate, strict=True) if what in ("delta", "replaced")]
    live = [each for each, what in zip(made, fate, strict=True) if what != "gone"]
    assert counted(snapshot_of(base, delta, dead)) == expected(live)


def expected(live: list[dict[str, Any]]) -> set[int]:
    """Count one after the other, the best first: a person of a source, unless another source has told of as many."""
    told_of: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counts: dict[str, int] = defaultdict(int)
    kept = set()
    best = {"document": 0, "none": 1}
    for each in sorted(live, key=lambda each: (best[each["verification"]], each["effective"], row_id(each["_id"]))):
        told_of[each["company"]][each["source"]] += 1
        if told_of[each["company"]][each["source"]] > counts[each["company"]]:
            counts[each["company"]] += 1
            kept.add(row_id(each["_id"]))
    return kept
