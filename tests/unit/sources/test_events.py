import gzip
import io
from pathlib import Path

import pytest

from deploy.sources.demo import demo_events
from deploy.sources.events import STDIN, read_events, write_events
from deploy.sources.publish import message_of
from schema.document import partition_key

VALUES = [
    b'{"source":"s","subject":"r-1","data":{"contributor":"c-1"}}',
    b'{"source": "s", "subject": "r-2"}',
    b"{broken",
    b"\xff",
]
LINES = VALUES[0] + b"\n\n  \r\n" + VALUES[1] + b"\r\n" + VALUES[2] + b"\n" + VALUES[3]


def test_lines_are_sent_as_they_are_and_blank_ones_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(LINES)
    assert [message.value for message in read_events(path)] == VALUES


def test_a_compressed_file_holds_the_same_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(LINES))
    assert [message.value for message in read_events(path)] == VALUES


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LINES)))
    assert [message.value for message in read_events(STDIN)] == VALUES


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (VALUES[0], b"c-1"),
        (VALUES[1], b"s r-2"),
        (b'{"source":"s","subject":"r#max","data":{}}', b"s r"),
        (b'{"source":"s","subject":"r","data":null}', b"s r"),
        (b'{"source":"s","subject":"r","data":{"contributor":7}}', None),
        (b'{"source":"s"}', None),
        (b"[]", None),
        (b"\xff\xfe", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_key_of_a_line_is_its_contributor_else_the_reports_name_where_it_can_be_read(
    value: bytes, key: bytes | None
) -> None:
    assert message_of(value).key == key


def test_the_two_ends_of_a_posting_have_one_key() -> None:
    assert partition_key("s", "r#max") == partition_key("s", "r#min") == b"s r"


@pytest.mark.parametrize("name", ["demo.jsonl", "demo.jsonl.gz"])
def test_what_is_written_is_read_again_with_the_same_keys(tmp_path: Path, name: str) -> None:
    messages = list(demo_events(200, seed=7))
    assert write_events(messages, tmp_path / name) == len(messages)
    assert list(read_events(tmp_path / name)) == messages
