"""Negotiation and mobility against numpy and scipy on the same reports."""

import numpy as np
import pytest
from scipy import stats

from service.figures.negotiation import mobility, negotiation
from service.figures.privacy import Policy
from tests.unit.figures.reports import document, snapshot_of

POLICY = Policy()


def offers(count: int) -> list[dict[str, object]]:
    rng = np.random.default_rng(8)
    held = []
    for number in range(count):
        said = None if number % 5 == 0 else bool(rng.random() < 0.4)
        total = float(rng.lognormal(12, 0.3))
        facts = {} if said is None else {"negotiated": said}
        if said:
            facts["first_total"] = total / (1 + float(rng.normal(0.08, 0.03)))
        held.append(document(str(number), total, negotiation=facts))
    return held


def test_the_share_and_the_uplift_are_of_those_who_say() -> None:
    held = offers(400)
    found = negotiation(snapshot_of(held[:200], held[200:]).cohort(), POLICY)
    said = [each["negotiation"] for each in held if "negotiated" in each["negotiation"]]  # type: ignore[operator]
    yes = sum(facts["negotiated"] for facts in said)  # type: ignore[index]
    assert len(found.sample) == len(said)
    assert found.negotiated_share is not None
    expected = stats.binomtest(yes, len(said)).proportion_ci(0.95, "exact")
    assert found.negotiated_share.value == pytest.approx(yes / len(said), rel=5e-3)
    assert (found.negotiated_share.low, found.negotiated_share.high) == pytest.approx(tuple(expected), rel=5e-3)
    uplifts = [
        each["pay"]["total"] / each["negotiation"]["first_total"] - 1  # type: ignore[index]
        for each in held
        if each["negotiation"].get("first_total")  # type: ignore[attr-defined]
    ]
    assert found.uplift_total is not None
    assert found.uplift_total.value == pytest.approx(np.median(uplifts), abs=6e-4)
    assert found.uplift_base is None, "nobody names the base of the first offer"


def test_growth_is_by_what_led_to_the_pay() -> None:
    rng = np.random.default_rng(9)
    growth = {"switch": 0.18, "raise": 0.05, "promotion": 0.12}
    held, ratios = [], {kind: [] for kind in growth}
    for number in range(600):
        kind = str(rng.choice(list(growth)))
        ratio, was = float(rng.normal(growth[kind], 0.05)), float(rng.lognormal(12, 0.3))
        ratios[kind].append(ratio)
        held.append(document(str(number), was * (1 + ratio), change=kind, previous_total=was))
    found = mobility(snapshot_of(held).cohort(), POLICY)
    for kind, estimate in (("switch", found.switched), ("raise", found.raised), ("promotion", found.promoted)):
        assert estimate is not None
        assert estimate.value == pytest.approx(np.median(ratios[kind]), abs=6e-4)
    assert found.difference is not None
    assert found.difference.low is not None
    assert found.difference.high is not None
    assert found.difference.value == pytest.approx(np.median(ratios["switch"]) - np.median(ratios["raise"]), abs=1e-3)
    assert found.difference.low < 0.13 < found.difference.high


def test_few_who_say_are_withheld() -> None:
    held = [document(str(n), 1e5, negotiation={"negotiated": True} if n < 4 else {}) for n in range(50)]
    found = negotiation(snapshot_of(held).cohort(), POLICY)
    assert found.negotiated_share is None
    assert found.suppression is not None
    assert mobility(snapshot_of(held).cohort(), POLICY).suppression is not None
