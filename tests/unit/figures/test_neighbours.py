"""The search for neighbours finds what trying everything finds."""

from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from service.figures.atoms import ONE_VALUED, shared_by
from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, AnyOf, Between, Condition, Not, OneOf
from service.figures.dimensions import UNKNOWN, Dimension
from service.figures.neighbours import neighbour_of
from service.figures.sets import in_all_but_one, smallest_sets
from tests.unit.figures.reports import COMPANIES, LEVELS, ROLES, SKILLS, document, documents, snapshot_of

FEW = 4
VALUES = {
    Dimension.ROLE: ROLES,
    Dimension.LEVEL: [level.upper() for level in LEVELS],
    Dimension.COMPANY: [company for company in COMPANIES if company],
    Dimension.SKILL: SKILLS,
}
SETS = st.lists(st.frozensets(st.integers(0, 30)), min_size=2, max_size=7)


@st.composite
def lists(draw: st.DrawFn) -> OneOf:
    dimension = draw(st.sampled_from(list(VALUES)))
    return OneOf(dimension, draw(st.frozensets(st.sampled_from(VALUES[dimension]), min_size=1, max_size=3)))


def differs_by_few(one: Cohort, other: Cohort) -> bool:
    apart = [a ^ b for a, b in zip(one.rows, other.rows, strict=True)]
    people: list[int] = []
    for (index, _), rows in zip(one.snapshot.held, apart, strict=True):
        people += [index.columns["contributor"].item(row) for row in rows]
    return 0 < people.count(0) + len({*people} - {0}) <= FEW


def subsets(count: int) -> Any:
    return chain.from_iterable(combinations(range(count), size) for size in range(count))


