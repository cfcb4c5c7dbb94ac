"""BSON walked by compiled code: the fields that are asked for as numbers, at a tenth of what decoding takes.

Layout of BSON: bsonspec.org/spec.html.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

NUMBER, DAY, MOMENT, ID, HASH, WORD, WORDS, NESTED = range(8)
"""Kinds of fields. Their cells hold: the bits of a double; days and milliseconds since 1970; the first 16 hexadecimal
digits of a text; a text of at most 16 of them; what the table has of a value, whatever its type; nothing, for arrays
of texts, of which the table's numbers go to a list; 1 for a document, whose fields are asked for by themselves."""

DONE, UNKNOWN, ODD = range(3)
"""How a walk ends: at the end; at a value that the table does not have; at a document that is unlike the others."""

MISSING = np.iinfo(np.int64).min
"""In the cell of a field that every document must have, until it is there."""


class Table(NamedTuple):
    """What stands for names of fields and for values, by their keys; as many as a power of two, 0 where nothing is."""

    keys: NDArray[np.uint64]
    numbers: NDArray[np.int64]
    seed: np.uint64


class Found(NamedTuple):
    """What is filled: a row of cells for each field; the numbers of all WORDS, how many of each row, and in all."""

    cells: NDArray[np.int64]
    lists: NDArray[np.int64]
    counts: NDArray[np.int64]
    ends: NDArray[np.int64]


class Stop(NamedTuple):
    """At which byte and row it stopped, and how; of an UNKNOWN value the field, its type, and where it stands."""

    at: int
    row: int
    how: int
    field: int
    kind: int
    start: int
    end: int


NAME = 255
"""No type of BSON: that of the key of a field's name, in the field that holds it or in the WHOLE."""
WHOLE = -1
NOTHING = np.iinfo(np.int64).min + 1
"""What the table has of a value that it does not have."""

_DOUBLE, _TEXT, _DOCUMENT, _ARRAY, _BINARY, _DATE = 1, 2, 3, 4, 5, 9
_SIZES = np.full(256, -1)
"""The bytes of a value by its type, less those that it counts itself; -1: of a type that no report has."""
for _kind, _bytes in {1: 8, 2: 4, 3: 0, 4: 0, 5: 5, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8, 19: 16}.items():
    _SIZES[_kind] = _bytes
_DAY_MILLISECONDS = 86_400_000
_DAYS_HELD = 65_536
_ID_DIGITS = 16
_FNV_PRIME = np.uint64(0x100000001B3)

# `nogil` so that no other thread waits, `cache` so that no later start waits for the compiler


@njit(nogil=True, cache=True)
def key_of(data: Bytes, start: int, end: int, field: int, kind: int, seed: np.uint64) -> np.uint64:
    """Return the key of a value of a type, or of a name, in a field: never 0 (FNV-1a of 64 bits, Noll and others)."""
    key = (seed ^ np.uint64(field * 256 + kind)) * _FNV_PRIME
    for place in range(start, end):
        key = (key ^ np.uint64(data[place])) * _FNV_PRIME
    return key | np.uint64(1)


@njit(nogil=True, cache=True)
def place_of(keys: NDArray[np.uint64], key: np.uint64) -> int:
    """Return where a key is in a table, or where it belongs."""
    place = int(np.int64(key >> np.uint64(24))) & (len(keys) - 1)
    while keys[place] != 0 and keys[place] != key:
        place = (place + 1) & (len(keys) - 1)
    return place


@njit(nogil=True, cache=True)
def move(table: Table, larger: Table) -> None:
    """Put all that a table has into a larger one, which is empty."""
    for place in range(len(table.keys)):
        if table.keys[place] != 0:
            there = place_of(larger.keys, table.keys[place])
            larger.keys[there], larger.numbers[there] = table.keys[place], table.numbers[place]


@njit(nogil=True, cache=True)
def count_documents(data: Bytes) -> int:
    """Return how many documents stand one after another."""
    at = count = 0
    while at < len(data):
        at += _int32(data, at)
        count += 1
    return count


@njit(nogil=True, cache=True)
def walk(data: Bytes, at: int, row: int, kinds: NDArray[np.int64], table: Table, found: Found) -> Stop:
    """Read documents from `at` on into `found` from `row` on. `kinds` are those of the fields, at last the WORDS.

    Returns where it stopped, and how; then `at` and `row` are those of the document that it has not read.
    """
    many = len(kinds) - len(found.lists)
    while at < len(data):
        end = at + _int32(data, at)
        found.counts[:, row] = 0
        stop = _walk_document(data, at, end, row, kinds, table, found)
        if stop.how != DONE:
            return stop
        for field in range(many):
            if found.cells[field, row] == MISSING:
                return Stop(at, row, ODD, 0, 0, 0, 0)
        for each in range(len(found.ends)):
            found.ends[each] += found.counts[each, row]
        at, row = end, row + 1
    return Stop(at, row, DONE, 0, 0, 0, 0)


