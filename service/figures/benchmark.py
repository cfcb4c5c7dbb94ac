"""The official statistic for the nearest occupation and area, beside ours and never mixed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.figures.cohort import Cohort
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.estimates import round_to
from service.figures.money import Basis, Measure
from service.figures.official import Official, read_release, shipped
from service.figures.privacy import Policy

LEAST_SHARE = 0.9
"""Of a cohort's reports that must be of the occupation's roles, and of the area, for the two to be comparable."""
AREAS = (Dimension.METRO, Dimension.REGION, Dimension.COUNTRY)
NOTE = (
    "OEWS counts wages and salaries with tips and production bonuses, not other bonuses, stock or benefits, of all "
    "levels together, so it stands beside our base pay. BLS has no occupation for ML engineers: this is the nearest."
)


@dataclass(frozen=True)
class Benchmark:
    """An official statistic; `relative_gap` is our median base over its median, less one."""

    official: Official
    relative_gap: float | None
    note: str = NOTE


class Benchmarks:
    """The official statistics that cohorts are put beside: those that ship, and before them those of a release."""

    def __init__(self, release: Path | None = None) -> None:
        self._held = (*(read_release(release) if release else ()), *shipped())

    def beside(self, cohort: Cohort, policy: Policy) -> Benchmark | None:
        """Return the statistic of the narrowest area beside a cohort; None where there is none for its roles."""
        for place in _places(cohort):
            for official in self._held:
                if official.place == place and _share(cohort, Dimension.ROLE, official.roles) >= LEAST_SHARE:
                    ours = Distribution(cohort, Measure.BASE, Basis(), policy).quantile(0.5)
                    return Benchmark(official, round_to(ours.value / official.median - 1, 3) if ours else None)
        return None


SHIPPED = Benchmarks()


def _places(cohort: Cohort) -> Iterator[str]:
    """Yield the metro, the region and the country that nearly all of a cohort are of."""
    for dimension in AREAS:
        counts = cohort.counts(dimension)
        code = max(counts, key=counts.__getitem__, default=0)
        if code and counts[code] >= LEAST_SHARE * len(cohort):
            yield cohort.snapshot.codebooks[dimension].values[code]


def _share(cohort: Cohort, dimension: Dimension, values: frozenset[str]) -> float:
    return sum(len(cohort.carrying(dimension, value)) for value in values) / len(cohort)
