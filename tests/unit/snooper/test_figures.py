"""Nobody's pay is recovered by the figures that are no plain quantile or mean, and it would be without their rules."""

from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy import special

from schema.vocabulary import TRUST
from service.figures.curve import Curve
from service.figures.estimates import Estimate, round_to
from service.figures.money import PayBasis, basis_in
from service.figures.prices import PRICES_HELD, price_index
from service.figures.resolution import shares_of
from service.figures.snapshot import Snapshot
from service.figures.weighting import Weighting
from tests.unit.figures.reports import document, snapshot_of
from tests.unit.snooper import attacks
from tests.unit.snooper.figures import INTERNATIONAL, PAY, Asker, band, members
from tests.unit.snooper.people import Population, population
from tests.unit.snooper.snooper import CERTAIN, CLOSE, Cut, knowledge

BY_LUCK = 0.4
"""Of claims that know nothing at most this share is right: see the guess by the median."""
MANY = 20
ASKED = 900
ESTIMATE = "{ value low high }"
REAL = basis_in("USD", None, PayBasis.ANNUALIZED, PRICES_HELD)
"""In the prices in which amounts are rounded, so that their ratio to plain ones is the bare factor."""


@cache
def people() -> Population:
    found, random = population(), Random(4)
    for each in found.documents:
        each["verification"] = "none" if random.random() < 0.8 else random.choice(list(TRUST)[1:])
    return found


@cache
def cuts() -> list[Cut]:
    return attacks.many_cuts(knowledge(people().documents), Random(1), 6_000)


def sized(least: int, most: int) -> list[Cut]:
    return [cut for cut in cuts() if least <= cut.people.bit_count() <= most]


def asker() -> Asker:
    # a snapshot of its own, since cohorts remember whether they may be published
    return Asker(snapshot_of(people().documents))


def is_right(person: int, amount: float) -> bool:
    return abs(amount / people().pay[person] - 1) <= CLOSE


def without_sharing(patch: pytest.MonkeyPatch) -> None:
    for module in ("money", "weighting"):
        patch.setattr(f"service.figures.{module}.shared", lambda _, values: values)


def price_factors() -> np.ndarray:
    index, last = price_index(), next(reversed(price_index()))
    months = [f"{each['effective']:%Y-%m}" for each in people().documents]
    known = [max(held for held in index if held <= min(month, last)) for month in months]
    return np.array([index[PRICES_HELD] / index[month] for month in known])


def linked(ask: Asker, factors: np.ndarray) -> list[tuple[int, float]]:
    """Claim that a median is the pay of the one whose own factor it has in the prices of another month."""
    claims = []
    for cut in Random(9).sample(sized(5, 25), ASKED):
        if cut.people.bit_count() % 2 == 0:
            continue  # the median is nobody's
        plain, real = ask.median(cut), ask.median(cut, REAL)
        if plain and real:
            low, high = band(real)[0] / band(plain)[1], band(real)[1] / band(plain)[0]
            matching = [person for person in members(cut) if low <= factors[person] <= high]
            claims += [(matching[0], plain)] if len(matching) == 1 else []
    return claims


def test_the_prices_of_a_month_do_not_tell_whose_a_median_is(monkeypatch: pytest.MonkeyPatch) -> None:
    factors = price_factors()
    right = [is_right(*claim) for claim in linked(asker(), factors)]
    assert sum(right) <= BY_LUCK * len(right)
    without_sharing(monkeypatch)
    right = [is_right(*claim) for claim in linked(asker(), factors)]
    assert len(right) > MANY
    assert sum(right) > 2 * BY_LUCK * len(right)


def weighed(ask: Asker) -> dict[int, tuple[float, float]]:
    """Deduce of each who alone is checked otherwise on which sides of medians they are: a weight draws a median."""
    weights = np.array([TRUST[each["verification"]] for each in people().documents])
    found: dict[int, tuple[float, float]] = {}
    for cut in sized(5, 60):
        inside = members(cut)
        kinds, counts = np.unique(weights[inside], return_counts=True)
        if len(kinds) != 2 or counts.min() != 1:
            continue
        person = next(each for each in inside if weights[each] == kinds[counts.argmin()])
        plain, drawn = ask.median(cut), ask.median(cut, by=Weighting.TRUST)
        if not plain or not drawn or plain == drawn:
            continue
        low, high = found.get(person, (0.0, float("inf")))
        is_above = (drawn > plain) == (kinds[counts.argmin()] == kinds.max())
        found[person] = (max(low, band(plain)[0]), high) if is_above else (low, min(high, band(plain)[1]))
    return found


