"""An estimate: a statistic with its 95% interval, as it is published."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum


class EstimateKind(StrEnum):
    """How a figure came about."""

    OBSERVED = "observed"
    POOLED = "pooled"
    MODELLED = "modelled"


@dataclass(frozen=True)
class Estimate:
    """A statistic; `low` and `high` are None where the sample is too small for an interval to exist."""

    value: float
    low: float | None = None
    high: float | None = None
    kind: EstimateKind = EstimateKind.OBSERVED

    @classmethod
    def of(cls, value: float, interval: tuple[float, float] | None, scale: float = 1.0, digits: int = 3) -> "Estimate":
        """Return an estimate, multiplied by `scale` and rounded to significant digits, with its interval."""
        low, high = (None, None) if interval is None else (round_to(bound * scale, digits) for bound in interval)
        return cls(round_to(value * scale, digits), low, high)

    @classmethod
    def exactly(cls, value: float, interval: tuple[float, float] | None) -> "Estimate":
        """Return an estimate as it was computed, to be rounded."""
        return cls(value, *(interval or (None, None)))

    def changed(self, change: Callable[[float], float]) -> "Estimate":
        """Return the estimate with its value and its bounds changed alike."""
        low, high = (None if bound is None else change(bound) for bound in (self.low, self.high))
        return replace(self, value=change(self.value), low=low, high=high)


def round_to(value: float, digits: int) -> float:
    """Return a number rounded to significant digits."""
    return float(f"{value:.{digits - 1}e}")
