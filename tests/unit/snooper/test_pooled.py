"""Nobody's pay is recovered by what a thin cohort is drawn towards, nor by how far."""

import numpy as np
import pytest

from service.figures.conditions import OneOf
from service.figures.dimensions import Dimension
from service.figures.money import Basis, Measure
from service.figures.pooling import Pooled, pooled
from service.figures.privacy import Policy
from tests.unit.figures.reports import document, snapshot_of

HIGHEST = 284e3
FIVE = (132e3, 148e3, 151e3, 170e3, 196e3)
METROS = tuple(f"metro-{letter}" for letter in "abcdef")
NARROW = 1.15
CANDIDATES = np.geomspace(205e3, 480e3, 45)


def drawn(highest: float) -> list[Pooled]:
    """Return what is told of each metro: of six people, and of five times as many elsewhere."""
    random = np.random.default_rng(4)
    here = [document(f"h{n}", pay, metro=METROS[0]) for n, pay in enumerate((*FIVE, highest))]
    elsewhere = [
        document(f"{metro}{n}", float(1.6e5 * random.lognormal(0, 0.25)), metro=metro)
        for metro in METROS[1:]
        for n in range(30)
    ]
    snapshot = snapshot_of([*here, *elsewhere])
    cohorts = [snapshot.cohort(OneOf(Dimension.METRO, frozenset({metro}))) for metro in METROS]
    return [pooled(each, Dimension.METRO, Measure.TOTAL, Basis(), Policy()) for each in cohorts]


def told(highest: float) -> list[object]:
    found = drawn(highest)
    assert all(each.estimate for each in found)
    return [(each.estimate, each.weight) for each in found]


def as_good() -> list[float]:
    """Return the amounts that give the same answers, of all of which the snooper knows everything else."""
    return [float(each) for each in CANDIDATES if told(float(each)) == told(HIGHEST)]


def test_who_knows_all_others_does_not_learn_the_highest_of_six_from_how_far_each_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert as_good() == CANDIDATES.tolist()
    monkeypatch.setattr("service.figures.comparison.widened", lambda low, high, **_: (low, high))
    found = as_good()
    assert max(found) < NARROW * min(found), "one question; other dimensions would narrow it further"
