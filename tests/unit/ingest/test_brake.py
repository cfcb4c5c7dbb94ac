"""The brake must stop a topic from emptying into the dead letters, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.brake import Brake
from schema.errors import IngestStopped


def test_it_stops_when_more_than_the_share_of_a_full_window_was_rejected() -> None:
    brake = Brake(share=0.5, window=1000)
    brake.check(600, 400)

    with pytest.raises(IngestStopped, match=r"501 of the last 1,000 messages.*PAYGAUGE_BRAKE_SHARE=0"):
        brake.check(400, 101)


def test_exactly_the_share_passes() -> None:
    Brake(share=0.5, window=1000).check(1000, 500)


def test_it_waits_for_a_full_window() -> None:
    Brake(share=0.5, window=1000).check(999, 999)


def test_old_messages_leave_the_window() -> None:
    brake = Brake(share=0.5, window=1000)
    for rejected in [0] * 100 + [100] * 5:
        brake.check(100, rejected)

    with pytest.raises(IngestStopped):
        brake.check(100, 100)


@given(batches=st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1)), max_size=60))
def test_a_share_of_zero_turns_it_off(batches: list[tuple[int, float]]) -> None:
    brake = Brake(share=0, window=10)
    for read, share in batches:
        brake.check(read, int(read * share))


@given(batches=st.lists(st.tuples(st.integers(1, 50), st.floats(0, 0.5)), max_size=60))
def test_it_never_stops_a_stream_that_is_never_above_the_share(batches: list[tuple[int, float]]) -> None:
    brake = Brake(share=0.5, window=20)
    for read, share in batches:
        brake.check(read, int(read * share))
