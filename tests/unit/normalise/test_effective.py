from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.effective import check_time, read_effective
from schema.errors import Rejection
from schema.vocabulary import RejectionReason

NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025", date(2025, 7, 1)),
        ("2025-02", date(2025, 2, 1)),
        ("2025-02-28", date(2025, 2, 28)),
        ("2025-02-28T23:59:59+02:00", date(2025, 2, 28)),
        (" 1990-01-01 ", date(1990, 1, 1)),
        ("2026-03-05", date(2026, 3, 5)),
    ],
)
def test_a_date_may_lack_its_day_or_month(written: str, day: date) -> None:
    assert read_effective(written, NOON) == day


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1989-12-31", RejectionReason.OUT_OF_RANGE),
        ("2026-03-06", RejectionReason.OUT_OF_RANGE),
        ("2099", RejectionReason.OUT_OF_RANGE),
        ("2025-13", RejectionReason.OUT_OF_RANGE),
        ("2025-02-30", RejectionReason.OUT_OF_RANGE),
        ("0000-01-01", RejectionReason.OUT_OF_RANGE),
        ("March 2025", RejectionReason.WRONG_TYPE),
        ("2025-2", RejectionReason.WRONG_TYPE),
        ("20250201", RejectionReason.WRONG_TYPE),
        ("2025-02-28x", RejectionReason.WRONG_TYPE),
    ],
)
def test_a_date_that_cannot_be_is_rejected_with_its_path(written: str, reason: RejectionReason) -> None:
    with pytest.raises(Rejection) as caught:
        read_effective(written, NOON)
    assert (caught.value.reason, caught.value.path) == (reason, "$.data.effective")


def test_an_event_from_tomorrow_is_taken_and_one_from_the_day_after_is_not() -> None:
    check_time(NOON + timedelta(days=1), NOON)
    with pytest.raises(Rejection) as caught:
        check_time(NOON + timedelta(days=1, microseconds=1), NOON)
    assert (caught.value.reason, caught.value.path) == (RejectionReason.OUT_OF_RANGE, "$.time")


@given(st.text(), st.datetimes(timezones=st.just(UTC)))
def test_any_text_is_a_day_or_a_rejection(text: str, time: datetime) -> None:
    with suppress(Rejection):
        assert read_effective(text, time).year >= 1990
