import pytest

from service import rates
from service.rates import BURST_SECONDS, Rates, client_at


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(buckets: Rates, client: str, times: int) -> int:
    return sum(buckets.take(client) == 0 for _ in range(times))


def test_a_client_that_was_silent_may_ask_a_burst_and_then_at_its_rate(clock: Clock) -> None:
    buckets = Rates(600, clock)
    assert taken(buckets, "a", 100) == 10 * BURST_SECONDS
    clock.now += 1
    assert taken(buckets, "a", 100) == 10
    clock.now += 3_600
    assert taken(buckets, "a", 100) == 10 * BURST_SECONDS


def test_clients_do_not_wait_for_each_other(clock: Clock) -> None:
    buckets = Rates(60, clock)
    taken(buckets, "a", 100)
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0


def test_who_comes_again_when_told_is_answered(clock: Clock) -> None:
    buckets = Rates(60, clock)
    buckets.take("a", 50)
    clock.now += buckets.take("a")
    assert buckets.take("a") == 0


def test_without_a_rate_nobody_waits(clock: Clock) -> None:
    assert taken(Rates(0, clock), "a", 1_000) == 1_000


def test_a_rate_below_one_in_a_burst_still_takes_one(clock: Clock) -> None:
    assert taken(Rates(1, clock), "a", 3) == 1


def test_clients_that_are_made_up_take_no_memory_without_end(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "CLIENTS_KEPT", 100)
    buckets = Rates(60, clock)
    for number in range(1_000):
        buckets.take(str(number))
        assert len(buckets._full) <= 100


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002::/64"),
        ("2001:db8:1:2::9", "2001:0db8:0001:0002::/64"),
        ("fe80::1%eth0", "fe80:0000:0000:0000::/64"),
        ("no:address", "no:address"),
    ],
)
def test_addresses_of_one_household_are_one_client(address: str, client: str) -> None:
    assert client_at(address) == client
