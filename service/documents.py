"""Documents to columns: the one place that reads a document's fields and gives their values codes."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from schema.places import is_hub

from schema.document import Document
from service.figures.columns import DTYPES, FLAG_BITS, SYNTHETIC_BIT, Columns, sort_columns
from service.figures.dimensions import HALF_YEARS_HELD, UNKNOWN, Codebooks, Dimension

CHUNK_ROWS = 50_000
EPOCH = datetime(1970, 1, 1)
"""BSON dates are read without a zone, and are UTC."""
NOT_KNOWN = float("nan")

Row = tuple[Any, ...]
"""A document's values in the order of DTYPES, then the codes of its specialisations and of its skills."""

_FLAGS = {flag.value: bit for flag, bit in FLAG_BITS.items()}


def row_id(document_id: str) -> int:
    """Return the 64-bit id under which the columns know a document."""
    return int(document_id[:16], 16)


def row_of(document: Document, books: Codebooks) -> Row:
    """Return a live document as a row of codes and amounts; new values are given codes in `books`."""
    get, pay, match = document.get, document["pay"], document.get("matches", {})
    experience, metro = get("experience_years"), get("metro")
    given = [match.get(subject, 0) for subject in ("level", "place") if match.get(subject)]
    flags = sum(_FLAGS[flag] for flag in get("flags", ()))
    return (
        row_id(document["_id"]),
        pay["total"],
        pay["first_year"],
        pay.get("base", NOT_KNOWN),
        pay.get("bonus", NOT_KNOWN),
        pay.get("stock", NOT_KNOWN),
        pay.get("benefits", NOT_KNOWN),
        pay.get("sign_on", NOT_KNOWN),
        int(get("contributor") or "0", 16),
        (document["effective"] - EPOCH).days,
        books[Dimension.COMPANY].learn(get("company")),
        books[Dimension.METRO].learn(metro),
        books[Dimension.REGION].learn(get("region")),
        books[Dimension.COUNTRY].learn(get("country")),
        books[Dimension.SOURCE].learn(document["source"]),
        books[Dimension.ROLE].learn(document["role"]),
        _closed(books, Dimension.LEVEL, get("level")),
        UNKNOWN if metro is None else 1 + is_hub(metro),
        books[Dimension.INDUSTRY].learn(get("industry")),
        _closed(books, Dimension.ML_CENTRALITY, get("ml")),
        _closed(books, Dimension.COMPANY_SIZE, get("company_size")),
        _closed(books, Dimension.WORK_MODE, get("work_mode")),
        _closed(books, Dimension.PAY_POLICY, get("pay_policy")),
        _closed(books, Dimension.EMPLOYMENT, get("employment")),
        _closed(books, Dimension.EDUCATION, get("education")),
        books[Dimension.FIELD].learn(get("field")),
        UNKNOWN if experience is None else min(1 + int(2 * experience), HALF_YEARS_HELD - 1),
        _yes_no(get("internship")),
        _yes_no(get("portfolio")),
        _closed(books, Dimension.KIND, get("kind", "survey")),
        _closed(books, Dimension.VERIFICATION, get("verification", "none")),
        min([match.get("role", 0), *given]),
        flags | (SYNTHETIC_BIT if get("synthetic") else 0),
        [books[Dimension.SPECIALIZATION].learn(value) for value in get("specializations", ())],
        [books[Dimension.SKILL].learn(value) for value in get("skills", ())],
    )


def _closed(books: Codebooks, dimension: Dimension, value: str | None) -> int:
    # closed vocabularies are lower-case words at rest and enum names in the API
    return books[dimension].learn(value.upper() if value else None)


def _yes_no(value: bool | None) -> int:
    return UNKNOWN if value is None else 1 + value


def columns_of(rows: Iterable[Row]) -> Columns:
    """Return rows as columns in order of total pay."""
    chunks, carried = [], {Dimension.SPECIALIZATION: [_NO_PAIRS], Dimension.SKILL: [_NO_PAIRS]}
    reading, start = iter(rows), 0
    while chunk := list(islice(reading, CHUNK_ROWS)):
        *values, specializations, skills = zip(*chunk, strict=True)
        chunks.append([np.array(column, dtype) for column, dtype in zip(values, DTYPES.values(), strict=True)])
        carried[Dimension.SPECIALIZATION].append(_pairs(specializations, start))
        carried[Dimension.SKILL].append(_pairs(skills, start))
        start += len(chunk)
    arrays = [np.concatenate(column) for column in zip(*chunks, strict=True)] if chunks else _no_rows()
    return sort_columns(
        dict(zip(DTYPES, arrays, strict=True)),
        {dimension: np.concatenate(pairs) for dimension, pairs in carried.items()},
    )


_NO_PAIRS = np.zeros((0, 2), np.uint32)


def _pairs(values: tuple[list[int], ...], start: int) -> NDArray[np.uint32]:
    found = [(row, code) for row, codes in enumerate(values, start) for code in codes]
    return np.array(found, np.uint32) if found else _NO_PAIRS


def _no_rows() -> list[NDArray[Any]]:
    return [np.zeros(0, dtype) for dtype in DTYPES.values()]
