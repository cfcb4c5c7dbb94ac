"""Documents to columns: the one place that reads a document's fields and gives their values codes."""

import logging
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schema.document import Document
from schema.places import is_hub
from schema.vocabulary import MatchKind, ReportState, SourceKind, Verification
from service.figures.columns import DTYPES, FLAG_BITS, MERGED_BIT, SYNTHETIC_BIT, Columns, sort_columns
from service.figures.dimensions import HALF_YEARS_HELD, PROPERTIES, UNKNOWN, Codebook, Codebooks, Dimension
from service.metrics import UNREADABLE

log = logging.getLogger(__name__)

CHUNK_ROWS = 5_000
EPOCH = datetime(1970, 1, 1)
"""BSON dates are read without a zone, and are UTC."""
NOT_KNOWN = float("nan")
NOTHING: Document = {}
LIVE = ReportState.LIVE.value
BEST_MATCH = MatchKind.EXACT.value

AMOUNTS = ("total", "first_year", "base", "bonus", "stock", "benefits", "sign_on", "low", "high")
FIELDS = {
    "technology_hub": "metro",
    "ml_centrality": "ml",
    "experience": "experience_years",
}
"""The field that a column of codes is read from, where it is not the field of the same name."""
ABSENT = {"kind": SourceKind.SURVEY.value, "verification": Verification.NONE.value}
"""What a document that does not have the field means."""
COLUMNS = list(DTYPES)
CODED = COLUMNS[COLUMNS.index("company") : COLUMNS.index("match")]

Arrays = list[NDArray[Any]]
Chunk = tuple[Arrays, Arrays, Arrays]
"""Some rows: the arrays of DTYPES; the codes of their specialisations, row after row, and how many each has; skills."""
Row = tuple[bytes, bytes, bytes]
"""A document's values in the order of DTYPES, packed, and the codes of its specialisations and of its skills.

Bytes, since Python's garbage collector goes through millions of lists again and again, and through bytes never.
"""
CODE = np.dtype(np.uint16)
Code = Callable[[Any], int]

LAYOUT = np.dtype(list(DTYPES.items()))
_FORMATS = {"u1": "B", "u2": "H", "u4": "I", "u8": "Q", "f4": "f", "f8": "d"}
_pack = Struct("<" + "".join(_FORMATS[np.dtype(dtype).str[1:]] for dtype in DTYPES.values())).pack
_FLAGS = {flag.value: bit for flag, bit in FLAG_BITS.items()}


def row_id(document_id: str) -> int:
    """Return the 64-bit id under which the columns know a document."""
    return int(document_id[:16], 16)


class Encoder:
    """Reads live documents as rows of amounts and codes; new values are given codes in `books`."""

    def __init__(self, books: Codebooks) -> None:
        self.books = books
        self._coded = [(FIELDS.get(column, column), _Memo(_coder(column, books))) for column in CODED]
        self._specializations = _Memo(_coder("specialization", books))
        self._negotiated = _Memo(_coder("negotiated", books))
        self._skills = _Memo(_coder("skill", books))

    def read(self, document: Document) -> Row | None:
        """Return a document as a row; None where it is withdrawn, or cannot be read, which is logged."""
        if document.get("state", LIVE) != LIVE:
            return None
        try:
            return self.row_of(document)
        except Exception as error:  # whatever somebody wrote there by hand: the other reports must go on counting
            UNREADABLE.inc()
            report = {"report": document["_id"], "source": document.get("source"), "subject": document.get("subject")}
            log.error("A report in MongoDB cannot be read, and does not count: %r", error, extra=report)
            return None

    def words(self) -> Iterator[tuple[str, str, Code, int]]:
        """Yield fields of words, as paths: of each the column, what gives the code of a value, and the code of none."""
        for column, (field, codes) in zip(CODED, self._coded, strict=True):
            yield field, column, codes.__getitem__, codes[None]
        yield "negotiation.negotiated", "negotiated", self._negotiated.__getitem__, self._negotiated[None]
        yield "matches", "match", _weakest, _weakest(NOTHING)
        for field, code_of in (("flags", _flags), ("synthetic", _synthetic), ("merged", _merged)):
            yield field, "flags", code_of, 0

    def lists(self) -> Iterator[tuple[str, Code]]:
        """Yield the fields of lists of words, in the order of a Chunk, and what gives the code of a word."""
        yield "specializations", self._specializations.__getitem__
        yield "skills", self._skills.__getitem__

    def row_of(self, document: Document) -> Row:
        """Return a document as a row. It takes 8 us: of one that changed, or that the Reader finds unusual."""
        get, part = document.get, document["pay"].get
        offer = get("negotiation", NOTHING).get
        packed = _pack(
            row_id(document["_id"]),
            *[part(name, NOT_KNOWN) for name in AMOUNTS],
            offer("first_base", NOT_KNOWN),
            offer("first_total", NOT_KNOWN),
            get("previous_total", NOT_KNOWN),
            int(get("contributor") or "0", 16),
            (document["effective"] - EPOCH).days,
            *[codes[get(field)] for field, codes in self._coded],
            _weakest(get("matches", NOTHING)),
            _flags(get("flags", ())) | _synthetic(get("synthetic")) | _merged(get("merged")),
            self._negotiated[offer("negotiated")],
        )
        specializations, skills = self._specializations, self._skills
        return (
            packed,
            array(CODE.char, [specializations[value] for value in get("specializations", ())]).tobytes(),
            array(CODE.char, [skills[value] for value in get("skills", ())]).tobytes(),
        )


