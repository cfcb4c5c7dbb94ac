"""The shelf: the columns as two files, a base and what came since, so that the next start need not read MongoDB.

A base is written when it is made. What came since is small, and is written every now and then with where the change
stream stood; it names its base, and counts only beside it. A base alone counts as well: it has a place of its own in
the change stream, only an earlier one.
"""

import hashlib
import logging
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import bson
import msgspec
import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

import schema
import service.figures
from schema.errors import PaygaugeError
from service.ahead import BASE, CHANGES, Read
from service.documents import CODE, LAYOUT, Row
from service.figures.columns import DTYPES, Columns
from service.figures.dimensions import Codebook, Codebooks, Dimension
from service.figures.index import Index
from service.figures.lookup import Buckets
from service.metrics import SAVED
from service.sections import Sections, read_sections, write_sections

log = logging.getLogger(__name__)

Rows = dict[int, Row | None]
"""What changed, by the 64-bit id of the document: its row, or None where it no longer counts."""


class Mismatch(PaygaugeError):
    """The saved columns are of another collection or another version of Paygauge."""


@dataclass(frozen=True)
class Moment:
    """Where the feed stood: `resume` is MongoDB's token, at which what is not held yet begins."""

    resume: Mapping[str, Any]
    version: int
    through: datetime | None
    codebooks: Codebooks


class _About(msgspec.Struct):
    identity: str
    base: str
    resume: bytes
    version: int
    through: datetime | None
    values: dict[str, list[str]]


