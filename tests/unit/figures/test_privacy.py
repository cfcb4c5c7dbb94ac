"""What may be published: rules on who is in a cohort, and how finely figures of it are given."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from service.figures.conditions import EVERYTHING, AllOf, Between, Condition, Not, OneOf, both
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.edges import roundness, span_of, spanning
from service.figures.extremes import LARGE
from service.figures.money import Basis, Measure, PayBasis, basis_in
from service.figures.privacy import (
    POLICIES,
    Policy,
    PolicyName,
    SuppressionReason,
    difference_of,
    dominance_of,
    suppression_of,
)
from service.figures.resolution import coarser, effect_step, finer, has_quantile, mean_step
from service.figures.snapshot import Snapshot
from tests.unit.figures.reports import document, snapshot_of

POLICY, STRICT = POLICIES[PolicyName.WORKER_PUBLIC], POLICIES[PolicyName.EMPLOYER_STRICT]
Held = list[dict[str, Any]]


def people(count: int, start: int = 0, **more: Any) -> Held:
    return [document(f"{more.get('company')}-{start + n}", 100_000.0 + 1_000 * n, **more) for n in range(count)]


def named(dimension: Dimension, *values: str) -> OneOf:
    return OneOf(dimension, frozenset(values))


def reason(snapshot: Snapshot, where: Condition, policy: Policy = POLICY) -> SuppressionReason | None:
    found = suppression_of(snapshot.cohort(where), policy)
    return found.reason if found else None


def distribution(held: Held, basis: Basis | None = None) -> Distribution:
    return Distribution(snapshot_of(held).cohort(), Measure.TOTAL, basis or Basis(), POLICY)


@pytest.mark.parametrize(("others", "expected"), [(0, None), (1, "complement"), (4, "complement"), (5, None)])
def test_a_cut_that_leaves_out_one_to_four_people_is_withheld(others: int, expected: str | None) -> None:
    held = people(30, employment="full_time", company="a") + people(others, employment="part_time", company="b")
    assert reason(snapshot_of(held), named(Dimension.EMPLOYMENT, "FULL_TIME")) == expected


def test_people_are_counted_and_not_their_reports() -> None:
    held = people(30, company="a", level="mid") + people(9, company="b", level="senior", contributor="0a")
    assert reason(snapshot_of(held), named(Dimension.LEVEL, "MID")) == SuppressionReason.COMPLEMENT
    assert reason(snapshot_of(held), named(Dimension.LEVEL, "SENIOR")) == SuppressionReason.TOO_FEW_CONTRIBUTORS


def test_a_cohort_is_the_same_whatever_it_is_asked_by() -> None:
    """All of a metro but one work for one employer there, so the metro's seniors are that employer's, less one."""
    held = people(8, company="a", level="senior", metro="berlin", country="DE")
    held += people(1, 50, company="a", level="senior", metro="munich", country="DE")
    held += people(40, company="b", level="mid", metro="munich", country="DE")
    snapshot = snapshot_of(held)
    senior, berlin = named(Dimension.LEVEL, "SENIOR"), named(Dimension.METRO, "berlin")
    assert reason(snapshot, both(senior, berlin)) == SuppressionReason.COMPLEMENT
    assert reason(snapshot, berlin) == SuppressionReason.COMPLEMENT
    assert reason(snapshot, both(senior, named(Dimension.COMPANY, "a"))) is None


def test_a_list_with_a_value_of_few_people_is_withheld_and_without_it_is_not() -> None:
    held = [each for c, n in (("a", 20), ("b", 20), ("c", 3), ("d", 20)) for each in people(n, company=c)]
    snapshot = snapshot_of(held)
    assert reason(snapshot, named(Dimension.COMPANY, "a", "b", "c")) == SuppressionReason.COMPLEMENT
    assert reason(snapshot, named(Dimension.COMPANY, "a", "b")) is None
    assert reason(snapshot, Not(named(Dimension.COMPANY, "c"))) == SuppressionReason.COMPLEMENT
    assert reason(snapshot, Not(named(Dimension.COMPANY, "a", "c"))) == SuppressionReason.COMPLEMENT


def by_month(counts: dict[tuple[int, int], int]) -> Snapshot:
    return snapshot_of(
        [
            each
            for (year, month), count in counts.items()
            for each in people(count, 1_000 * year + 50 * month, effective=datetime(year, month, 10))
        ]
    )


def since(year: int, month: int) -> Between:
    first = (datetime(year, month, 1) - datetime(1970, 1, 1)).days
    return Between("day", first, 65_535)


def test_an_edge_is_compared_with_rounder_edges_and_a_year_only_with_years() -> None:
    snapshot = by_month({(2023, 6): 20, (2024, 1): 2, (2024, 2): 9, (2024, 8): 30})
    assert reason(snapshot, since(2024, 1)) is None, "a year is as round as can be"
    assert reason(snapshot, since(2024, 2)) == SuppressionReason.COMPLEMENT, "less than the year by two people"
    assert reason(snapshot, since(2024, 3)) is None
    snapshot = by_month({(2023, 6): 20, (2024, 1): 20, (2024, 4): 2, (2024, 5): 9, (2024, 8): 30})
    assert reason(snapshot, since(2024, 4)) is None, "a quarter is compared with quarters and years"
    assert reason(snapshot, since(2024, 5)) == SuppressionReason.COMPLEMENT, "less than the quarter by two people"


def test_ranges_of_months_and_years_have_edges_that_come_back() -> None:
    part = spanning("day", 12 * 54 + 2, 12 * 55 + 1)
    assert span_of(part) == (12 * 54 + 2, 12 * 55 + 1)
    assert [roundness("day", cell) for cell in (12 * 54 + 1, 12 * 54 + 4, 12 * 54 + 2)] == [3, 2, 1]
    assert [roundness("experience", 1 + 2 * years) for years in (5, 6)] == [2, 1]
    assert roundness("experience", 2) == 0


def test_two_conditions_that_few_meet_neither_of_are_withheld() -> None:
    held = people(30, company="a", level="mid") + people(30, company="b", level="senior")
    held += people(30, company="a", level="senior") + people(1, company="b", level="mid", start=90)
    snapshot = snapshot_of(held)
    where = both(named(Dimension.COMPANY, "a"), named(Dimension.LEVEL, "SENIOR"))
    assert reason(snapshot, where) == SuppressionReason.COMPLEMENT


def test_groups_and_parts_of_pay_obey_the_same_rules() -> None:
    held = people(30, company="a", level="mid") + people(2, company="b", level="senior")
    groups = snapshot_of(held).cohort().groups(Dimension.LEVEL)
    found = {suppression.reason for group in groups.values() if (suppression := suppression_of(group, POLICY))}
    assert found == {SuppressionReason.COMPLEMENT, SuppressionReason.TOO_FEW_CONTRIBUTORS}
    # six people more, but only one of them names a bonus
    pays = {"total": 1e5, "first_year": 1e5, "base": 9e4}
    bonus = [document(f"x{n}", 1e5, level="mid", pay={**pays, "bonus": 1e4}) for n in range(20)]
    rest = [document(f"y{n}", 1e5, level="senior", pay=pays | ({} if n else {"bonus": 5e4})) for n in range(6)]
    mid = snapshot_of(bonus + rest).cohort(named(Dimension.LEVEL, "MID"))
    assert Distribution(mid, Measure.TOTAL, Basis(), POLICY).suppression is None
    withheld = Distribution(mid, Measure.BONUS, Basis(), POLICY).suppression
    assert withheld is not None
    assert withheld.reason == SuppressionReason.COMPLEMENT


def test_a_large_cohort_has_the_figures_of_its_neighbour_and_says_so() -> None:
    rng = np.random.default_rng(2)
    held = [
        document(str(n), float(rng.lognormal(12, 0.4)), employment="part_time" if n < 3 else "full_time")
        for n in range(LARGE + 3)
    ]
    snapshot = snapshot_of(held)
    part = Distribution(snapshot.cohort(named(Dimension.EMPLOYMENT, "FULL_TIME")), Measure.TOTAL, Basis(), POLICY)
    whole = Distribution(snapshot.cohort(), Measure.TOTAL, Basis(), POLICY)
    assert (part.suppression, part.blurred_by, whole.blurred_by) == (None, 3, 0)
    assert [part.quantile(p) for p in (0.1, 0.5, 0.9)] == [whole.quantile(p) for p in (0.1, 0.5, 0.9)]
    assert part.mean() == whole.mean()


@pytest.mark.parametrize(("n", "others", "withheld"), [(35, 1, True), (36, 1, False), (143, 2, True), (144, 2, False)])
def test_a_cohort_is_withheld_only_where_its_neighbour_is_not_alike(n: int, others: int, withheld: bool) -> None:
    held = people(n, level="senior", company="a") + people(others, n, level="mid", company="a")
    found = Distribution(snapshot_of(held).cohort(named(Dimension.LEVEL, "SENIOR")), Measure.TOTAL, Basis(), POLICY)
    assert (found.suppression is not None) is withheld
    assert found.blurred_by == (0 if withheld else others)
    assert difference_of(found.cohort, found.cohort.snapshot.cohort()) == (others if withheld else 0)


def test_a_cohort_of_few_people_is_never_given_the_figures_of_another() -> None:
    held = people(40, level="senior", company="a", contributor="0a") + people(1, 40, level="mid", company="a")
    found = Distribution(snapshot_of(held).cohort(named(Dimension.LEVEL, "SENIOR")), Measure.TOTAL, Basis(), POLICY)
    assert found.suppression is not None
    assert found.suppression.reason == SuppressionReason.TOO_FEW_CONTRIBUTORS


def test_that_a_cohort_is_withheld_says_nothing_of_pay() -> None:
    held = people(30, company="a", level="mid") + people(3, company="b", level="senior")
    richer = [{**each, "pay": {**each["pay"], "total": 9 * each["pay"]["total"]}} for each in held]
    where = named(Dimension.LEVEL, "MID")
    assert reason(snapshot_of(held), where) == reason(snapshot_of(richer), where) == SuppressionReason.COMPLEMENT


def test_the_strict_policy_wants_five_employers_and_none_above_a_quarter() -> None:
    old = datetime(2020, 1, 1)
    even = [each for c in "abcdef" for each in people(6, company=c, effective=old)]
    snapshot = snapshot_of([*even, document("new", 1e5, effective=datetime(2025, 1, 1))])
    assert reason(snapshot, EVERYTHING, STRICT) is None
    four = named(Dimension.COMPANY, "a", "b", "c", "d")
    assert reason(snapshot, four, STRICT) == SuppressionReason.TOO_FEW_COMPANIES
    assert reason(snapshot, four) is None
    giant = [*even, *people(20, start=100, company="a", effective=old)]
    assert dominance_of(snapshot_of(giant).cohort()) == pytest.approx(26 / 56)
    assert reason(snapshot_of(giant), EVERYTHING, STRICT) == SuppressionReason.DOMINATED


def test_one_persons_reports_are_one_person_of_an_employer() -> None:
    held = people(9, company="a", contributor="0a") + people(3, company="b") + people(6, company=None)
    assert dominance_of(snapshot_of(held).cohort()) == pytest.approx(3 / 10)


def test_reports_count_when_they_are_ninety_days_older_than_the_newest() -> None:
    newest = datetime(2025, 6, 1)
    ages = [0, *([30] * 6), *([90] * 6)]
    held = [document(str(n), 1e5, level="mid" if a == 30 else "senior", effective=newest - timedelta(days=a))
            for n, a in enumerate(ages)]  # fmt: skip
    strict = Policy(minimum_age_days=90)
    snapshot = snapshot_of(held).aged(90)
    assert (len(snapshot.cohort()), len(snapshot_of(held).cohort())) == (6, 13)
    assert reason(snapshot, named(Dimension.LEVEL, "MID"), strict) == SuppressionReason.TOO_RECENT
    assert reason(snapshot, named(Dimension.LEVEL, "ENTRY"), strict) == SuppressionReason.TOO_FEW_CONTRIBUTORS
    assert reason(snapshot, named(Dimension.LEVEL, "SENIOR"), strict) is None


def test_ranks_and_histograms_say_no_more_than_the_published_quantiles() -> None:
    """Pay that moves between the quantiles and changes none of them changes nothing."""
    amounts = np.sort(np.random.default_rng(1).lognormal(12, 0.4, 40))
    moved = amounts.copy()
    published = distribution([document(str(n), float(x)) for n, x in enumerate(amounts)])
    told = [published.quantile(p) for p in (0.1, 0.25, 0.5, 0.75, 0.9)]
    free = [
        place for place in range(1, 39)
        if _tells_the_same(amounts, place, told)
    ]  # fmt: skip
    assert free, "some reports stand in no published number"
    for place in free:
        moved[place] = (amounts[place - 1] + amounts[place]) / 2
    other = distribution([document(str(n), float(x)) for n, x in enumerate(moved)])
    assert [other.quantile(p) for p in (0.1, 0.25, 0.5, 0.75, 0.9)] == told
    for amount in np.linspace(50_000, 500_000, 200).tolist():
        assert other.rank(amount) == published.rank(amount)
    assert other.histogram(20) == published.histogram(20)


def _tells_the_same(amounts: np.ndarray, place: int, told: list[Any]) -> bool:
    changed = amounts.copy()
    changed[place] = (amounts[place - 1] + amounts[place]) / 2
    found = distribution([document(str(n), float(x)) for n, x in enumerate(changed)])
    return [found.quantile(p) for p in (0.1, 0.25, 0.5, 0.75, 0.9)] == told


def test_a_bound_that_is_the_lowest_or_highest_pay_is_nobodys() -> None:
    held = [
        document(str(n), x) for n, x in enumerate((101_000.0, 120_000.0, 130_000.0, 140_000.0, 150_000.0, 163_000.0))
    ]
    median = distribution(held).quantile(0.5)
    assert median is not None
    assert (median.low, median.value, median.high) == (100_000, 135_000, 200_000)
    nine = [document(str(n), 100_000.0 + 10_000 * n) for n in range(9)]
    median = distribution(nine).quantile(0.5)
    assert median is not None
    assert (median.low, median.high) == (110_000, 170_000), "the second of nine and the last but one"


def test_rank_intervals_cover_the_true_share_at_their_rate() -> None:
    rng = np.random.default_rng(4)
    amount, runs, covered = float(np.exp(12.1)), 400, 0
    truth = 0.5987  # the normal share below (12.1 - 12) / 0.4
    for _ in range(runs):
        found = distribution([document(str(n), float(x)) for n, x in enumerate(rng.lognormal(12, 0.4, 60))]).rank(
            amount
        )
        assert found is not None
        covered += (found.low or 0) <= truth <= (found.high or 1)
    assert covered / runs >= 0.93


GIVEN = [(5, 0.5), (13, 0.25), (36, 0.9), (300, 0.05), (1_500, 0.01)]
NOT_GIVEN = [(12, 0.25), (35, 0.9), (299, 0.05), (1_499, 0.01), (9_999, 0.015)]


@pytest.mark.parametrize(
    ("n", "p", "given"), [*((*case, True) for case in GIVEN), *((*case, False) for case in NOT_GIVEN)]
)
def test_quantiles_are_published_on_a_grid_that_grows_with_the_reports(n: int, p: float, given: bool) -> None:
    assert has_quantile(n, p) is given


def test_a_mean_times_n_does_not_tell_what_one_person_more_adds() -> None:
    for n in (5, 20, 100, 400):
        assert mean_step(150_000, n, 3) * n >= 2 * 150_000
    assert mean_step(153_000, 400, 3) == 1_000, "from there on the three digits are coarser"
    assert effect_step(600) == pytest.approx(5e-4)


def test_round_amounts_are_one_two_or_five_times_a_power_of_ten() -> None:
    assert [coarser(x) for x in (101_000, 200_000, 0.0003)] == pytest.approx([200_000, 200_000, 0.0005])
    assert [finer(x) for x in (101_000, 99_000, 0.7)] == pytest.approx([100_000, 50_000, 0.5])


def test_amounts_are_rounded_in_dollars_before_they_are_converted() -> None:
    """Else a thousand rates of exchange, each with edges of its own between two roundings, would tell every digit."""
    held = [document(str(n), 100_000.0 + 7.0 * n) for n in range(30)]
    other = [document(str(n), 100_030.0 + 7.0 * n) for n in range(30)]
    for day in range(0, 300, 7):
        basis = basis_in("EUR", (datetime(2024, 1, 2) + timedelta(days=day)).date(), PayBasis.ANNUALIZED, "2024-07")
        assert distribution(held, basis).quantile(0.5) == distribution(other, basis).quantile(0.5)


def test_a_policy_is_told_by_its_name_and_keeps_the_least_number_of_people() -> None:
    assert AllOf(()) == EVERYTHING
    assert (STRICT.minimum_companies, STRICT.dominance, STRICT.minimum_age_days) == (5, 0.25, 90)
    assert (POLICY.minimum_contributors, STRICT.minimum_contributors) == (5, 5)