def _weakest(matches: Document) -> int:
    # a level or place that nobody gave is no weak match
    match = matches.get
    weakest: int = min(match("role", 0), match("level") or BEST_MATCH, match("place") or BEST_MATCH)
    return weakest


def _flags(flags: Iterable[str]) -> int:
    return sum([_FLAGS[flag] for flag in flags])


def _synthetic(synthetic: bool | None) -> int:
    return SYNTHETIC_BIT if synthetic else 0


def _merged(merged: bool | None) -> int:
    return MERGED_BIT if merged else 0


class _Memo(dict[Any, int]):
    """The results of a function: reading one that is known takes a third of the time of a call."""

    def __init__(self, compute: Callable[[Any], int]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, value: Any) -> int:
        result = self[value] = self._compute(value)
        return result


def _coder(column: str, books: Codebooks) -> Callable[[Any], int]:
    if column == "technology_hub":
        return lambda metro: UNKNOWN if metro is None else 1 + is_hub(metro)
    if column == "experience":
        return lambda years: UNKNOWN if years is None else min(1 + int(2 * years), HALF_YEARS_HELD - 1)
    if column in ("internship", "portfolio", "negotiated"):
        return lambda value: UNKNOWN if value is None else 1 + value
    book = books[Dimension(column)]
    if PROPERTIES[Dimension(column)].closed is None:
        return _bounded(book, column)
    # closed vocabularies are lower-case words at rest and enum names in the API
    absent = ABSENT.get(column, "")
    return lambda value: book.learn((value or absent).upper())


def _bounded(book: Codebook, column: str) -> Callable[[str | None], int]:
    # what comes with the data may be more than a column has codes for
    most = np.iinfo(np.dtype(DTYPES.get(column, np.uint16)).str).max

    @cache
    def warn() -> None:
        log.error("%s has more than %d values: further ones count as not known", column, most)

    def learn(value: str | None) -> int:
        known = book.code_of(value)
        if known is None and len(book) > most:
            warn()
            return UNKNOWN
        return book.learn(value) if known is None else known

    return learn


def columns_of(rows: Iterable[Row]) -> Columns:
    """Return rows as columns in order of total pay."""
    return join_chunks(_chunks(iter(rows)))


def _chunks(rows: Iterator[Row]) -> Iterator[Chunk]:
    while chunk := tuple(islice(rows, CHUNK_ROWS)):
        yield chunk_of(chunk)


def join_chunks(chunks: Iterable[Chunk]) -> Columns:
    """Return chunks of rows as columns in order of total pay."""
    arrays, specializations, skills = (
        [np.concatenate(parts) for parts in zip(*columns, strict=True)]
        for columns in zip(chunk_of(()), *chunks, strict=True)
    )
    return sort_columns(
        dict(zip(DTYPES, arrays, strict=True)),
        {Dimension.SPECIALIZATION: (specializations[0], specializations[1]), Dimension.SKILL: (skills[0], skills[1])},
    )


def chunk_of(rows: Sequence[Row]) -> Chunk:
    """Return rows as they stand."""
    table = np.frombuffer(b"".join([packed for packed, _, _ in rows]), LAYOUT)
    arrays = [np.ascontiguousarray(table[name]) for name in DTYPES]
    return arrays, _carried([codes for _, codes, _ in rows]), _carried([codes for _, _, codes in rows])


def _carried(codes: list[bytes]) -> Arrays:
    counts = np.fromiter(map(len, codes), np.int64, len(codes)) // CODE.itemsize
    return [np.frombuffer(b"".join(codes), CODE), counts]
