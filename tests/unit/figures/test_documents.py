"""Documents read as columns: every field in its column, every absence as one."""

from datetime import datetime

import numpy as np
import pytest

from service.documents import Encoder, columns_of, row_id
from service.figures.columns import DTYPES, FLAG_BITS, SYNTHETIC_BIT
from service.figures.dimensions import PROPERTIES, UNKNOWN, Dimension, new_codebooks
from tests.unit.figures.reports import document, snapshot_of

FULL = document(
    "full",
    200_000.0,
    pay={
        "total": 200_000.0,
        "first_year": 220_000.0,
        "base": 150_000.0,
        "bonus": 20_000.0,
        "stock": 25_000.0,
        "benefits": 5_000.0,
        "sign_on": 20_000.0,
    },
    contributor="00000000000000ff",
    effective=datetime(2024, 7, 1),
    company="alpha",
    metro="san-francisco-bay-area",
    region="US-CA",
    country="US",
    level="senior",
    industry="software",
    ml="core",
    company_size="large",
    work_mode="remote",
    pay_policy="flat",
    employment="full_time",
    education="master",
    field="mathematics",
    experience_years=7.5,
    internship=True,
    portfolio=False,
    kind="offer",
    verification="document",
    specializations=["nlp"],
    skills=["python", "pytorch"],
    flags=["range"],
    synthetic=True,
    matches={"role": 3, "level": 2, "place": 3},
)

IN_WORDS = {
    Dimension.COMPANY: "alpha",
    Dimension.METRO: "san-francisco-bay-area",
    Dimension.REGION: "US-CA",
    Dimension.COUNTRY: "US",
    Dimension.SOURCE: "test",
    Dimension.ROLE: "machine-learning-engineer",
    Dimension.LEVEL: "SENIOR",
    Dimension.TECHNOLOGY_HUB: "TRUE",
    Dimension.INDUSTRY: "software",
    Dimension.ML_CENTRALITY: "CORE",
    Dimension.COMPANY_SIZE: "LARGE",
    Dimension.WORK_MODE: "REMOTE",
    Dimension.PAY_POLICY: "FLAT",
    Dimension.EMPLOYMENT: "FULL_TIME",
    Dimension.EDUCATION: "MASTER",
    Dimension.FIELD: "mathematics",
    Dimension.INTERNSHIP: "TRUE",
    Dimension.PORTFOLIO: "FALSE",
    Dimension.KIND: "OFFER",
    Dimension.VERIFICATION: "DOCUMENT",
    Dimension.EXPERIENCE_BAND: "5-7",
    Dimension.MONTH: "2024-07",
    Dimension.QUARTER: "2024-Q3",
    Dimension.YEAR: "2024",
}


def test_every_field_of_a_document_is_in_its_column() -> None:
    encoder = Encoder(new_codebooks())
    columns = columns_of([encoder.row_of(FULL)])
    values = {name: columns[name][0].item() for name in DTYPES}
    assert {name: values[name] for name in FULL["pay"]} == FULL["pay"]
    assert (values["id"], values["contributor"], values["experience"]) == (row_id(FULL["_id"]), 255, 1 + 15)
    assert (values["match"], values["flags"]) == (2, FLAG_BITS["range"] | SYNTHETIC_BIT)
    for dimension, word in IN_WORDS.items():
        held = PROPERTIES[dimension]
        code = values[held.column] if held.table is None else int(held.table[values[held.column]])
        assert encoder.books[dimension].values[code] == word, dimension
    named = {d: [encoder.books[d].values[code] for code in sorted(found)] for d, found in columns.many.items()}
    assert named == {Dimension.SPECIALIZATION: ["nlp"], Dimension.SKILL: ["python", "pytorch"]}


def test_what_a_document_does_not_say_is_not_known() -> None:
    bare = document("bare", 1.0, pay={"total": 1.0, "first_year": 1.0})
    encoder = Encoder(new_codebooks())
    columns = columns_of([encoder.row_of(bare)])
    said = {"id", "total", "first_year", "day", "source", "role", "kind", "verification"}
    for name in DTYPES.keys() - said:
        value = columns[name][0]
        assert np.isnan(value) if np.issubdtype(DTYPES[name], np.floating) else value == UNKNOWN, name
    assert encoder.books[Dimension.KIND].values[columns["kind"][0]] == "SURVEY"
    assert encoder.books[Dimension.VERIFICATION].values[columns["verification"][0]] == "NONE"
    assert columns.many == {Dimension.SPECIALIZATION: {}, Dimension.SKILL: {}}


def test_a_level_that_nobody_gave_is_no_weak_match() -> None:
    encoder = Encoder(new_codebooks())
    found = [columns_of([encoder.row_of({**FULL, "matches": matches})])["match"][0] for matches in MATCHES]
    assert found == [0, 3, 1, 1, 2]


MATCHES = ({}, {"role": 3}, {"role": 3, "level": 1}, {"role": 1, "level": 3, "place": 0}, {"role": 3, "place": 2})


def test_more_roles_than_a_byte_counts_are_told_apart() -> None:
    snapshot = snapshot_of([document(str(n), 1.0 + n, role=f"role-{n}") for n in range(300)])
    assert len(snapshot.cohort().counts(Dimension.ROLE)) == 300


def test_values_beyond_what_a_column_holds_count_as_not_known_and_are_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    books = new_codebooks()
    for number in range(np.iinfo(np.uint16).max):
        books[Dimension.ROLE].learn(f"role-{number}")
    encoder = Encoder(books)
    held = [document(str(n), 1.0 + n, role=role) for n, role in enumerate(("role-65534", "one more", "and another"))]
    columns = columns_of(map(encoder.row_of, held))
    assert columns["role"].tolist() == [65_535, 0, 0]
    assert [record.message for record in caplog.records] == [
        "role has more than 65535 values: further ones count as not known"
    ]