@given(documents(), st.lists(lists(), min_size=1, max_size=3))
def test_leaving_out_any_conditions_is_as_good_as_tried(held: list[dict[str, Any]], parts: list[OneOf]) -> None:
    single = [OneOf(part.dimension, frozenset([min(part.values)])) for part in parts]
    cohort = snapshot_of(held[: len(held) // 2], held[len(held) // 2 :]).cohort(AllOf(tuple(single)))
    if not len(cohort):
        return
    atoms = list(dict.fromkeys([*single, *shared_by(cohort, single)]))
    wider = [AllOf(tuple(atoms[place] for place in kept)) for kept in subsets(len(atoms))]
    expected = any(differs_by_few(cohort, cohort.snapshot.cohort(where)) for where in wider)
    found = neighbour_of(cohort, FEW)
    assert (found is not None) == expected
    assert found is None or differs_by_few(cohort, cohort.snapshot.cohort(found.where))


@given(
    documents(), documents(), st.sampled_from([Dimension.LEVEL, Dimension.MONTH, Dimension.COMPANY, Dimension.SKILL])
)
def test_what_a_groups_reports_share_is_what_all_of_them_have(
    base: list[dict[str, Any]], delta: list[dict[str, Any]], by: Dimension
) -> None:
    snapshot = snapshot_of(base, [{**each, "_id": document(f"d{each['subject']}", 1)["_id"]} for each in delta])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("service.figures.parts.FEW_VALUES", 0)  # as groups of a large cohort are cut
        groups = snapshot.cohort().groups(by).values()
    for group in groups:
        shared = [part for part in shared_by(group, []) if isinstance(part, OneOf)]
        single = {dimension: set(group.codes(dimension).tolist()) for dimension in ONE_VALUED}
        expected = {dimension: codes for dimension, codes in single.items() if len(codes) == 1 and codes != {UNKNOWN}}
        names = snapshot.codebooks
        assert {part.dimension: part.values for part in shared if part.dimension in ONE_VALUED} == {
            dimension: {names[dimension].values[code] for code in codes} for dimension, codes in expected.items()
        }
        assert [*shared_by(group, [])] == [*shared_by(snapshot.cohort(group.where), [])]


def shortened(part: Condition) -> list[Condition]:
    """Return a list, or one that is left out, without some of its values."""
    if isinstance(part, Not):
        return [Not(inner) for inner in shortened(part.part)]
    assert isinstance(part, OneOf)
    values = sorted(part.values)
    return [OneOf(part.dimension, frozenset(values[place] for place in kept)) for kept in subsets(len(values)) if kept]


@given(documents(), lists(), lists(), st.booleans())
def test_leaving_out_values_of_a_list_is_as_good_as_tried(
    held: list[dict[str, Any]], one: OneOf, other: OneOf, negated: bool
) -> None:
    parts: list[Condition] = [Not(one) if negated else one, other]
    cohort = snapshot_of(held).cohort(AllOf(tuple(parts)))
    tried = [AllOf((shorter, parts[1])) for shorter in shortened(parts[0])]
    tried += [AllOf((parts[0], shorter)) for shorter in shortened(parts[1])]
    if len(cohort) and any(differs_by_few(cohort, cohort.snapshot.cohort(where)) for where in tried):
        found = neighbour_of(cohort, FEW)
        assert found is not None
        assert differs_by_few(cohort, cohort.snapshot.cohort(found.where))


ALPHA_OR_BETA = OneOf(Dimension.COMPANY, frozenset({"alpha", "beta"}))


@pytest.mark.parametrize(
    "where",
    [
        AllOf(()),
        AnyOf((OneOf(Dimension.COMPANY, frozenset({"alpha"})), OneOf(Dimension.ROLE, frozenset(ROLES[:2])))),
        Not(
            AllOf((OneOf(Dimension.COMPANY, frozenset({"alpha", "beta"})), OneOf(Dimension.LEVEL, frozenset({"MID"}))))
        ),
        AllOf((Between("day", 19_000, 20_000), Not(Between("experience", 5, 9)))),
    ],
    ids=str,
)
@given(held=documents())
def test_neighbours_of_every_kind_of_condition_differ_by_few(held: list[dict[str, Any]], where: Condition) -> None:
    snapshot = snapshot_of(held)
    found = neighbour_of(snapshot.cohort(where), FEW)
    assert found is None or differs_by_few(snapshot.cohort(where), snapshot.cohort(found.where))


@given(SETS)
def test_all_but_one_are_intersected_as_one_by_one(sets: list[frozenset[int]]) -> None:
    found = in_all_but_one([BitMap(each) for each in sets])
    for place, shared in enumerate(found):
        rest = [each for other, each in enumerate(sets) if other != place]
        assert set.intersection(*map(set, shared)) == frozenset.intersection(*rest)


@given(SETS)
def test_the_smallest_choices_of_sets_are_those_without_a_smaller_one(sets: list[frozenset[int]]) -> None:
    rows = frozenset.union(*sets)
    choices = {row: sum(1 << place for place, each in enumerate(sets) if row in each) for row in rows}
    smallest = {c for c in choices.values() if not any(o & c == o and o != c for o in choices.values())}
    found = dict(smallest_sets((BitMap(rows),), [(BitMap(each),) for each in sets], 100))
    assert found == {c: (BitMap([row for row in rows if choices[row] == c]),) for c in smallest}


def test_conditions_of_which_any_two_imply_the_third_are_left_out_two_at_a_time() -> None:
    kinds = [("data-scientist", "mid", "alpha", 20), ("data-scientist", "senior", "beta", 1)]
    kinds += [("research-scientist", "mid", "beta", 30), ("research-scientist", "senior", "alpha", 30)]
    held = [
        document(f"{role}-{level}-{number}", 1e5, role=role, level=level, company=company)
        for role, level, company, count in kinds
        for number in range(count)
    ]
    role = OneOf(Dimension.ROLE, frozenset({"data-scientist"}))
    asked = (role, OneOf(Dimension.LEVEL, frozenset({"MID"})), OneOf(Dimension.COMPANY, frozenset({"alpha"})))
    found = neighbour_of(snapshot_of(held).cohort(AllOf(asked)), FEW)
    assert found is not None
    assert found.where == AllOf((role,))
