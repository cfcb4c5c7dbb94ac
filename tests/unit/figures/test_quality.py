"""Quality, confidence and the official statistic on documents that are made for it."""

from datetime import datetime

import pytest

from schema.vocabulary import MatchKind, QualityFlag
from service.figures.benchmark import SHIPPED
from service.figures.conditions import OneOf
from service.figures.dimensions import Dimension
from service.figures.privacy import Policy
from service.figures.quality import ConfidenceGrade, ConfidenceReason, confidence, quality
from tests.unit.figures.reports import document, snapshot_of

SURE = {"role": 3, "level": 3, "place": 3}


def test_flags_count_the_reports_that_figures_leave_out_too() -> None:
    base = [document(str(n), 1e5, level="mid", flags=["outlier"] if n < 3 else [], matches=SURE) for n in range(10)]
    delta = [document("x", 1e5, level="mid", flags=["range"], merged=True), document("y", 1e5, level="senior")]
    snapshot = snapshot_of(base, delta, dead=(0,))
    cohort = snapshot.cohort(OneOf(Dimension.LEVEL, frozenset({"MID"})))
    assert len(cohort) == 8
    found = quality(cohort)
    assert {(flag.flag, flag.reports, flag.excluded) for flag in found.flags} == {
        (QualityFlag.OUTLIER, 2, True),
        (QualityFlag.RANGE, 1, False),
    }
    assert found.ranges_merged == 1
    assert dict(found.matches) == {MatchKind.NONE: 1, MatchKind.EXACT: 9}
    (group,) = cohort.groups(Dimension.LEVEL).values()
    assert quality(group) == found, "a group knows what was left out of it as the cohort does"


def test_a_verified_survey_of_many_recent_reports_is_an_a() -> None:
    held = [document(str(n), 1e5, verification="document", company=f"c{n % 9}", matches=SURE) for n in range(60)]
    snapshot = snapshot_of(held)
    assert confidence(snapshot.cohort(), snapshot.newest_day).grade is ConfidenceGrade.A


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"verification": "none"}, ConfidenceReason.UNVERIFIED),
        ({"kind": "posting"}, ConfidenceReason.POSTINGS),
        ({"matches": {"role": 1}}, ConfidenceReason.FUZZY_MATCHES),
        ({"company": "one"}, ConfidenceReason.DOMINATED),
        ({"synthetic": True}, ConfidenceReason.SYNTHETIC),
        ({"contributor": "0a"}, ConfidenceReason.SMALL_SAMPLE),
        ({"effective": datetime(2020, 1, 1)}, ConfidenceReason.STALE),
    ],
)
def test_each_thing_that_lowers_confidence_is_named(changed: dict[str, object], reason: ConfidenceReason) -> None:
    good = {"verification": "document", "matches": SURE}
    held = [document(str(n), 1e5, **{"company": f"c{n % 9}", **good, **changed}) for n in range(60)]
    recent = document("recent", 1e5, level="senior", **good)
    snapshot = snapshot_of([{**each, "level": "mid"} for each in held] + [recent])
    found = confidence(snapshot.cohort(OneOf(Dimension.LEVEL, frozenset({"MID"}))), snapshot.newest_day)
    assert found.reasons == (reason,)
    assert found.grade is (ConfidenceGrade.D if reason is ConfidenceReason.SYNTHETIC else ConfidenceGrade.B)


def test_the_official_statistic_stands_beside_base_pay_of_the_same_occupation_and_country() -> None:
    pay = {"total": 200_000.0, "first_year": 200_000.0, "base": 112_590.0 * 1.1}
    held = [document(str(n), 1, role="data-scientist", country="US", pay=pay) for n in range(20)]
    found = SHIPPED.beside(snapshot_of(held).cohort(), Policy())
    assert found is not None
    assert (found.official.occupation, found.official.median, found.relative_gap) == (
        "Data Scientists (15-2051)",
        112_590,
        0.101,
    )
    abroad = [{**each, "country": "DE"} for each in held]
    assert SHIPPED.beside(snapshot_of(abroad).cohort(), Policy()) is None
    mixed = [{**each, "role": "data-scientist" if n % 2 else "software-engineer"} for n, each in enumerate(held)]
    assert SHIPPED.beside(snapshot_of(mixed).cohort(), Policy()) is None
    assert SHIPPED.beside(snapshot_of([]).cohort(), Policy()) is None
