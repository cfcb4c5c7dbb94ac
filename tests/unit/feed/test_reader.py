"""Documents read at once, as BSON, are in the columns as those are that are read one by one."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import bson
import numpy as np
import pytest

from schema.vocabulary import QualityFlag
from service import reader as readers
from service.documents import Encoder, columns_of, join_chunks
from service.figures.columns import Columns
from service.figures.dimensions import PROPERTIES, Codebooks, new_codebooks
from service.reader import Reader
from tests.bench.engines.documents import make_documents
from tests.unit.figures.reports import document
from tests.unit.figures.test_documents import FULL

MORE: dict[str, Any] = {
    "negotiation": {"negotiated": False, "first_base": 1.0, "first_total": 2.0},
    "previous_total": 3.0,
    "merged": True,
    "ends": {"min": {"pay": {"total": 9.0}, "skills": ["no"]}, "max": {"company": "no"}},
}
UNUSUAL: dict[str, Any] = {
    "an amount is an integer": {"pay": {"total": 100_000}},
    "an amount is null": {"pay": {"total": 1.0, "base": None}},
    "an amount is a text": {"pay": {"total": "much"}},
    "an amount is more than 32 bits hold": {"pay": {"total": 1e39}},
    "a part is more than 32 bits hold": {"pay": {"total": 1.0, "base": 1e39}},
    "an amount is minus nothing": {"pay": {"total": -0.0}},
    "an amount is infinite": {"pay": {"total": 1.0, "stock": float("inf")}},
    "there is no total": {"pay": {}},
    "there is no pay": {"pay": None},
    "a day is before 1970": {"effective": datetime(1960, 1, 1)},
    "a day is far ahead": {"effective": datetime(2300, 1, 1)},
    "a day is a text": {"effective": "today"},
    "a contributor is too long": {"contributor": "f" * 17},
    "a contributor is short": {"contributor": "f"},
    "a contributor is nobody": {"contributor": ""},
    "a contributor is null": {"contributor": None},
    "a contributor is no number": {"contributor": "xyz"},
    "a contributor is in capitals": {"contributor": "00000000000000FF"},
    "a contributor has the highest bit only": {"contributor": "8000000000000000"},
    "a word is empty": {"company": ""},
    "a word is null": {"company": None},
    "a word is a number": {"company": 5},
    "a word is a list": {"company": ["alpha"]},
    "a word is of another alphabet": {"company": "株式会社"},
    "experience is a whole number": {"experience_years": 7},
    "experience is negative": {"experience_years": -5.0},
    "an answer is null": {"internship": None},
    "a flag is not known": {"flags": ["nonsense"]},
    "flags are null": {"flags": None},
    "several flags": {"flags": [flag.value for flag in QualityFlag]},
    "matches are null": {"matches": None},
    "a match is null": {"matches": {"role": 3, "level": None}},
    "negotiation is null": {"negotiation": None},
    "negotiation is empty": {"negotiation": {}},
    "skills are null": {"skills": None},
    "skills are empty": {"skills": []},
    "a skill is null": {"skills": ["python", None]},
    "many skills": {"skills": [f"skill-{number}" for number in range(20)]},
    "a field of every other type": {
        "other": [bson.ObjectId(), b"bytes", bson.Int64(1), bson.Decimal128("1"), bson.Timestamp(1, 1), 1, True, None]
    },
    "a type that no report has": {"other": bson.Regex("a"), "company": "beta"},
    "a name that a nested field has": {"total": 5.0, "first_base": 6.0, "_id": "0" * 32},
}


def at_once(encoder: Encoder, batches: Iterable[list[dict[str, Any]]]) -> tuple[Columns, Reader]:
    reader = Reader(encoder)
    chunks = [chunk for batch in batches for chunk in reader.read(b"".join(map(bson.encode, batch)))]
    return join_chunks(chunks), reader


def one_by_one(encoder: Encoder, documents: Iterable[dict[str, Any]]) -> Columns:
    rows = [encoder.read(bson.decode(bson.encode(document))) for document in documents]
    return columns_of(row for row in rows if row is not None)


def in_words(columns: Columns, books: Codebooks) -> dict[str, Any]:
    """What the columns hold: a document that cannot be read may still have taught its words, and moved the codes."""
    found: dict[str, Any] = {name: array.tolist() for name, array in columns.arrays.items()}
    for dimension, held in PROPERTIES.items():
        words = books[dimension].values
        if held.many:
            found[dimension] = {words[code]: [*rows] for code, rows in columns.many[dimension].items()}
        elif held.table is None:
            found[held.column] = [words[code] for code in columns[held.column].tolist()]
    return found


def check(batches: list[list[dict[str, Any]]]) -> None:
    encoder, other = Encoder(new_codebooks()), Encoder(new_codebooks())
    expected = one_by_one(encoder, (document for batch in batches for document in batch))
    found, _ = at_once(other, batches)
    assert {name: array.dtype for name, array in found.arrays.items()} == {
        name: array.dtype for name, array in expected.arrays.items()
    }
    same = in_words(expected, encoder.books)
    for name, values in in_words(found, other.books).items():
        np.testing.assert_equal(values, same[name], name)  # which knows that NaN is NaN


def test_documents_that_are_read_at_once_are_those_that_are_read_one_by_one() -> None:
    documents = make_documents(500, 3)
    check([documents[:200], [], documents[200:], [FULL, FULL | MORE], documents[:1]])


@pytest.mark.parametrize("change", UNUSUAL.values(), ids=UNUSUAL.keys())
def test_what_is_unusual_is_read_as_it_would_be_by_itself(
    change: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    usual = [document(str(number), 1.0 + number, skills=["python"]) for number in range(4)]
    changed = {**document("unusual", 3.5, contributor="01", skills=["sql"]), **change}
    with caplog.at_level(logging.ERROR):
        check([usual[:2], [usual[2], FULL | change, changed, usual[3]]])
    said = [record.message for record in caplog.records]
    assert said[: len(said) // 2] == said[len(said) // 2 :]


@pytest.mark.parametrize("field", ["effective", "pay", "received", "matches", "source"])
def test_a_field_that_is_not_there_is_missed_as_it_would_be_by_itself(field: str) -> None:
    usual = [document(str(number), 1.0 + number) for number in range(3)]
    check([[usual[0], {name: value for name, value in FULL.items() if name != field}, *usual[1:]]])


def test_more_words_than_there_is_room_for_are_all_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "TABLE_KEYS", 128)
    documents = [document(str(n), 1.0 + n, company=f"company-{n}", skills=[f"skill-{n}"]) for n in range(600)]
    check([documents[:300], documents[300:], documents[::-1]])


def test_the_reader_knows_when_the_newest_document_came() -> None:
    _, nothing = at_once(Encoder(new_codebooks()), [[]])
    assert nothing.newest is None
    came = [datetime(2026, 1, 1), datetime(2026, 3, 1, 12, 30, 0, 5_000), datetime(2026, 2, 1)]
    documents = [document(str(number), 1.0, received=received) for number, received in enumerate(came)]
    _, reader = at_once(Encoder(new_codebooks()), [documents])
    assert reader.newest == came[1].replace(tzinfo=UTC)
    _, unusual = at_once(Encoder(new_codebooks()), [[{**each, "pay": {"total": 1}} for each in documents]])
    assert unusual.newest == came[1].replace(tzinfo=UTC)
