"""A snooper with unlimited queries who knows everything about everybody but their pay, and claims it by differencing.

A claim is a deduction: the published numbers of some cohorts leave an interval for one person's pay that is so narrow
that its middle is within 5% of all of it. What the median of a cohort says of its members is no claim but the baseline.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from math import floor, log10
from typing import Any

import numpy as np

from service.figures.privacy import Policy
from service.figures.quantiles import interval_ranks
from service.figures.resolution import mean_step, shares_of
from service.figures.snapshot import Snapshot
from service.graphql.context import Context
from service.graphql.limits import DEFAULTS
from service.graphql.schema import schema

Where = dict[str, Any]
People = int
"""A set of people, bit n for the n-th."""

QUERY = """query ($where: CohortFilter!, $ps: [Float!]!) { cohort(where: $where) { distribution {
  reports blurredBy mean { value } quantiles(ps: $ps) { p estimate { value low high } } } } }"""
CLOSE = 0.05
CERTAIN = (1 + CLOSE) / (1 - CLOSE)


@dataclass(frozen=True)
class Cut:
    """A filter, and who meets it by what the snooper knows."""

    where: Where
    people: People

    @property
    def key(self) -> str:
        return repr(self.where)


@dataclass
class Bounds:
    """What is published of how many earn at most an amount: at each amount at least, and below it at most, so many."""

    n: int
    least: list[tuple[float, int]] = field(default_factory=list)
    most: list[tuple[float, int]] = field(default_factory=list)
    mean: tuple[float, float] | None = None
    median: float = 0.0

    def at_least(self, amount: float) -> int:
        return max((count for at, count in self.least if at <= amount), default=0)

    def at_most(self, amount: float) -> int:
        return min((count for at, count in self.most if at > amount), default=self.n)


FIELDS = {
    "role": "role",
    "place": "metro",
    "company": "company",
    "industry": "industry",
    "level": "level",
    "companySize": "company_size",
    "workMode": "work_mode",
    "employment": "employment",
    "education": "education",
}
ENUMS = {"level", "companySize", "workMode", "employment", "education"}
YEARS = ((0, 1), (2, 4), (5, 7), (8, 11), (12, 15), (16, 40), *((edge, None) for edge in range(2, 18)))
MONTHS = [(year, month) for year in (2023, 2024, 2025) for month in (1, 4, 6, 7, 9, 10, 11, 12)]


def knowledge(documents: list[dict[str, Any]]) -> list[Cut]:
    """Return every filter by one value, with who meets it."""
    people: dict[str, People] = {}
    wheres: dict[str, Where] = {}
    for number, each in enumerate(documents):
        for where in _wheres_of(each):
            wheres[repr(where)] = where
            people[repr(where)] = people.get(repr(where), 0) | 1 << number
    return [Cut(where, people[key]) for key, where in wheres.items()]


def _wheres_of(each: dict[str, Any]) -> Iterator[Where]:
    for name, column in FIELDS.items():
        yield {name: [each[column].upper() if name in ENUMS else each[column]]}
    yield from ({"place": [each[column]]} for column in ("region", "country"))
    yield from ({"skills": {"all": [skill]}} for skill in each["skills"])
    years, day = int(each["experience_years"]), each["effective"]
    for low, high in YEARS:
        if low <= years and (high is None or years <= high):
            yield {"experienceYears": {"min": low} | ({} if high is None else {"max": high})}
    for year, month in MONTHS:
        if (day.year, day.month) >= (year, month):
            yield {"effective": {"from": f"{year}-{month:02}-01"}}


def merged(*cuts: Cut) -> Cut | None:
    """Return the filter that all of several say together; None where one filter cannot."""
    where: Where = {}
    people = -1
    for cut in cuts:
        if where.keys() & cut.where.keys():
            return None
        where |= cut.where
        people &= cut.people
    return Cut(where, people)


class Snooper:
    """Asks the API, remembers the answers, and deduces."""

    def __init__(self, snapshot: Snapshot, policy: Policy, people: int, exact: bool = False) -> None:
        self._snapshot, self._policy, self._exact = snapshot, policy, exact
        self.everybody: People = (1 << people) - 1
        self._answers: dict[str, Bounds | None] = {}
        self.found: dict[int, list[float]] = {}
        self.published = 0

    @property
    def queries(self) -> int:
        return len(self._answers)

    async def guess(self, target: int, cuts: list[Cut]) -> float | None:
        """Return what anybody would guess who may not be kept from it: the middle of the narrowest cohort around."""
        around = sorted((cut for cut in cuts if cut.people >> target & 1), key=lambda cut: cut.people.bit_count())
        for cut in around:
            bounds = await self.ask(cut)
            if bounds is not None:
                return bounds.median
        return None

    async def ask(self, cut: Cut) -> Bounds | None:
        """Return what is published of a cut; None where it is withheld."""
        if cut.key not in self._answers:
            context = context_for(self._snapshot, self._policy)
            result = await schema.execute(
                QUERY, {"where": cut.where, "ps": list(shares_of(cut.people.bit_count()))}, context_value=context
            )
            assert result.errors is None, result.errors
            assert result.data is not None
            self._answers[cut.key] = self._bounds(result.data["cohort"]["distribution"], cut)
        return self._answers[cut.key]

    def _bounds(self, answer: dict[str, Any], cut: Cut) -> Bounds | None:
        told = [each for each in answer["quantiles"] if each["estimate"]]
        if not told:
            return None
        self.published += 1
        n = answer["reports"]
        if answer["blurredBy"]:
            return None  # these are the figures of another cohort, which can be asked for too
        assert n == cut.people.bit_count(), "the snooper counts as the service does"
        bounds = Bounds(n)
        for each in told:
            p, estimate = each["p"], each["estimate"]
            place = (n - 1) * p
            bounds.median = estimate["value"] if p == 0.5 else bounds.median
            self._know(bounds, estimate["value"], floor(place + 1e-9) + 1, floor(place - 1e-9) + 1)
            ranks = interval_ranks(n, p)
            if ranks and estimate["low"] is not None:
                lowest, highest = ranks[0] == 0, ranks[1] == n - 1
                if lowest and not self._exact:
                    bounds.most.append((estimate["low"], 0))
                else:
                    self._know(bounds, estimate["low"], ranks[0] + 1, ranks[0])
                if highest and not self._exact:
                    bounds.least.append((estimate["high"], n))
                else:
                    self._know(bounds, estimate["high"], ranks[1] + 1, ranks[1])
        if answer["mean"] and answer["mean"]["value"]:
            bounds.mean = answer["mean"]["value"], self._mean_error(answer["mean"]["value"], n)
        return bounds

    def _know(self, bounds: Bounds, amount: float, least: int, most: int) -> None:
        half = amount * 1e-10 if self._exact else 10.0 ** (floor(log10(amount)) - 2) / 2
        bounds.least.append((amount + half * 1.0001, least))
        bounds.most.append((amount - half * 1.0001, most))

    def _mean_error(self, mean: float, n: int) -> float:
        if self._exact:
            return mean * 1e-9
        # what it was rounded to depends on what it was before, which may have been more
        step = mean_step(mean, n, self._policy.digits)
        return mean_step(mean + 2.5 * step, n, self._policy.digits) / 2 * 1.0001

    async def difference(self, target: int, *terms: tuple[int, Cut]) -> None:
        """Deduce one person's pay from cohorts whose signed sum is that person alone."""
        held = [(sign, await self.ask(cut)) for sign, cut in terms]
        known = [(sign, bounds) for sign, bounds in held if bounds is not None]
        if len(known) < len(held):
            return
        low, high = self.found.setdefault(target, [0.0, float("inf")])
        # at each amount of which something is known, and just below it
        told = {at for _, bounds in known for at, _ in (*bounds.least, *bounds.most)}
        amounts = sorted(told | {at * (1 - 1e-12) for at in told})
        for amount in amounts:
            least = sum(s * (b.at_least(amount) if s > 0 else b.at_most(amount)) for s, b in known)
            most = sum(s * (b.at_most(amount) if s > 0 else b.at_least(amount)) for s, b in known)
            if least >= 1:
                high = min(high, amount)
            if most <= 0:
                low = max(low, amount)
        means = [(sign, bounds.n, bounds.mean) for sign, bounds in known]
        if all(mean is not None for _, _, mean in means):
            middle = sum(sign * n * mean[0] for sign, n, mean in means if mean)
            error = sum(n * mean[1] for _, n, mean in means if mean)
            low, high = max(low, middle - error), min(high, middle + error)
        self.found[target] = [low, high]

    def claims(self) -> dict[int, float]:
        """Return the pay that is claimed, by person."""
        return {
            person: (low + high) / 2 for person, (low, high) in self.found.items() if low > 0 and high <= low * CERTAIN
        }

    def narrowed(self) -> list[float]:
        """Return, for each person about whom something was deduced, the upper over the lower end of what is left."""
        return [high / low for low, high in self.found.values() if low > 0 and high < float("inf")]


def context_for(snapshot: Snapshot, policy: Policy) -> Context:
    """Return the context of a question about figures: what only others need is not there."""
    absent = dict.fromkeys(part.name for part in fields(Context))
    return Context(**(absent | {"snapshot": snapshot, "policy": policy, "limits": DEFAULTS}))  # type: ignore[arg-type]


def misled(snooper: Snooper, pay: np.ndarray) -> list[int]:
    """Return about whom something false was deduced: nobody, or the snooper is no measure of anything."""
    slack = 1e-9
    ends = ((person, low * (1 - slack), high * (1 + slack)) for person, (low, high) in snooper.found.items())
    return [person for person, low, high in ends if not low <= pay[person] <= high]


def recovered(snooper: Snooper, pay: np.ndarray) -> list[int]:
    """Return who was claimed rightly, to within 5%."""
    return [person for person, claim in snooper.claims().items() if abs(claim / pay[person] - 1) <= CLOSE]
