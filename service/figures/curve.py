"""The published quantiles as a curve, read backwards: what it says of shares rests on nothing else."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from service.figures.estimates import Estimate


@dataclass(frozen=True)
class Curve:
    """Quantiles by share, ascending, each as it is published: rounded, with its interval."""

    shares: tuple[float, ...]
    quantile: Callable[[float], Estimate]

    def share_to(self, amount: float) -> float:
        """Return the share at or below an amount, linear between quantiles; 0 below the first and 1 above the last."""
        return self._read(amount, lambda p: self.quantile(p).value, bisect_right)

    def rank(self, amount: float) -> tuple[float, tuple[float, float]]:
        """Return the share at or below an amount, and its interval: the shares whose quantiles' intervals hold it.

        Beyond the outermost quantile it is that one's share while its interval holds the amount, and else 0 or 1.
        """
        first, last = self.shares[0], self.shares[-1]
        low = min(self._read(amount, self._high, bisect_left), last)
        high = max(self._read(amount, self._low, bisect_right), first)
        value = self.share_to(amount)
        if self._low(first) <= amount <= self._high(last):
            value = min(max(value, first), last)
        return value, (low, high)

    def _read(self, amount: float, bound: Callable[[float], float], bisect: Callable[..., int]) -> float:
        place = bisect(self.shares, amount, key=bound)
        if place in (0, len(self.shares)):
            return float(place > 0)
        (low, lower), (high, upper) = ((share, bound(share)) for share in self.shares[place - 1 : place + 1])
        return low + (high - low) * (amount - lower) / (upper - lower)

    def _low(self, share: float) -> float:
        low = self.quantile(share).low
        return float("-inf") if low is None else low

    def _high(self, share: float) -> float:
        high = self.quantile(share).high
        return float("inf") if high is None else high
