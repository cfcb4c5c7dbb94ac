"""Files of named sections, each with its checksum: written whole or not at all, and read only when nothing is damaged.

MAGIC, the length and checksum of the head, the head in JSON, then the sections one after another.
"""

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from struct import Struct
from typing import IO, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from schema.errors import PaygaugeError

MAGIC = b"PAYGAUGE"
FORMAT = 1
_PREFIX = Struct("<8sIII")

Sections = Mapping[str, NDArray[Any]]
"""Arrays of one dimension by name."""


class Damaged(PaygaugeError):
    """The file is not what was written."""


class _Section(msgspec.Struct):
    name: str
    dtype: str
    count: int
    checksum: int


class _Head(msgspec.Struct):
    about: msgspec.Raw
    sections: list[_Section]


def write_sections(path: Path, about: object, sections: Sections) -> int:
    """Write arrays, and `about` as JSON, in the place of what is at `path`; return the bytes.

    Whatever happens meanwhile, the old file or the new one is there. Raises OSError.
    """
    written = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with written.open("wb") as file:
            size = _write(file, about, sections)
            file.flush()
            os.fsync(file.fileno())  # else a crash of the machine may leave the name on an empty file
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
    return size


def _write(file: IO[bytes], about: object, sections: Sections) -> int:
    described = [
        _Section(name, array.dtype.str, len(array), zlib.crc32(np.ascontiguousarray(array).data))
        for name, array in sections.items()
    ]
    head = msgspec.json.encode(_Head(msgspec.Raw(msgspec.json.encode(about)), described))
    file.write(_PREFIX.pack(MAGIC, FORMAT, len(head), zlib.crc32(head)))
    file.write(head)
    for array in sections.values():
        file.write(np.ascontiguousarray(array).data)
    return file.tell()


def read_sections(path: Path) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """Return what `about` was, in JSON, and the arrays. Raises Damaged, and OSError where no file can be read.

    They are read, not mapped: whoever cuts the file short later does not end this process.
    """
    with path.open("rb") as file:
        head = _read_head(file)
        sections = {section.name: _read(file, section) for section in head.sections}
        if file.read(1):
            raise Damaged(f"{path.name} goes on after its last section.")
    return bytes(head.about), sections


def _read_head(file: IO[bytes]) -> _Head:
    prefix = file.read(_PREFIX.size)
    if len(prefix) < _PREFIX.size:
        raise Damaged("It is too short.")
    magic, version, length, checksum = _PREFIX.unpack(prefix)
    if (magic, version) != (MAGIC, FORMAT):
        raise Damaged("It is of another format.")
    head = file.read(length)
    if len(head) < length or zlib.crc32(head) != checksum:
        raise Damaged("Its head is damaged.")
    return msgspec.json.decode(head, type=_Head)


def _read(file: IO[bytes], section: _Section) -> NDArray[Any]:
    array = np.empty(section.count, np.dtype(section.dtype))
    content = array.data.cast("B") if len(array) else memoryview(b"")
    if (len(content) and file.readinto(content) < len(content)) or zlib.crc32(content) != section.checksum:  # type: ignore[attr-defined]  # a buffered file has it
        raise Damaged(f"Its section {section.name} is damaged.")
    return array