def test_weights_do_not_tell_on_which_side_of_medians_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(found: dict[int, tuple[float, float]]) -> list[int]:
        return [person for person, (low, high) in found.items() if not low <= people().pay[person] <= high]

    found = weighed(asker())
    assert len(wrong(found)) > 0.2 * len(found), "what would be deduced is not true"
    assert not truly_narrowed(found, CERTAIN)
    without_sharing(monkeypatch)
    found = weighed(asker())
    assert len(found) > MANY
    assert wrong(found) == []
    assert truly_narrowed(found, CERTAIN)


def truly_narrowed(found: dict[int, tuple[float, float]], most: float) -> list[int]:
    """Return of whom rightly so much is deduced that the upper end is at most so many times the lower."""
    held = ((person, low, high) for person, (low, high) in found.items() if low > 0 and high <= most * low)
    return [person for person, low, high in held if low <= people().pay[person] <= high]


def outermost(pay: list[float]) -> tuple[float, float]:
    """Return what the lowest and the highest of six would be: the error of a median of so few is made of these two.

    A cohort beside itself has it twice. The interval reaches 1.96 times that, and it is the distance of the two over
    that of the normal quantiles that they stand for.
    """
    told = Asker(snapshot_of([document(str(n), each) for n, each in enumerate(pay)])).compared_with_itself(Cut({}, 63))
    assert told is not None
    apart = float(special.ndtri(0.975) * 2**0.5 / (-2 * special.ndtri(1 / 64)))
    spread, factor = told[0] / apart, float(np.expm1(np.log1p(told[1]) / apart))
    return spread / factor, spread / factor + spread


def test_comparing_a_few_with_themselves_does_not_tell_the_lowest_and_the_highest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pay = [132e3, 148e3, 151e3, 170e3, 196e3, 284e3]

    def furthest() -> float:
        found = outermost(pay)
        return max(abs(one / other - 1) for one, other in zip(found, (pay[0], pay[-1]), strict=True))

    assert furthest() > 4 * CLOSE
    monkeypatch.setattr("service.figures.comparison.widened", lambda low, high, **_: (low, high))
    assert furthest() < 2 * CLOSE


def alone_abroad() -> tuple[list[dict[str, Any]], float]:
    held = [document(f"u{n}", 90_000 + 3_000.0 * n, country="US") for n in range(40)]
    return [*held, document("x", 118_000.0, country="AQ")], 118_000.0


def test_whom_international_dollars_leave_out_is_not_found_by_taking_them_from_plain_ones() -> None:
    held, _ = alone_abroad()
    ask = Asker(snapshot_of(held))
    plain = ask.ask(PAY, where={}, basis={}, by="PERSON")["distribution"]
    without = ask.ask(PAY, where={}, basis=INTERNATIONAL, by="PERSON")["distribution"]
    # to Americans an international dollar is a dollar: the two would differ by one person
    assert plain["median"]
    assert without["median"] is None
    assert without["mean"] is None


def leaning() -> Snapshot:
    """Return people of whom five have a skill, of these four each with a control that nobody else has."""
    random = np.random.default_rng(6)
    homes = ("US", "CA", "AU")
    held = [
        document(f"u{n}", float(np.exp(12 + 0.02 * random.normal())), country=homes[n % 3], skills=["sql"])
        for n in range(90)
    ]
    abroad = ("DE", "FR", "GB", "IN")
    held += [document(f"a{n}", 1e5 + 7e4 * n, country=abroad[n], skills=["python"]) for n in range(4)]
    return snapshot_of([*held, document("x", 251_000.0, country="US", skills=["python"])])


def test_an_effect_that_rests_on_one_person_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    query = """{ cohort { distribution { median { value } }
        premium(dimension: SKILL, value: "python") { adjusted { value } verdict } } }"""
    assert Asker(leaning()).ask(query)["premium"] == {"adjusted": None, "verdict": "INSUFFICIENT"}
    monkeypatch.setattr("service.figures.regression.Fit.rests_on", lambda *_: 1e9)
    found = Asker(leaning()).ask(query)
    claim = found["distribution"]["median"]["value"] * (1 + found["premium"]["adjusted"]["value"])
    assert abs(claim / 251_000 - 1) <= CLOSE


