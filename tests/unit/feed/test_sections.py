"""A file of sections is read only as it was written."""

import errno
from pathlib import Path

import numpy as np
import pytest

from service.sections import Damaged, read_sections, write_sections

SECTIONS = {
    "amounts": np.arange(1_000, dtype=np.float64),
    "none": np.array([], np.uint16),
    "bytes": np.frombuffer(b"a section of bytes", np.uint8),
}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_sections(tmp_path / "file", {"from": "here"}, SECTIONS)
    return tmp_path / "file"


def test_what_was_written_is_read(written: Path) -> None:
    about, sections = read_sections(written)
    assert about == b'{"from":"here"}'
    assert list(sections) == list(SECTIONS)
    for name, array in SECTIONS.items():
        assert sections[name].dtype == array.dtype
        assert np.array_equal(sections[name], array)


def test_one_bit_that_changed_anywhere_is_noticed(written: Path) -> None:
    content = written.read_bytes()
    for place in [*range(0, 300), *range(300, len(content), 97), len(content) - 1]:
        written.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        with pytest.raises(Damaged):
            read_sections(written)


def test_a_file_that_was_cut_short_or_goes_on_is_noticed(written: Path) -> None:
    content = written.read_bytes()
    for length in (0, 5, 19, 20, 60, len(content) - 8_000, len(content) - 1):
        written.write_bytes(content[:length])
        with pytest.raises(Damaged):
            read_sections(written)
    written.write_bytes(content + b"\0")
    with pytest.raises(Damaged):
        read_sections(written)


def test_a_file_that_could_not_be_written_leaves_the_old_one(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = written.read_bytes()
    monkeypatch.setattr("os.fsync", _full)
    with pytest.raises(OSError, match="No space"):
        write_sections(written, {}, {"other": np.arange(10)})
    assert written.read_bytes() == before
    assert list(written.parent.iterdir()) == [written]


def test_who_reads_the_old_file_meanwhile_reads_all_of_it(written: Path) -> None:
    before = written.read_bytes()
    with written.open("rb") as reading:
        write_sections(written, {}, {"other": np.arange(10)})
        assert reading.read() == before
    assert list(read_sections(written)[1]) == ["other"]


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
