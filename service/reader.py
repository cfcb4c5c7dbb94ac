"""Batches of documents, as MongoDB sends them, to columns: by compiled code, and by the Encoder what is unusual."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, NamedTuple

import bson
import numpy as np
from numpy.typing import NDArray

from service import walk
from service.documents import AMOUNTS, CODE, Chunk, Code, Encoder, Row, chunk_of
from service.figures.columns import DTYPES
from service.walk import DAY, HASH, ID, MISSING, MOMENT, NESTED, NUMBER, WORD, WORDS, Bytes, Found, Stop, Table

TABLE_KEYS = 1 << 16
NOT_KNOWN = int(np.array(np.nan).view(np.int64))
CELL_BITS = 32
"""Of a cell each code takes this many: one field, the metro, gives codes to two columns."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_wrapped = Struct("<iB2s")


class _Field(NamedTuple):
    """A field by its path, the columns that are made of it, and for words the code of a value in each of them."""

    path: str
    kind: int
    columns: tuple[str, ...] = ()
    absent: int = MISSING
    codes: tuple[Code, ...] = ()


class Reader:
    """Reads documents as an Encoder does, twenty times as fast; values that are new are given codes by the Encoder.

    `newest` is when the newest of them came, None before there is one.
    """

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._fields = [*_plain_fields(), *_word_fields(encoder), *_list_fields(encoder)]
        self._kinds = np.array([field.kind for field in self._fields])
        self._absent = np.array([[field.absent] for field in self._fields])
        self._words = _Words(self._fields)
        self._newest = MISSING

    @property
    def newest(self) -> datetime | None:
        """Return when the newest document came."""
        return None if self._newest == MISSING else EPOCH + timedelta(milliseconds=self._newest)

    def read(self, batch: bytes) -> Iterator[Chunk]:
        """Return BSON documents that stand one after another as columns."""
        data = np.frombuffer(batch, np.uint8)
        count, many = walk.count_documents(data), np.count_nonzero(self._kinds == WORDS)
        # a list takes eight bytes or more for each of its words
        lists, counts = np.empty((many, len(data) // 8), np.int64), np.zeros((many, count), np.int64)
        found = Found(np.repeat(self._absent, count, axis=1), lists, counts, np.zeros(many, np.int64))
        at, row, odd = 0, 0, list[Row]()
        while True:
            stop = walk.walk(data, at, row, self._kinds, self._words.table, found)
            at, row = stop.at, stop.row
            if stop.how == walk.DONE:
                break
            if stop.how == walk.UNKNOWN and self._learn(data, stop):
                continue
            length = int.from_bytes(batch[at : at + 4], "little")
            odd += self._read_odd(bson.decode(batch[at : at + length]))
            at, found.cells[:, row] = at + length, self._absent[:, 0]
        carried = [
            [codes[:end].astype(CODE), of[:row]] for codes, end, of in zip(lists, found.ends, counts, strict=True)
        ]
        yield self._columns(found.cells[:, :row]), carried[0], carried[1]
        if odd:
            yield chunk_of(odd)

    def _learn(self, data: Bytes, stop: Stop) -> bool:
        field, number = self._fields[stop.field], 0
        try:
            value = _value(stop.kind, data[stop.start : stop.end].tobytes())
            for shift, (column, code_of) in enumerate(zip(field.columns, field.codes, strict=True)):
                code = code_of(value)
                if not 0 <= code <= np.iinfo(np.dtype(DTYPES.get(column, CODE)).str).max:
                    return False
                number |= code << CELL_BITS * shift
        except Exception:  # whatever it is, the Encoder meets it too, and says so
            return False
        self._words.add(data[stop.start : stop.end], stop.field, stop.kind, number)
        return True

    def _read_odd(self, document: dict[str, Any]) -> list[Row]:
        row, received = self._encoder.read(document), document.get("received")
        if row is not None and isinstance(received, datetime):
            came = (received.replace(tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
            self._newest = max(self._newest, came)
        return [] if row is None else [row]

    def _columns(self, cells: NDArray[np.int64]) -> list[NDArray[Any]]:
        made: dict[str, NDArray[Any]] = {}
        for field, cell in zip(self._fields, cells, strict=True):
            if field.kind == MOMENT:
                self._newest = max(self._newest, int(cell.max(initial=MISSING)))
            for shift, column in enumerate(field.columns if field.kind != WORDS else ()):
                if field.kind == NUMBER:
                    values = cell.view(np.float64)
                else:
                    values = cell >> CELL_BITS * shift & (1 << CELL_BITS) - 1 if field.kind == WORD else cell
                values = values.astype(DTYPES[column])
                made[column] = made[column] | values if column in made else values
        return [made[column] for column in DTYPES]


def _plain_fields() -> list[_Field]:
    return [
        _Field("_id", ID, ("id",)),
        _Field("received", MOMENT),
        _Field("effective", DAY, ("day",)),
        _Field("contributor", HASH, ("contributor",), 0),
        _Field("pay", NESTED),
        *[_Field(f"pay.{name}", NUMBER, (name,), NOT_KNOWN) for name in AMOUNTS],
        _Field("negotiation", NESTED, absent=0),
        *[_Field(f"negotiation.{name}", NUMBER, (name,), NOT_KNOWN) for name in ("first_base", "first_total")],
        _Field("previous_total", NUMBER, ("previous_total",), NOT_KNOWN),
    ]


def _word_fields(encoder: Encoder) -> list[_Field]:
    made: dict[str, _Field] = {}
    for path, column, code_of, absent in encoder.words():
        field = made.get(path, _Field(path, WORD, absent=0))
        number = field.absent | absent << CELL_BITS * len(field.columns)
        made[path] = _Field(path, WORD, (*field.columns, column), number, (*field.codes, code_of))
    return [*made.values()]


def _list_fields(encoder: Encoder) -> list[_Field]:
    return [_Field(path, WORDS, (path,), 0, (code_of,)) for path, code_of in encoder.lists()]


def _value(kind: int, content: bytes) -> Any:
    head = _wrapped.pack(_wrapped.size + len(content) + 1, kind, b"v\x00")
    return bson.decode(head + content + b"\x00")["v"]


class _Words:
    """The names of fields and the values that are known, by their 64-bit keys.

    Two of a million values have one key in one of 37 million tables; which two differs from table to table.
    """

    def __init__(self, fields: list[_Field]) -> None:
        self.table = _empty(TABLE_KEYS, np.uint64(secrets.randbits(64)))
        self._count = 0
        paths = [field.path for field in fields]
        for number, path in enumerate(paths):
            parent, _, name = path.rpartition(".")
            within = paths.index(parent) if parent else walk.WHOLE
            self.add(np.frombuffer(name.encode(), np.uint8), within, walk.NAME, number)

    def add(self, content: Bytes, field: int, kind: int, number: int) -> None:
        """Add a name or a value, and what stands for it."""
        if 2 * self._count > len(self.table.keys):
            table, self.table = self.table, _empty(4 * len(self.table.keys), self.table.seed)
            walk.move(table, self.table)
        keys, numbers, seed = self.table
        key = np.uint64(walk.key_of(content, 0, len(content), field, kind, seed))
        place = walk.place_of(keys, key)
        keys[place], numbers[place] = key, number
        self._count += 1


def _empty(size: int, seed: np.uint64) -> Table:
    return Table(np.zeros(size, np.uint64), np.zeros(size, np.int64), seed)