class Shelf:
    """A folder for the columns of one collection, which its UUID names. One thread at a time may write each file."""

    def __init__(self, folder: Path, collection: str, read: Read = read_sections) -> None:
        self._folder, self._read_sections = folder, read
        self._identity = f"{_code_digest()} {collection}"
        self._saved: Index | None = None
        self._name = ""

    def save_base(self, base: Index, moment: Moment) -> None:
        """Keep a base, which holds all that came until a moment; what changed since an older base no longer counts."""
        name = secrets.token_hex(8)
        sections = {f"column/{column}": array for column, array in base.columns.arrays.items()}
        for dimension, bitmaps in base.columns.many.items():
            sections |= _sections_of(f"many/{dimension}", bitmaps)
        for column, held in base.made.items():
            sections |= _sections_of(f"made/{column}", held)
        for lookup, (rows, bounds) in base.buckets.items():
            sections |= {f"buckets/{lookup}/rows": rows, f"buckets/{lookup}/bounds": bounds}
        if self._write(BASE, name, moment, sections):
            self._saved, self._name = base, name

    def save_changes(self, base: Index, rows: Rows, moment: Moment) -> None:
        """Keep what changed since a base, until a moment; nothing where that base is not the one that was saved last.

        What is kept then goes on counting: of an earlier moment, with more to be read from the change stream.
        """
        if base is not self._saved:
            return
        live = [row for row in rows.values() if row is not None]
        gone = [key for key, row in rows.items() if row is None]
        sections: dict[str, NDArray[Any]] = {
            "gone": np.array(gone, np.uint64),
            "rows": np.frombuffer(b"".join([packed for packed, _, _ in live]), np.uint8),
        }
        for name, codes in (("specializations", [row[1] for row in live]), ("skills", [row[2] for row in live])):
            sections[f"{name}/codes"] = np.frombuffer(b"".join(codes), CODE)
            sections[f"{name}/ends"] = np.cumsum([len(each) // CODE.itemsize for each in codes], dtype=np.uint64)
        self._write(CHANGES, self._name, moment, sections)

    def _write(self, file: str, base: str, moment: Moment, sections: Sections) -> bool:
        values = {dimension.value: [*book.values] for dimension, book in moment.codebooks.items()}
        resume = bson.encode(moment.resume)
        about = _About(self._identity, base, resume, moment.version, moment.through, values)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            size = write_sections(self._folder / file, about, sections)
        except OSError as error:
            log.warning("The columns could not be saved, and the next start reads MongoDB: %s", error)
            return False
        SAVED.set_to_current_time()
        log.debug("Saved %s: %d bytes", file, size)
        return True

    def load(self) -> tuple[Index, Rows, Moment] | None:
        """Return the base, what changed since, and until when; None where nothing is kept that can be used."""
        for left in self._folder.glob("*.part"):  # by a process that was killed
            left.unlink(missing_ok=True)
        try:
            about, sections = self._read(BASE)
            base, rows = _index_of(sections), Rows()
            self._saved, self._name = base, about.base
        except FileNotFoundError:
            return None
        except (OSError, PaygaugeError) as error:
            log.warning("The saved columns cannot be used, so all reports are read from MongoDB: %s", error)
            return None
        try:
            later, sections = self._read(CHANGES)
            if later.base == about.base:
                about, rows = later, _rows_of(sections)
        except (OSError, PaygaugeError) as error:
            log.info("What came since the saved columns is read from the change stream: %s", error)
        return base, rows, Moment(bson.decode(about.resume), about.version, about.through, _codebooks_of(about.values))

    def _read(self, file: str) -> tuple[_About, Sections]:
        head, sections = self._read_sections(self._folder / file)
        try:
            about = msgspec.json.decode(head, type=_About)
        except msgspec.ValidationError as error:
            raise Mismatch from error
        if about.identity != self._identity:
            raise Mismatch
        return about, sections


@cache
def _code_digest() -> str:
    """Return a digest of all that decides what the columns hold: types, flags, vocabularies, and how they are read."""
    digest = hashlib.blake2b(f"{sys.byteorder} {DTYPES}".encode(), digest_size=16)
    folders = (Path(package.__path__[0]) for package in (schema, service.figures))
    sources = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".csv", ".tsv")]
    ours = [Path(__file__).with_name(f"{module}.py") for module in ("documents", "sections", "shelf")]
    for path in sorted([*sources, *ours]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sections_of(name: str, bitmaps: Mapping[int, BitMap]) -> dict[str, NDArray[Any]]:
    written = [bitmap.serialize() for bitmap in bitmaps.values()]
    return {
        f"{name}/codes": np.array([*bitmaps], np.uint32),
        f"{name}/ends": np.cumsum([len(each) for each in written], dtype=np.uint64),
        f"{name}/bytes": np.frombuffer(b"".join(written), np.uint8),
    }


def _index_of(sections: Sections) -> Index:
    columns = {name: sections[f"column/{name}"] for name in DTYPES}
    held: dict[str, dict[str, dict[int, BitMap]]] = {"many": {}, "made": {}}
    buckets: dict[str, Buckets] = {}
    for section in sections:
        kind, name, *part = section.split("/")
        if part == ["bytes"]:
            held[kind][name] = _bitmaps_of(sections, f"{kind}/{name}")
        elif part == ["rows"]:
            buckets[name] = sections[section], sections[f"{kind}/{name}/bounds"]
    many = {Dimension(name): bitmaps for name, bitmaps in held["many"].items()}
    return Index(Columns(columns, many), held["made"], buckets)


def _bitmaps_of(sections: Sections, name: str) -> dict[int, BitMap]:
    written, ends = sections[f"{name}/bytes"].tobytes(), [0, *sections[f"{name}/ends"].tolist()]
    codes = sections[f"{name}/codes"].tolist()
    return {
        code: BitMap.deserialize(written[start:end]) for code, (start, end) in zip(codes, pairwise(ends), strict=True)
    }


def _rows_of(sections: Sections) -> Rows:
    packed = sections["rows"].tobytes()
    size = LAYOUT.itemsize
    specializations, skills = (_carried(sections, name) for name in ("specializations", "skills"))
    starts = range(0, len(packed), size)
    live = zip([packed[start : start + size] for start in starts], specializations, skills, strict=True)
    ids = np.frombuffer(packed, LAYOUT)["id"].tolist()
    return {**dict.fromkeys(sections["gone"].tolist()), **dict(zip(ids, live, strict=True))}


def _carried(sections: Sections, name: str) -> list[bytes]:
    codes, ends = sections[f"{name}/codes"], [0, *sections[f"{name}/ends"].tolist()]
    return [codes[start:end].tobytes() for start, end in pairwise(ends)]


def _codebooks_of(values: Mapping[str, list[str]]) -> Codebooks:
    return {dimension: Codebook(tuple(values[dimension.value][1:])) for dimension in Dimension}
