"""Rows found by code, by hash, by day and by group, against looking through all of them."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from service.figures import grouping, parts
from service.figures.bitmaps import _stable_sort, bitmaps_of
from service.figures.conditions import Between
from service.figures.counting import counting_sort
from service.figures.dimensions import Dimension
from service.figures.grouping import BitmapGrouping, CodeGrouping
from service.figures.lookup import CodeLookup, HashLookup
from service.figures.snapshot import Snapshot
from tests.unit.figures.reports import document, documents, snapshot_of

codes = st.lists(st.integers(0, 6), min_size=1, max_size=80).map(lambda values: np.array(values, np.uint8))


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    """Let sixty reports take the ways that millions take."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "BITMAP_BLOCKS", 3)
        patch.setattr(grouping, "CODES_A_BLOCK", 4)
        patch.setattr(parts, "MANY_ROWS", 10)
        patch.setattr(parts, "FEW_VALUES", 5)
        yield


def by_code(values: np.ndarray, rows: np.ndarray) -> dict[int, list[int]]:
    return {code: rows[values == code].tolist() for code in np.unique(values).tolist()}


@given(codes, st.integers(1, 1_000))
def test_a_grouping_finds_the_rows_of_each_value_in_order(values: np.ndarray, stride: int) -> None:
    rows = (np.arange(len(values)) * stride).astype(np.uint32)
    expected = by_code(values, rows)
    bitmaps = {code: BitMap(found) for code, found in expected.items()}
    column, table = np.zeros(rows[-1] + 1, np.uint8), np.array([3, 1, 4, 5, 0, 2, 6], np.uint16)
    column[rows] = values
    coded = CodeGrouping(column, None, rows, 7)
    read = CodeGrouping(np.argsort(table).astype(np.uint8)[column], table, rows, 9)
    for found in (BitmapGrouping(BitMap(rows.tolist()), bitmaps), coded, read):
        assert found.counts == {code: len(held) for code, held in expected.items()}
        assert {code: [found.row(code, k) for k in range(n)] for code, n in found.counts.items()} == expected
        assert {code: found.rows(code).tolist() for code in expected} == expected


@given(codes, st.sampled_from([7, 300, 70_000]))
def test_codes_are_sorted_without_compiled_code_as_with_it(values: np.ndarray, count: int) -> None:
    rows = np.arange(len(values), dtype=np.uint32) * 3
    wide = values.astype(np.uint32) * (count // 7)
    for found, compiled in zip(_stable_sort(wide, rows, count), counting_sort(wide, rows, count), strict=True):
        np.testing.assert_array_equal(found, compiled)
        assert found.dtype == compiled.dtype


@given(codes)
def test_a_lookup_by_code_is_the_bitmaps_that_it_stands_for(values: np.ndarray) -> None:
    lookup, bitmaps = CodeLookup(values, np.bincount(values)), bitmaps_of(values)
    assert dict(lookup) == bitmaps
    assert len(lookup) == len(bitmaps)
    assert all(lookup.get(code) == bitmaps.get(code) for code in range(-1, 9))


@given(st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 5), max_size=60), st.lists(st.integers(0, 9), max_size=5))
def test_a_lookup_by_hash_finds_every_row_that_has_it_and_no_other(values: list[int], more: list[int]) -> None:
    hashes = np.array(values, np.uint64)
    wanted = np.array([*more, *values[::3]], np.uint64)
    lookup = HashLookup(hashes.take, np.arange(len(hashes), dtype=np.uint32))
    assert sorted(lookup.rows(wanted).tolist()) == np.flatnonzero(np.isin(hashes, wanted)).tolist()
    assert sorted(lookup.repeated().tolist()) == [row for row, each in enumerate(values) if values.count(each) > 1]
    known = HashLookup(hashes.take, np.flatnonzero(hashes).astype(np.uint32))
    assert sorted(known.repeated().tolist()) == [r for r, each in enumerate(values) if each and values.count(each) > 1]


@given(documents(), st.integers(-400, 1_500), st.integers(-400, 1_500))
def test_days_between_two_are_those_between_them(held: list[dict], first: int, last: int) -> None:
    snapshot = snapshot_of([{**each, "flags": ()} for each in held])
    days = snapshot.base.columns["day"]
    low, high = 19_358 + first, 19_358 + last  # from 2023-01-01, where the documents begin
    expected = np.flatnonzero((low <= days.astype(int)) & (days.astype(int) <= high)).tolist()
    assert snapshot.base.between("day", low, high) == BitMap(expected)
    assert len(snapshot.cohort(Between("day", low, high))) == len(expected)


@given(documents(), st.sampled_from([Dimension.LEVEL, Dimension.ROLE, Dimension.SKILL, Dimension.MONTH]))
def test_a_large_cohort_is_cut_into_the_same_groups_as_a_small_one(held: list[dict], by: Dimension) -> None:
    snapshot = snapshot_of(held)
    large = cut(snapshot, by)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "MANY_ROWS", 10**9)
        small = cut(snapshot, by)
    assert large == small


def cut(snapshot: Snapshot, by: Dimension) -> dict[int, tuple[list[float], list[int], int, int]]:
    groups = snapshot.cohort().groups(by)
    return {
        code: (
            [group.value(k) for k in range(len(group))],
            [row for part in group.parts for row in part.rows.tolist()],
            group.contributors,
            group.count_to(100_000),
        )
        for code, group in groups.items()
    }


def test_an_employer_of_whom_thousands_are_known_is_found_without_a_bitmap_of_his_own() -> None:
    snapshot = snapshot_of([document(str(n), 1_000.0 + n, company=f"company-{n % 1_500}") for n in range(3_000)])
    held = snapshot.base.bitmaps(Dimension.COMPANY)
    assert isinstance(held, CodeLookup)
    code = snapshot.codebooks[Dimension.COMPANY].code_of("company-7")
    assert code is not None
    assert [snapshot.base.total[row] for row in held[code]] == [1_007, 2_507]
    assert len(snapshot.cohort().groups(Dimension.COMPANY)) == 1_500
    assert set(snapshot.cohort().counts(Dimension.COMPANY).values()) == {2}
