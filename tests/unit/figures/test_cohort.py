"""Cohorts against the plainest way to compute the same: lists of documents, filtered and sorted."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from service.figures.breakdown import BreakdownOrderField, Direction, break_down, order_groups
from service.figures.cohort import TOTAL, Cohort
from service.figures.columns import merge
from service.figures.conditions import AllOf, AnyOf, Between, Condition, Not, OneOf
from service.figures.dimensions import Dimension
from service.figures.index import Index
from service.figures.quantiles import quantile
from service.figures.snapshot import Snapshot
from service.figures.trend import Interval, trend_points
from tests.unit.figures.reports import LEVELS, ROLES, SKILLS, document, documents, snapshot_of

Documents = list[dict[str, Any]]

DAY = (date(2024, 1, 1) - date(1970, 1, 1)).days

CONDITIONS: list[tuple[Condition, Any]] = [
    (AllOf(()), lambda _: True),
    (OneOf(Dimension.ROLE, frozenset(ROLES[:2])), lambda d: d["role"] in ROLES[:2]),
    (OneOf(Dimension.LEVEL, frozenset({"SENIOR"})), lambda d: d["level"] == "senior"),
    (OneOf(Dimension.SKILL, frozenset(SKILLS[:2])), lambda d: bool(set(d["skills"]) & set(SKILLS[:2]))),
    (OneOf(Dimension.ROLE, frozenset({"never-seen"})), lambda _: False),
    (Not(OneOf(Dimension.SKILL, frozenset({"sql"}))), lambda d: "sql" not in d["skills"]),
    (
        AllOf((OneOf(Dimension.LEVEL, frozenset({"MID"})), OneOf(Dimension.COMPANY, frozenset({"alpha", "beta"})))),
        lambda d: d["level"] == "mid" and d["company"] in ("alpha", "beta"),
    ),
    (
        AnyOf((OneOf(Dimension.LEVEL, frozenset({"MID"})), OneOf(Dimension.SKILL, frozenset({"sql"})))),
        lambda d: d["level"] == "mid" or "sql" in d["skills"],
    ),
    (Between("day", DAY, DAY + 365), lambda d: date(2024, 1, 1) <= d["effective"].date() <= date(2024, 12, 31)),
    (Between("experience", 1 + 2 * 3, 1 + 2 * 7 + 1), lambda d: 3 <= (d["experience_years"] or 0) < 8),
]


def living(base: Documents, delta: Documents) -> Documents:
    replaced = {each["_id"] for each in delta}
    return [each for each in base if each["_id"] not in replaced] + delta


def counted(held: Documents) -> Documents:
    return [each for each in held if "outlier" not in each["flags"]]


def totals(held: Documents) -> list[float]:
    return sorted(each["pay"]["total"] for each in held)


def all_of(cohort: Cohort) -> list[float]:
    return [cohort.value(k) for k in range(len(cohort))]


@st.composite
def split(draw: st.DrawFn) -> tuple[Snapshot, Documents]:
    """Draw documents in a base, of which some were replaced by others in a delta, which has new ones too."""
    base, delta = draw(documents()), draw(documents())
    shift = draw(st.integers(0, 60))
    base = [{**each, "_id": f"{place:016x}{0:016x}"} for place, each in enumerate(base)]
    delta = [{**each, "_id": f"{place + shift:016x}{0:016x}"} for place, each in enumerate(delta)]
    dead = tuple(place for place in range(len(base)) if shift <= place < shift + len(delta))
    return snapshot_of(base, delta, dead), living(base, delta)


@given(split(), st.sampled_from(CONDITIONS))
def test_a_cohort_holds_exactly_the_reports_that_meet_its_condition(
    drawn: tuple[Snapshot, Documents], case: tuple[Condition, Any]
) -> None:
    snapshot, held = drawn
    condition, meets = case
    expected = totals([each for each in counted(held) if meets(each)])
    cohort = snapshot.cohort(condition)
    assert all_of(cohort) == expected
    assert len(cohort) == len(expected)
    for amount in (0, 100_000, 177_500, 1e9):
        assert cohort.count_to(amount) == sum(total <= amount for total in expected)


@given(split())
def test_quantiles_over_base_and_delta_are_those_of_numpy_on_all_rows(drawn: tuple[Snapshot, Documents]) -> None:
    snapshot, held = drawn
    expected = totals(counted(held))
    for p in (0.1, 0.25, 0.5, 0.75, 0.9) if expected else ():
        assert quantile(snapshot.cohort(), p) == pytest.approx(np.quantile(expected, p))


@given(split(), st.sampled_from([Dimension.LEVEL, Dimension.COMPANY, Dimension.SKILL, Dimension.QUARTER]))
def test_groups_are_the_cohort_cut_by_value(drawn: tuple[Snapshot, Documents], by: Dimension) -> None:
    snapshot, held = drawn
    expected: dict[str, list[float]] = defaultdict(list)
    for each in counted(held):
        quarter = f"{each['effective'].year}-Q{(each['effective'].month + 2) // 3}"
        values = {
            Dimension.LEVEL: [each["level"].upper()],
            Dimension.COMPANY: [each["company"]] if each["company"] else [],
            Dimension.SKILL: each["skills"],
            Dimension.QUARTER: [quarter],
        }
        for value in values[by]:
            expected[value].append(each["pay"]["total"])
    names = snapshot.codebooks[by].values
    groups = {names[code]: all_of(group) for code, group in snapshot.cohort().groups(by).items()}
    assert groups == {value: sorted(found) for value, found in expected.items()}
    counts = {names[code]: count for code, count in snapshot.cohort().counts(by).items()}
    assert counts == {value: len(found) for value, found in expected.items()}


@given(split())
def test_contributors_are_counted_once_across_base_and_delta(drawn: tuple[Snapshot, Documents]) -> None:
    snapshot, held = drawn
    people = [each["contributor"] or each["_id"] for each in counted(held)]
    assert snapshot.cohort().contributors == len(set(people))
    assert [snapshot.cohort().has_contributors(n) for n in range(8)] == [len(set(people)) >= n for n in range(8)]
    companies = {each["company"] for each in counted(held)} - {None}
    assert snapshot.cohort().companies == len(companies)


@given(split())
def test_an_index_kept_fresh_equals_one_built_anew(drawn: tuple[Snapshot, Documents]) -> None:
    snapshot, held = drawn
    merged = Index(merge(snapshot.base.columns, snapshot.dead, snapshot.delta.columns))
    kept = Snapshot(merged, BitMap(), snapshot_of([]).delta, snapshot.codebooks)
    anew = snapshot_of(held)
    for condition, _ in CONDITIONS:
        assert all_of(kept.cohort(condition)) == all_of(anew.cohort(condition)) == all_of(snapshot.cohort(condition))
    assert kept.cohort().contributors == anew.cohort().contributors
    for by in (Dimension.LEVEL, Dimension.SKILL, Dimension.MONTH):
        fresh = {snapshot.codebooks[by].values[code]: all_of(group) for code, group in kept.cohort().groups(by).items()}
        built = {anew.codebooks[by].values[code]: all_of(group) for code, group in anew.cohort().groups(by).items()}
        assert fresh == built


@given(documents(), st.randoms())
def test_the_order_in_which_reports_arrive_does_not_matter(held: Documents, random: Any) -> None:
    shuffled = list(held)
    random.shuffle(shuffled)
    one, other = snapshot_of(held), snapshot_of(shuffled)
    assert all_of(one.cohort()) == all_of(other.cohort())
    assert np.array_equal(one.base.columns["id"], other.base.columns["id"])


def test_a_breakdown_by_two_dimensions_has_a_group_for_each_pair_that_occurs() -> None:
    held = [document(str(n), 100_000.0 + n, level=LEVELS[n % 3], role=ROLES[n % 2]) for n in range(12)]
    groups = break_down(snapshot_of(held).cohort(), (Dimension.LEVEL, Dimension.ROLE))
    assert {group.values: len(group.cohort) for group in groups} == {
        (level.upper(), role): 2 for level in LEVELS for role in ROLES[:2]
    }


def test_groups_are_ordered_by_published_median_with_withheld_ones_last() -> None:
    held = [document(str(n), 1000.0 * n + 1, level=LEVELS[n % 3]) for n in range(30)]
    groups = break_down(snapshot_of(held).cohort(), (Dimension.LEVEL,))

    def median(cohort: Cohort) -> float | None:
        return None if cohort.value(0) == 1 else cohort.value(len(cohort) // 2)

    ordered = order_groups(groups, (Dimension.LEVEL,), BreakdownOrderField.MEDIAN, Direction.DESC, median)
    assert [group.values[0] for group in ordered] == ["SENIOR", "MID", "ENTRY"]
    by_key = order_groups(groups, (Dimension.LEVEL,), BreakdownOrderField.KEY, Direction.DESC, median)
    assert [group.values[0] for group in by_key] == ["SENIOR", "MID", "ENTRY"]


def test_a_trend_names_its_periods_and_when_they_start() -> None:
    held = documents_over_time()
    points = trend_points(snapshot_of(held).cohort(), Interval.QUARTER)
    assert [(point.period, point.start) for point in points] == [
        ("2023-Q4", date(2023, 10, 1)),
        ("2024-Q1", date(2024, 1, 1)),
    ]
    assert [len(point.cohort) for point in points] == [1, 2]
    months = trend_points(snapshot_of(held).cohort(), Interval.MONTH)
    assert [point.period for point in months] == ["2023-12", "2024-01", "2024-02"]
    assert [point.period for point in trend_points(snapshot_of(held).cohort(), Interval.YEAR)] == ["2023", "2024"]


def documents_over_time() -> Documents:
    days = [datetime(2023, 12, 31), datetime(2024, 1, 1), datetime(2024, 2, 29)]
    return [document(str(place), 100_000.0, effective=day) for place, day in enumerate(days)]


def test_parts_of_pay_are_of_the_reports_that_name_them() -> None:
    pays = [{"total": 100.0 + n, "first_year": 100.0 + n, **({"bonus": 10.0 + n} if n % 2 else {})} for n in range(10)]
    held = [document(str(n), 1, pay=pay) for n, pay in enumerate(pays)]
    cohort = snapshot_of(held).cohort().having("bonus")
    assert len(cohort) == 5
    ordered = cohort.ordered("bonus")
    assert [ordered.value(k) for k in range(5)] == [11, 13, 15, 17, 19]
    assert cohort.ordered(TOTAL) is cohort


def test_nothing_held_is_no_trouble() -> None:
    snapshot = snapshot_of([])
    snapshot.base.warm()
    assert (len(snapshot.cohort()), snapshot.cohort().contributors, snapshot.cohort().days) == (0, 0, None)
    assert snapshot.cohort().groups(Dimension.LEVEL) == snapshot.cohort().counts(Dimension.SKILL) == {}
