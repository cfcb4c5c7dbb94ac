"""A dead letter must keep the original message and say why and where from."""

from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from ingest.dead_letters import (
    LAST_MILLISECOND,
    TRUNCATED_BYTES,
    DeadLetter,
    _letter_in,
    _message_of,
    dead_letter_of,
    received_at,
    text_headers,
)
from ingest.topics import MAX_MESSAGE_BYTES
from schema.errors import Rejection
from schema.vocabulary import RejectionReason

WHEN = 1_741_083_072_123  # ms


def record(
    value: bytes | None, key: bytes | None = None, headers: tuple[tuple[str, bytes], ...] = (), timestamp: int = WHEN
) -> ConsumerRecord[Any, Any]:
    return ConsumerRecord("salary.reports", 3, 42, timestamp, 1, key, value, None, 0, 0, headers)


def letter(value: bytes | None, key: bytes | None = None, headers: tuple[tuple[str, bytes], ...] = ()) -> DeadLetter:
    rejection = Rejection(RejectionReason.OUT_OF_RANGE, "$.data.pay", "Expected `float` >= 0")
    return dead_letter_of(record(value, key, headers), rejection, normaliser=7)


def read_back(written: DeadLetter) -> DeadLetter:
    key, value, headers = _message_of(written)
    return _letter_in(record(value, key, tuple(headers)))


header = st.tuples(
    st.sampled_from(["content-type", "ce_id", "paygauge-reason", "paygauge-offset"]), st.binary(max_size=8)
)


@given(value=st.binary(), key=st.binary() | st.none(), headers=st.lists(header, max_size=4).map(tuple))
def test_what_is_written_is_read_back(value: bytes, key: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> None:
    written = letter(value, key, headers)

    assert read_back(written) == written


def test_a_message_without_key_and_value_can_be_set_aside() -> None:
    key, value, _ = _message_of(letter(None))

    assert (key, value) == (b"", None)


def test_a_message_too_large_for_the_dead_letters_keeps_its_beginning_and_says_so() -> None:
    written = letter(b"x" * (MAX_MESSAGE_BYTES + 1), b"key", (("content-type", b"text"),))
    read = read_back(written)

    assert read.is_truncated
    assert not letter(b"x").is_truncated
    assert read.value == b"x" * TRUNCATED_BYTES
    assert (read.place, read.reason) == (written.place, written.reason)


def test_names_are_read_where_they_can_be() -> None:
    structured = letter(b'{"source": "s", "id": 7, "subject": "r-1", "data": {}}')
    binary = letter(b"not JSON", headers=(("CE_Source", b"s"), ("ce_subject", b"\xff"), ("ce_id", b"e-1")))

    assert structured.names() == {"source": "s", "event": None, "subject": "r-1"}
    assert binary.names() == {"source": "s", "event": "e-1", "subject": "\ufffd"}
    assert letter(None).names() == letter(b"[]").names() == {"source": None, "event": None, "subject": None}


@pytest.mark.parametrize(("timestamp", "year"), [(WHEN, 2025), (LAST_MILLISECOND * 10, 9999)])
def test_kafka_says_when_a_message_was_received(timestamp: int, year: int) -> None:
    assert received_at(record(b"", timestamp=timestamp)).year == year


def test_a_message_without_a_time_was_received_now() -> None:
    assert (datetime.now(UTC) - received_at(record(b"", timestamp=-1))).total_seconds() < 5


def test_headers_are_text_by_lower_case_name_whatever_their_bytes() -> None:
    assert text_headers(record(b"", headers=(("CE_Id", b"\xff"), ("empty", None)))) == {"ce_id": "\ufffd", "empty": ""}  # type: ignore[arg-type]
