"""How often each client may ask: a bucket of tokens each, kept as the moment at which it is full again."""

import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address

BURST_SECONDS = 5.0
"""A client that was silent may ask this many seconds' worth at once."""
CLIENTS_KEPT = 50_000


class Rates:
    """Buckets of all clients. 0 a minute: nobody waits."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = 60.0 / per_minute if per_minute else 0.0  # that one token takes to come back
        self._burst = max(BURST_SECONDS, self._seconds)
        self._clock = clock
        self._full: dict[str, float] = {}

    def take(self, client: str, tokens: float = 1.0) -> float:
        """Take tokens and return 0.0, or take none and return the seconds after which to ask again.

        What is left in a bucket may be less than what is taken; the next then waits for the difference.
        """
        if not self._seconds:
            return 0.0
        now = self._clock()
        full = max(self._full.get(client, now), now)
        if full - now >= self._burst:
            return full - now - self._burst + self._seconds
        if client not in self._full and len(self._full) >= CLIENTS_KEPT:
            self._forget(now)
        self._full[client] = full + tokens * self._seconds
        return 0.0

    def _forget(self, now: float) -> None:
        waiting = {client: full for client, full in self._full.items() if full > now}
        # so many at once are no clients: whoever they are, memory is worth more than their count
        self._full = waiting if len(waiting) < CLIENTS_KEPT // 2 else {}


@lru_cache(4_096)
def client_at(address: str) -> str:
    """Return what stands for an address: one household has 2^64 addresses of IPv6, and is one client."""
    if ":" not in address:
        return address
    try:
        return f"{IPv6Address(address.partition('%')[0]).exploded[:19]}::/64"
    except ValueError:
        return address
