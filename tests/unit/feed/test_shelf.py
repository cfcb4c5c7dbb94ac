"""What is taken from the shelf is what was put there, or nothing."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from service.ahead import BASE, CHANGES, Ahead
from service.documents import Encoder, columns_of, row_id
from service.figures import bitmaps, lookup
from service.figures.columns import DTYPES
from service.figures.dimensions import PROPERTIES, new_codebooks
from service.figures.index import Index
from service.sections import read_sections
from service.shelf import Moment, Rows, Shelf
from tests.unit.figures.reports import document, documents

COLLECTION, RESUME = "a collection", {"_data": "82AB"}


class Held:
    """An index and what changed since, put on a shelf."""

    def __init__(self, held: list[dict[str, Any]], changed: list[dict[str, Any]], gone: list[str]) -> None:
        encoder = Encoder(new_codebooks())
        self.base = Index(columns_of(map(encoder.row_of, held)))
        self.base.warm()
        self.rows: Rows = {row_id(each["_id"]): encoder.row_of(each) for each in changed}
        self.rows |= {row_id(document(subject, 0)["_id"]): None for subject in gone}
        self.moment = Moment(RESUME, 7, datetime(2026, 1, 2, tzinfo=UTC), encoder.books)

    def put(self, folder: Path) -> Shelf:
        shelf = Shelf(folder, COLLECTION)
        shelf.save_base(self.base, self.moment)
        shelf.save_changes(self.base, self.rows, self.moment)
        return shelf


def some() -> Held:
    held = [document(str(n), 1_000.0 * n, skills=["python", "sql"][: n % 3], company=f"c-{n % 5}") for n in range(3000)]
    return Held(held, [document("1", 5.0), document("new", 6.0, skills=["rust"])], ["2", "3"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "columns"


def check_same(found: Index, put: Index) -> None:
    for name in DTYPES:
        np.testing.assert_array_equal(found.columns[name], put.columns[name])
        assert found.columns[name].dtype == put.columns[name].dtype
    for dimension in PROPERTIES:
        assert dict(found.bitmaps(dimension)) == dict(put.bitmaps(dimension))
    assert (found.repeated, found.excluded, found.everything) == (put.repeated, put.excluded, put.everything)
    assert found.duplicates == put.duplicates
    for key in (put.columns["id"], put.columns["contributor"]):
        for look_up in ("find", "rows_of_contributors", "rows_of_twins"):
            assert sorted(getattr(found, look_up)(key)) == sorted(getattr(put, look_up)(key))


@given(documents(), documents())
def test_what_is_put_there_is_taken_from_there(
    tmp_path_factory: pytest.TempPathFactory, held: list[dict[str, Any]], changed: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("columns")
    put = Held(held, changed, ["away"])
    put.put(folder)
    found = Shelf(folder, COLLECTION).load()
    assert found
    base, rows, moment = found
    check_same(base, put.base)
    assert rows == put.rows
    assert (moment.resume, moment.version, moment.through) == (RESUME, 7, put.moment.through)
    assert {name: book.values for name, book in moment.codebooks.items()} == {
        name: book.values for name, book in put.moment.codebooks.items()
    }


def test_nothing_that_was_kept_is_sorted_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = some()
    put.put(folder)

    def sort(*_: object) -> None:
        raise AssertionError("to sort five million rows takes a second, and compiled code that takes another to import")

    monkeypatch.setattr(bitmaps, "sort_codes", sort)
    monkeypatch.setattr(lookup, "sort_codes", sort)
    found = Shelf(folder, COLLECTION).load()
    assert found
    found[0].warm()


def test_what_is_read_ahead_is_read_once(folder: Path) -> None:
    put = some()
    put.put(folder)
    ahead = Ahead(folder)
    shelf = Shelf(folder, COLLECTION, ahead.read)
    found = shelf.load()
    assert found
    check_same(found[0], put.base)
    assert found[1] == put.rows
    put.rows[7] = None
    put.put(folder)
    again = shelf.load()
    assert again
    assert again[1] == put.rows


def test_where_nothing_is_kept_nothing_is_read_ahead(folder: Path) -> None:
    assert Shelf(folder, COLLECTION, Ahead(folder).read).load() is None


def test_an_empty_shelf_gives_nothing(folder: Path) -> None:
    assert Shelf(folder, COLLECTION).load() is None


def test_another_collection_is_not_taken(folder: Path) -> None:
    some().put(folder)
    assert Shelf(folder, "another").load() is None


@pytest.mark.parametrize("source", ["schema/vocabulary.py", "schema/terms/metro.csv", "service/figures/columns.py"])
def test_what_other_code_or_other_words_wrote_is_not_taken(
    source: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from service import shelf

    some().put(folder)
    read, changed = Path.read_bytes, Path(__file__).parents[3] / source
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b" " * (path == changed))
    shelf._code_digest.cache_clear()
    assert Shelf(folder, COLLECTION).load() is None
    monkeypatch.undo()
    shelf._code_digest.cache_clear()
    assert Shelf(folder, COLLECTION).load()


def test_a_base_with_any_section_damaged_is_not_taken(folder: Path) -> None:
    some().put(folder)
    content, sections = (folder / BASE).read_bytes(), read_sections(folder / BASE)[1]
    assert len(sections) > 100
    place = len(content) - sum(array.nbytes for array in sections.values())
    for name, array in sections.items():
        if array.nbytes:
            (folder / BASE).write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
            assert Shelf(folder, COLLECTION).load() is None, name
        place += array.nbytes
    (folder / BASE).write_bytes(content)
    assert Shelf(folder, COLLECTION).load()


def test_changes_beside_another_base_are_left_to_the_change_stream(folder: Path) -> None:
    put = some()
    changes = (put.put(folder), (folder / CHANGES).read_bytes())[1]
    other = Held([document("only", 1.0)], [], [])
    other.put(folder)
    (folder / CHANGES).write_bytes(changes)
    found = Shelf(folder, COLLECTION).load()
    assert found
    assert (len(found[0]), found[1]) == (1, {})


def test_changes_are_kept_beside_the_base_that_was_saved_only(folder: Path) -> None:
    put = some()
    shelf = put.put(folder)
    before = (folder / CHANGES).read_bytes()
    shelf.save_changes(Index(columns_of(())), {}, put.moment)
    assert (folder / CHANGES).read_bytes() == before


def test_damaged_changes_are_left_to_the_change_stream(folder: Path) -> None:
    put = some()
    put.put(folder)
    (folder / CHANGES).write_bytes((folder / CHANGES).read_bytes()[:-1])
    found = Shelf(folder, COLLECTION).load()
    assert found
    check_same(found[0], put.base)
    assert (found[1], found[2].resume) == ({}, RESUME)


def test_a_shelf_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "columns").write_text("a file where the folder should be")
    some().put(tmp_path / "columns")
    assert Shelf(tmp_path / "columns", COLLECTION).load() is None


def test_what_a_killed_process_left_half_written_is_removed(folder: Path) -> None:
    some().put(folder)
    (folder / f"{BASE}.123.part").write_bytes(b"half")
    assert Shelf(folder, COLLECTION).load()
    assert sorted(path.name for path in folder.iterdir()) == [BASE, CHANGES]
