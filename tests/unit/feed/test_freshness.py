"""Freshness is of the reports that became visible in the last minute."""

from datetime import UTC, datetime

import pytest

from service.freshness import WINDOW_SECONDS, FreshnessWindow


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_nothing_that_became_visible_has_no_freshness(clock: Clock) -> None:
    assert FreshnessWindow(clock).measured() is None


def test_the_quantiles_are_of_the_seconds_from_append_to_visible(clock: Clock) -> None:
    window = FreshnessWindow(clock)
    clock.now += 10
    window.note([clock.now - 0.01 * n for n in range(101)])
    found = window.measured()
    assert found
    assert (round(found.p50, 3), round(found.p99, 3), found.count) == (0.5, 0.99, 101)
    assert found.since == datetime.fromtimestamp(1_000_000, UTC)


def test_what_is_older_than_a_minute_no_longer_counts(clock: Clock) -> None:
    window = FreshnessWindow(clock)
    window.note([clock.now])
    clock.now += WINDOW_SECONDS / 2
    window.note([clock.now - 2])
    clock.now += WINDOW_SECONDS / 2 + 1
    found = window.measured()
    assert found
    assert (found.p50, found.count, found.since.timestamp()) == (2, 1, clock.now - WINDOW_SECONDS)
    clock.now += WINDOW_SECONDS
    assert window.measured() is None


def test_what_reached_kafka_before_the_feed_had_caught_up_does_not_count(clock: Clock) -> None:
    window = FreshnessWindow(clock)
    window.note([clock.now])
    clock.now += 5
    window.begin()
    window.note([clock.now - 1])
    assert window.measured() is None
