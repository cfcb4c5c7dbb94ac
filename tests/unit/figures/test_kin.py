"""What is found of all groups of a cohort at once is what is found of each by itself."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.figures import kin, neighbours, sums
from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, Between, Condition, Known, Not, OneOf
from service.figures.dimensions import Dimension
from service.figures.kin import UNSAID, adds_up_to_few, neighbour_of, said_of
from service.figures.privacy import difference_of
from service.figures.snapshot import Snapshot
from tests.unit.figures.reports import document, snapshot_of

FEW = 4
PLACES = {"berlin": ("DE-BE", "DE"), "potsdam": ("DE-BB", "DE"), "munich": ("DE-BY", "DE"), "paris": ("FR-IDF", "FR")}
LEVELS = ("entry", "mid", "senior", "staff")
BY = [Dimension.METRO, Dimension.COUNTRY, Dimension.LEVEL, Dimension.EMPLOYMENT, Dimension.MONTH, Dimension.YEAR]
DAY = (datetime(2023, 1, 1) - datetime(1970, 1, 1)).days
PARTS: list[Condition] = [
    OneOf(Dimension.LEVEL, frozenset({"MID"})),
    OneOf(Dimension.LEVEL, frozenset({"MID", "SENIOR"})),
    OneOf(Dimension.LEVEL, frozenset({"ENTRY", "MID", "SENIOR"})),
    OneOf(Dimension.COUNTRY, frozenset({"DE"})),
    OneOf(Dimension.METRO, frozenset({"berlin", "paris"})),
    OneOf(Dimension.SKILL, frozenset({"python"})),
    Not(OneOf(Dimension.EMPLOYMENT, frozenset({"PART_TIME"}))),
    Not(OneOf(Dimension.METRO, frozenset({"paris", "munich"}))),
    Between("day", DAY + 31, 65_535),
    Between("day", DAY, DAY + 364),
    Between("day", DAY + 59, DAY + 485),
    Between("experience", 5, 16),
    Known("base"),
    Known("bonus"),
]


def people(seed: int, count: int) -> list[dict[str, Any]]:
    """Return reports whose properties hang together, few of some kinds, and some of the same people."""
    random = Random(seed)
    rare = random.choice((0, 0.01, 0.05))
    return [_person(random, number, rare) for number in range(count)]


def _person(random: Random, number: int, rare: float) -> dict[str, Any]:
    metro = random.choices([*PLACES, None], (6, 1, 3, 4, 1))[0]
    region, country = PLACES[metro] if metro else (None, random.choice(("DE", "FR")))
    pay = {"total": 1e5 + number, "first_year": 1e5, "base": 9e4, "bonus": 1e4}
    kept = [name for name in pay if name in ("total", "first_year") or random.random() > rare]
    return document(
        str(number),
        1e5,
        metro=metro,
        region=region,
        country=country,
        level=random.choice(LEVELS),
        employment="part_time" if random.random() < rare else "full_time",
        skills=[name for name, share in (("python", 0.9), ("sql", 0.3)) if random.random() < share],
        experience_years=random.choice((None, 1.0, 3.5, 6.0, 12.0)),
        contributor=f"{random.randrange(200):02x}" if random.random() < 0.2 else None,
        effective=datetime(2023, 1, 1) + timedelta(days=random.randrange(600)),
        flags=random.choices(((), ("range",), ("outlier",)), (20, 1, 1))[0],
        pay={name: pay[name] for name in kept},
    )


@st.composite
def breakdowns(draw: st.DrawFn) -> tuple[Snapshot, Condition, Dimension]:
    """Draw reports in a base and a delta, a filter and what it is broken down by."""
    held = people(draw(st.integers(0, 2**32)), draw(st.sampled_from((30, 150, 600))))
    cut = len(held) if draw(st.booleans()) else len(held) * 3 // 4
    where = AllOf(tuple(draw(st.lists(st.sampled_from(PARTS), max_size=3))))
    return snapshot_of(held[:cut], held[cut:], dead=(3, 7)), where, draw(st.sampled_from(BY))


def check(groups: dict[int, Cohort]) -> tuple[int, int]:
    """Compare each group; return of how many something is said, and of how many nothing."""
    said = 0
    for group in groups.values():
        alone = neighbours.neighbour_of(group, FEW)
        assert neighbour_of(group, FEW) == alone
        assert adds_up_to_few(group, FEW) == sums.adds_up_to_few(group, FEW)
        assert alone is None or difference_of(group, group.snapshot.cohort(alone.where)) == alone.reports
        said += said_of(group, FEW)[0] is not UNSAID
    return said, len(groups) - said


@settings(max_examples=100)
@given(breakdowns(), st.sampled_from((3, kin.FIRST_GROUPS)))
def test_what_is_found_of_many_groups_is_what_is_found_of_each(
    drawn: tuple[Snapshot, Condition, Dimension], together: int
) -> None:
    snapshot, where, by = drawn
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("service.figures.kin.FIRST_GROUPS", together)
        check(snapshot.cohort(where).groups(by))


def test_something_is_said_of_most_groups_of_many_reports() -> None:
    level, since = PARTS[1], PARTS[8]
    snapshot = snapshot_of(people(7, 6_000))
    found = [check(snapshot.cohort(AllOf((level, since))).groups(by)) for by in (Dimension.METRO, Dimension.COUNTRY)]
    said, unsaid = (sum(counts) for counts in zip(*found, strict=True))
    assert said > unsaid
