"""An estimate: a statistic with its 95% interval, as it is published."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil, floor

from service.figures.resolution import multiple, rounded


class EstimateKind(StrEnum):
    """How a figure came about."""

    OBSERVED = "observed"
    POOLED = "pooled"
    MODELLED = "modelled"


NEAR = 1e-9
"""In steps: how near to a multiple a bound is taken to be one."""


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

    def rounded(self, step: float) -> "Estimate":
        """Return the estimate at the multiple of a step that is nearest; its bounds at those next outside them.

        Bounds that were rounded to the nearest would hold the truth less often than they say.
        """
        low, high = (
            None if bound is None else multiple(way(bound / step - slack), step)
            for bound, way, slack in ((self.low, floor, -NEAR), (self.high, ceil, NEAR))
        )
        return replace(self, value=rounded(self.value, step), low=low, high=high)

    def changed(self, change: Callable[[float], float]) -> "Estimate":
        """Return the estimate with its value and its bounds changed alike."""
        low, high = (None if bound is None else change(bound) for bound in (self.low, self.high))
        return replace(self, value=change(self.value), low=low, high=high)


def round_to(value: float, digits: int) -> float:
    """Return a number rounded to significant digits."""
    return float(f"{value:.{digits - 1}e}")
