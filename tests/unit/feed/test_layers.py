"""However changes come, in whatever layers they lie, the snapshot is that of what is held."""

import gc
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest

from service import layers
from service.documents import Encoder, columns_of, row_id
from service.figures.dimensions import Dimension, new_codebooks
from service.figures.index import Index
from service.figures.privacy import Policy, suppression_of
from service.figures.snapshot import Snapshot
from service.layers import Layers
from service.shelf import Moment
from tests.unit.figures.reports import LEVELS, SKILL_SETS, document, snapshot_of

Documents = dict[str, dict[str, Any]]


def layers_of(documents: Documents, kept: list[int]) -> tuple[Layers, Encoder]:
    encoder = Encoder(new_codebooks())
    base = Index(columns_of(map(encoder.row_of, documents.values())))
    moment = Moment({"at": 0}, 1, None, encoder.books)
    return Layers(base, moment, lambda _, moment: kept.append(moment.resume["at"])), encoder


def drawn(choose: Any, subject: str) -> dict[str, Any]:
    return document(
        subject,
        choose(range(20, 60)) * 5_000.0,
        level=choose(LEVELS),
        skills=choose(SKILL_SETS),
        contributor=choose((None, "0a", "0b", "0c", "0d")),
        flags=choose(((), (), ("outlier",))),
    )


def check(held: Layers, documents: Documents) -> None:
    snapshot, anew = held.snapshot, snapshot_of(list(documents.values()))
    one, other = snapshot.cohort(), anew.cohort()
    assert len(snapshot) == len(anew)
    assert [one.value(k) for k in range(len(one))] == [other.value(k) for k in range(len(other))]
    assert one.contributors == other.contributors
    for by in (Dimension.LEVEL, Dimension.SKILL):
        values, fresh = held.snapshot.codebooks[by].values, anew.codebooks[by].values
        counts = {values[code]: count for code, count in one.counts(by).items()}
        assert counts == {fresh[code]: count for code, count in other.counts(by).items()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows_before_a_join", [5, 40, 10_000])
def test_the_layers_hold_what_is_held(seed: int, rows_before_a_join: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "DELTA_ROWS", rows_before_a_join)
    monkeypatch.setattr(layers, "DELTA_SHARE", 0.0)
    choose = Random(seed).choice
    documents: Documents = {str(n): drawn(choose, str(n)) for n in range(50)}
    kept: list[int] = []
    held, encoder = layers_of(documents, kept)
    for at in range(1, 40):
        changed = {}
        for subject in {str(choose(range(90))) for _ in range(choose(range(1, 9)))}:
            gone = choose((True, False, False))
            new = drawn(choose, subject)
            changed[row_id(new["_id"])] = None if gone else encoder.row_of(new)
            documents.pop(subject, None)
            if not gone:
                documents[subject] = new
        held.apply(changed, {"at": at})
        check(held, documents)
        assert (held.moment.resume, held.moment.version) == ({"at": at}, at + 1)
        if choose((True, False)):
            time.sleep(0.01)  # lets a join end, or not
    settle(held)
    check(held, documents)
    assert kept == sorted(kept)
    assert bool(kept) == (rows_before_a_join < 100)


def settle(held: Layers) -> None:
    deadline = time.monotonic() + 10
    while held._join and time.monotonic() < deadline:
        held.stand({"at": 100})
        time.sleep(0.01)
    if held._keeping:
        held._keeping.join()


def test_a_join_is_taken_where_nothing_changes_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "DELTA_ROWS", 5)
    monkeypatch.setattr(layers, "DELTA_SHARE", 0.0)
    documents = {str(n): document(str(n), 1.0 + n) for n in range(20)}
    kept: list[int] = []
    held, encoder = layers_of({}, kept)
    held.apply({row_id(each["_id"]): encoder.row_of(each) for each in documents.values()}, {"at": 1})
    settle(held)
    assert (len(held.snapshot.base), len(held.snapshot.delta), held.rows, kept) == (20, 0, {}, [1])
    check(held, documents)


def test_what_is_kept_is_as_old_as_its_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "DELTA_ROWS", 5)
    kept: list[int] = []
    held, encoder = layers_of({}, kept)
    for at in (1, 2, 3):
        new = [document(f"{at}-{n}", 1.0 + n) for n in range(10)]
        held.apply({row_id(each["_id"]): encoder.row_of(each) for each in new}, {"at": at})
    settle(held)
    assert kept[0] == 1
    assert len(held.snapshot) == 30


def test_a_join_that_failed_leaves_all_that_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "DELTA_ROWS", 5)
    monkeypatch.setattr(layers, "merge", _failing_once(layers.merge))
    documents = {str(n): document(str(n), 1.0 + n) for n in range(20)}
    held, encoder = layers_of({}, [])
    held.apply({row_id(each["_id"]): encoder.row_of(each) for each in documents.values()}, {"at": 1})
    settle(held)
    check(held, documents)
    assert len(held.snapshot.base) == 0


def _failing_once(merge: Any) -> Any:
    def failing(base: Any, dead: Any, delta: Any) -> Any:
        if len(delta) == 20 and len(dead) == 0 and failing.calls:  # type: ignore[attr-defined]
            raise MemoryError
        failing.calls += 1  # type: ignore[attr-defined]
        return merge(base, dead, delta)

    failing.calls = 0  # type: ignore[attr-defined]
    return failing


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_old_snapshots_are_let_go_whatever_was_asked_of_them() -> None:
    documents = {str(n): document(str(n), 1.0 + n, level=LEVELS[n % len(LEVELS)]) for n in range(20)}
    held, encoder = layers_of(documents, [])
    made: list[weakref.ref[Snapshot]] = []
    most = 0
    with ThreadPoolExecutor(2) as executor:
        for at in range(1, 10 * layers.SNAPSHOTS_LET_GO):
            made.append(weakref.ref(held.snapshot))
            list(executor.map(_ask, [held.snapshot] * 4))
            new = document(f"new {at}", 1.0 + at)
            held.apply({row_id(new["_id"]): encoder.row_of(new)}, {"at": at})
            most = max(most, sum(snapshot() is not None for snapshot in made))
    assert most <= layers.SNAPSHOTS_LET_GO + 2  # those in the threads' hands


def _ask(snapshot: Snapshot) -> None:
    groups = snapshot.cohort().groups(Dimension.LEVEL).values()
    snapshot.remember("withheld", [suppression_of(cohort, Policy()) for cohort in groups])