def test_a_part_that_few_name_is_not_found_by_shares_of_two_cohorts() -> None:
    """One cohort has 40 people more of whom one names a bonus: its sum of bonuses less the other's is that one's."""

    def paid(name: str, bonus: float | None, level: str) -> dict[str, Any]:
        pay = {"base": 1e5, "total": 1e5 + (bonus or 0)} | ({} if bonus is None else {"bonus": bonus})
        return document(name, 0, level=level) | {"pay": pay | {"first_year": pay["total"]}}

    held = [paid(f"n{n}", None, "senior") for n in range(400)]
    held += [paid(f"b{n}", 30_000.0 + 1_000 * n, "senior") for n in range(6)]
    held += [paid(f"m{n}", None, "mid") for n in range(39)] + [paid("x", 47_000.0, "mid")]
    ask = Asker(snapshot_of(held))

    def bonuses(where: dict[str, Any]) -> tuple[float, float]:
        query = """query ($where: CohortFilter!) { cohort(where: $where) { sample { reports }
            distribution { mean { value } } mix { measure share { value } } } }"""
        found = ask.ask(query, where=where)
        (share,) = (part["share"] for part in found["mix"] if part["measure"] == "BONUS")
        total = found["sample"]["reports"] * found["distribution"]["mean"]["value"]
        return (share["value"] * total, total) if share else (float("nan"), total)

    wide, narrow = bonuses({"level": ["SENIOR", "MID"]}), bonuses({"level": ["SENIOR"]})
    assert not abs((wide[0] - narrow[0]) / 47_000 - 1) <= CLOSE


def test_who_names_no_base_is_not_found_where_base_and_total_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def held(bonuses: int) -> list[dict[str, Any]]:
        found = [document(str(n), 9e4 + 1_000 * n) for n in range(31)]
        for n, each in enumerate(found):
            each["pay"] |= {"bonus": 1.0} if n < bonuses else {}
        del found[30]["pay"]["base"]
        return found

    def base(documents: list[dict[str, Any]]) -> Any:
        query = "{ cohort { distribution { mean { value } } base: distribution(of: BASE) { reports mean { value } } } }"
        found = Asker(snapshot_of(documents)).ask(query)
        assert found["distribution"]["mean"]
        assert found["base"]["reports"] == 30
        return found["base"]["mean"]

    assert base(held(bonuses=0)) is None
    assert base(held(bonuses=4)) is None
    assert base(held(bonuses=5)), "the bonuses of five are between the two"
    monkeypatch.setattr("service.figures.privacy.adds_up_to_few", lambda *_: False)
    assert base(held(bonuses=0))


def published(ask: Asker, where: dict[str, Any], shares: tuple[float, ...]) -> dict[float, Estimate]:
    """Return the quantiles of a cohort, by share, ascending."""
    query = """query ($where: CohortFilter!, $ps: [Float!]!) { cohort(where: $where) { distribution {
        quantiles(ps: $ps) { p estimate { value low high } } } } }"""
    told = ask.ask(query, where=where, ps=list(shares))["distribution"]["quantiles"]
    return {each["p"]: Estimate(**each["estimate"]) for each in told}


def expected(curve: Curve, amount: float) -> dict[str, float]:
    """Return what the published quantiles say already of where an amount stands."""
    value, (low, high) = curve.rank(amount)
    return {"value": round_to(value, 3), "low": round_to(low, 3), "high": round_to(high, 3)}


@pytest.mark.parametrize("cut", [0, 1, 2], ids=["everybody", "36 people", "400 people"])
def test_probing_ranks_tells_no_more_than_the_published_quantiles(cut: int) -> None:
    ask = asker()
    asked = (Cut({}, (1 << len(people().pay)) - 1), *sized(36, 60)[:1], *sized(400, 899)[:1])[cut]
    quantiles = published(ask, asked.where, shares_of(asked.people.bit_count()))
    curve = Curve(tuple(quantiles), quantiles.__getitem__)
    amounts = np.random.default_rng(8).uniform(5e4, 4e5, 60).round(2).tolist()
    fields = "".join(f"r{n}: rank(amount: {amount}) {ESTIMATE} " for n, amount in enumerate(amounts))
    probe = f"query ($where: CohortFilter!) {{ cohort(where: $where) {{ distribution {{ {fields} }} }} }}"
    ranks = ask.ask(probe, where=asked.where)["distribution"]
    for n, amount in enumerate(amounts):
        assert ranks[f"r{n}"] == pytest.approx(expected(curve, amount))


def test_probing_offers_tells_no_more_than_the_published_quantiles_of_who_they_are_compared_with() -> None:
    ask = asker()
    query = """query ($base: Float!) { evaluateOffer(offer: {title: "Senior Machine Learning Engineer", place: "London",
        currency: "USD", base: $base}) { percentile { value low high } widened { dimension } } }"""
    where = {"role": ["machine-learning-engineer"], "level": ["SENIOR"], "place": ["london"]}
    quantiles = published(ask, where, shares_of(40))
    curve = Curve(tuple(quantiles), quantiles.__getitem__)
    for amount in np.random.default_rng(9).uniform(5e4, 3e5, 12).round(2).tolist():
        found = ask.ask(query, of="evaluateOffer", base=amount)
        assert found == {"percentile": pytest.approx(expected(curve, amount)), "widened": []}
