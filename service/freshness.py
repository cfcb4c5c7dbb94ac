"""How fresh the figures are: from Kafka's append of a report to its being in the snapshot that answers."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from service.metrics import FRESHNESS

WINDOW_SECONDS = 60.0


@dataclass(frozen=True)
class Freshness:
    """The seconds from append to visible, of the reports that became visible since a moment: two quantiles (type 7)."""

    p50: float
    p99: float
    count: int
    since: datetime


class FreshnessWindow:
    """The reports that became visible in the last minute. `note` and `measured` may be called by different threads.

    Both clocks count: the broker's, which stamps a message, and this machine's.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._begun = clock()
        self._seen: deque[tuple[float, NDArray[np.float32]]] = deque()

    def begin(self) -> None:
        """Count from now on only reports that reach Kafka from now on: what came before waited for no feed."""
        self._begun = self._clock()
        self._seen.clear()

    def note(self, appended: Sequence[float]) -> None:
        """Note that the reports that Kafka appended at these times, in seconds since 1970, can be seen now."""
        now = self._clock()
        seconds = [now - at for at in appended if at >= self._begun]
        if seconds:
            self._seen.append((now, np.array(seconds, np.float32)))
        for each in seconds:
            FRESHNESS.observe(each)
        self._forget(now)

    def measured(self) -> Freshness | None:
        """Return the distribution; None where no report became visible in the window."""
        now = self._clock()
        seconds = [array for at, array in [*self._seen] if at > now - WINDOW_SECONDS]
        if not seconds:
            return None
        every = np.concatenate(seconds)
        p50, p99 = np.quantile(every, (0.5, 0.99)).tolist()
        return Freshness(p50, p99, len(every), datetime.fromtimestamp(max(self._begun, now - WINDOW_SECONDS), UTC))

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[0][0] <= now - WINDOW_SECONDS:
            self._seen.popleft()
