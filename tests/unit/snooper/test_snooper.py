"""Nobody's pay is recovered by differencing, and it would be without any one of the rules."""

import asyncio
from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice
from random import Random

import pytest

from service.figures.privacy import Policy
from tests.unit.figures.reports import snapshot_of
from tests.unit.snooper import attacks
from tests.unit.snooper.attacks import Sum
from tests.unit.snooper.people import Population, population
from tests.unit.snooper.snooper import CLOSE, Cut, Snooper, knowledge, misled, recovered

SUMS_OF_A_KIND = 220
FEW_SUMS = 60
NARROWEST = 1.3
"""The upper over the lower end of what is left of anybody's pay; 1.105 would be a claim."""


@cache
def people() -> Population:
    return population()


@cache
def known() -> tuple[list[Cut], list[Cut]]:
    singles = knowledge(people().documents)
    return singles, attacks.many_cuts(singles, Random(1), 8_000)


@cache
def ways() -> dict[str, list[Sum]]:
    """Every kind of attack, each with sums that are found by knowledge alone."""
    singles, cuts = known()
    random = Random(2)
    twos = random.sample([cut for cut in cuts if len(cut.where) == 2], 700)
    everybody = (1 << len(people().pay)) - 1
    alone = ((attacks.single(cut.people), ((1, cut),)) for cut in attacks.narrow_cuts(singles, random))
    found: dict[str, Iterable[Sum]] = {
        "alone": ((person, terms) for person, terms in alone if person is not None),
        "overlaps": attacks.overlaps(cuts),
        "exclusions": attacks.exclusions(cuts, singles, random),
        "longer lists": attacks.longer_lists(cuts[:3_000], singles),
        "moved edges": attacks.moved_edges(twos, singles),
        "trackers": attacks.trackers(singles, twos, everybody),
        "trackers by who is neither": attacks.trackers_outside(singles, twos, everybody),
        "remainders": attacks.remainders(cuts, singles),
    }
    held = {name: list(islice(sums, 4_000)) for name, sums in found.items()}
    for sums in held.values():
        random.shuffle(sums)
    return held


def snoop(names: Iterable[str], many: int, policy: Policy | None = None, *, exact: bool = False) -> Snooper:
    # a snapshot of its own, since cohorts remember whether they may be published
    snooper = Snooper(snapshot_of(people().documents), policy or Policy(), len(people().pay), exact)

    async def attack() -> None:
        for name in names:
            for person, terms in ways()[name][:many]:
                await snooper.difference(person, *terms)

    asyncio.run(attack())
    assert misled(snooper, people().pay) == [], "what is deduced is true, or the snooper measures nothing"
    return snooper


def test_nobodys_pay_is_recovered_to_within_five_percent() -> None:
    snooper = snoop(ways(), SUMS_OF_A_KIND)
    assert snooper.queries > 2_500
    assert snooper.published > 700, "most cohorts of an attack are published; what is withheld is what completes it"
    assert recovered(snooper, people().pay) == []
    assert snooper.claims() == {}
    assert min(snooper.narrowed(), default=NARROWEST) >= NARROWEST


def test_a_guess_by_the_median_is_what_no_statistic_can_hide() -> None:
    singles, cuts = known()
    snooper = Snooper(snapshot_of(people().documents), Policy(), len(people().pay))
    targets = Random(3).sample(range(len(people().pay)), 100)

    async def guess() -> list[float | None]:
        twos = [cut for cut in cuts if len(cut.where) <= 2]
        return [await snooper.guess(target, twos) for target in targets]

    guesses = asyncio.run(guess())
    close = [abs(guess / people().pay[who] - 1) <= CLOSE for who, guess in zip(targets, guesses, strict=True) if guess]
    assert len(singles) > 100
    # pay varies by a fifth around what is known of a person: a tenth to a third of all guesses are close
    assert 0.05 < sum(close) / len(close) < 0.4


def without_complement(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("service.figures.privacy.neighbour_of", lambda *_: None)


def without_sums_and_resolution(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("service.figures.privacy.adds_up_to_few", lambda *_: False)
    patch.setattr("service.figures.distribution.mean_step", lambda mean, *_: mean * 1e-12)
    patch.setattr("service.figures.distribution.widened", lambda low, high, **_: (low, high))


@pytest.mark.parametrize(
    ("names", "policy", "change", "exact", "least"),
    [
        (["alone"], Policy(minimum_contributors=1), None, False, 40),
        (["overlaps", "exclusions", "longer lists", "moved edges"], Policy(), without_complement, False, 5),
        (["trackers", "remainders"], Policy(digits=12), without_sums_and_resolution, True, 20),
    ],
    ids=["of one person", "without complement", "without sums and resolution"],
)
def test_without_a_rule_many_are_recovered(
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    policy: Policy,
    change: Callable[[pytest.MonkeyPatch], None] | None,
    exact: bool,
    least: int,
) -> None:
    if change:
        change(monkeypatch)
    snooper = snoop(names, FEW_SUMS if len(names) < 3 else 2 * FEW_SUMS, policy, exact=exact)
    assert len(recovered(snooper, people().pay)) >= least
