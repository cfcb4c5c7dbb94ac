"""Kinds of evidence are kept apart: postings as the ranges that they give, official statistics in no figure."""

import numpy as np

from service.figures.distribution import Distribution
from service.figures.estimates import round_to
from service.figures.money import Basis, Measure, PayBasis, basis_in
from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from tests.unit.figures.reports import document, snapshot_of


def median(snapshot: Snapshot, measure: Measure, basis: Basis | None = None) -> float | None:
    found = Distribution(snapshot.cohort(), measure, basis or Basis(), Policy()).quantile(0.5)
    return found.value if found else None


def test_postings_are_given_as_the_ends_of_their_ranges() -> None:
    rng = np.random.default_rng(1)
    lows = rng.integers(90_000, 150_000, 50).astype(float)
    held = [
        document(
            str(n),
            low * 1.2,
            kind="posting",
            pay={"total": low * 1.2, "first_year": low * 1.2, "low": low, "high": low * 1.4},
        )
        for n, low in enumerate(lows)
    ]
    snapshot = snapshot_of([*held, *(document(f"s{n}", 5e5) for n in range(10))])
    assert median(snapshot, Measure.RANGE_LOW) == round_to(float(np.median(lows)), 3)
    assert median(snapshot, Measure.RANGE_HIGH) == round_to(float(np.median(lows * 1.4)), 3)
    first = basis_in("USD", None, PayBasis.FIRST_YEAR)
    assert median(snapshot, Measure.RANGE_LOW, first) == median(snapshot, Measure.RANGE_LOW)


def test_official_statistics_are_in_no_figure() -> None:
    people = [document(str(n), 1e5 + 1_000 * n) for n in range(21)]
    official = [document(f"o{n}", 1e7, kind="official") for n in range(21)]
    alone, beside = snapshot_of(people), snapshot_of([*people, *official[:10]], official[10:])
    assert len(beside.cohort()) == len(alone.cohort())
    assert median(beside, Measure.TOTAL) == median(alone, Measure.TOTAL) == 110_000