@njit(nogil=True, cache=True)
def _walk_document(
    data: Bytes, at: int, end: int, row: int, kinds: NDArray[np.int64], table: Table, found: Found
) -> Stop:
    place, parent = at + 4, WHOLE
    while place < end - 1:
        kind, value = int(np.int64(data[place])), _after_name(data, place)
        if kind == 0:  # where the document within ends
            parent, place = WHOLE, place + 1
            continue
        field = _find(data, place + 1, value - 1, parent, NAME, table)
        place = value + _size(data, value, kind)
        if place < value or place >= end:
            return Stop(at, row, ODD, 0, 0, 0, 0)
        if field == NOTHING:
            continue
        if kinds[field] == NESTED and kind == _DOCUMENT:
            found.cells[field, row], parent, place = 1, field, value + 4
        elif kinds[field] == WORDS and kind == _ARRAY:
            stop = _walk_list(data, at, row, value, place, field, field - len(kinds), table, found)
            if stop.how != DONE:
                return stop
        else:
            cell, how = _cell(data, value, place, kind, field, kinds[field], table)
            if how != DONE:
                return Stop(at, row, how, field, kind, value, place)
            found.cells[field, row] = cell
    return Stop(at, row, DONE, 0, 0, 0, 0)


@njit(nogil=True, cache=True)
def _walk_list(
    data: Bytes, at: int, row: int, start: int, end: int, field: int, which: int, table: Table, found: Found
) -> Stop:
    place = start + 4
    while place < end - 1:
        kind, value = int(np.int64(data[place])), _after_name(data, place)
        place = value + _size(data, value, kind)
        number = _find(data, value, place, field, kind, table)
        if kind != _TEXT or number == NOTHING:
            return Stop(at, row, UNKNOWN if kind == _TEXT else ODD, field, kind, value, place)
        found.lists[which, found.ends[which] + found.counts[which, row]] = number
        found.counts[which, row] += 1
    return Stop(at, row, DONE, 0, 0, 0, 0)


@njit(nogil=True, cache=True)
def _cell(data: Bytes, value: int, end: int, kind: int, field: int, expected: int, table: Table) -> tuple[int, int]:
    """Return a field's cell, and how that went."""
    if expected == WORD:
        number = _find(data, value, end, field, kind, table)
        return number, UNKNOWN if number == NOTHING else DONE
    if expected == NUMBER and kind == _DOUBLE:
        bits = _int64(data, value)
        exponent = (bits >> 52) & 0x7FF
        return bits, DONE if exponent < 1023 + 127 or exponent == 0x7FF else ODD  # it may be more than 32 bits hold
    if expected == MOMENT and kind == _DATE:
        return _int64(data, value), DONE
    if expected == DAY and kind == _DATE:
        day = _int64(data, value) // _DAY_MILLISECONDS
        return day, DONE if 0 <= day < _DAYS_HELD else ODD
    if expected in (ID, HASH) and kind == _TEXT:
        digits = _int32(data, value) - 1
        if digits <= _ID_DIGITS or expected == ID:
            return _hexadecimal(data, value + 4, min(digits, _ID_DIGITS))
    return 0, ODD


@njit(nogil=True, cache=True)
def _find(data: Bytes, start: int, end: int, field: int, kind: int, table: Table) -> int:
    place = place_of(table.keys, key_of(data, start, end, field, kind, table.seed))
    return int(table.numbers[place]) if table.keys[place] != 0 else NOTHING


@njit(nogil=True, cache=True)
def _after_name(data: Bytes, place: int) -> int:
    while data[place] != 0:
        place += 1
    return place + 1


@njit(nogil=True, cache=True)
def _hexadecimal(data: Bytes, start: int, digits: int) -> tuple[int, int]:
    number = np.uint64(0)
    for place in range(start, start + digits):
        code = data[place]
        if 48 <= code <= 57:
            digit = code - 48
        elif 97 <= code <= 102:
            digit = code - 87
        else:
            return 0, ODD
        number = number << np.uint64(4) | np.uint64(digit)
    return int(np.int64(number)), DONE if digits > 0 else ODD


@njit(nogil=True, cache=True)
def _size(data: Bytes, value: int, kind: int) -> int:
    counted = kind in (_TEXT, _DOCUMENT, _ARRAY, _BINARY)
    return int(_SIZES[kind]) + (_int32(data, value) if counted else 0)


@njit(nogil=True, cache=True)
def _int32(data: Bytes, at: int) -> int:
    bits = np.uint32(0)
    for place in range(4):
        bits |= np.uint32(data[at + place]) << np.uint32(8 * place)
    return int(np.int32(bits))


@njit(nogil=True, cache=True)
def _int64(data: Bytes, at: int) -> int:
    bits = np.uint64(0)
    for place in range(8):
        bits |= np.uint64(data[at + place]) << np.uint64(8 * place)
    return int(np.int64(bits))
