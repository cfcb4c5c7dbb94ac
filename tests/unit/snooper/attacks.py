"""The ways to single a person out: signed sums of cohorts that are this person, found by what is known of all."""

from collections.abc import Iterator
from itertools import combinations
from random import Random

from tests.unit.snooper.snooper import Cut, People, merged

Sum = tuple[int, tuple[tuple[int, Cut], ...]]
"""A person, and the cohorts whose signed sum is that one."""

SMALL = 900
LEAST = 5


def single(people: People) -> int | None:
    """Return the one person of a set of one."""
    return people.bit_length() - 1 if people.bit_count() == 1 else None


def many_cuts(singles: list[Cut], random: Random, triples: int) -> list[Cut]:
    """Return cuts by one and by two conditions, and some by three."""
    small = [cut for cut in singles if cut.people.bit_count() < SMALL]
    twos = [both for one, other in combinations(small, 2) if (both := merged(one, other)) and _asked(both)]
    random.shuffle(twos)
    threes = [both for two in twos for one in random.sample(small, 20) if (both := merged(two, one)) and _asked(both)]
    return [*singles, *twos, *threes[:triples]]


def narrow_cuts(singles: list[Cut], random: Random) -> Iterator[Cut]:
    """Yield cuts by three conditions that few or none meet."""
    for one, two, three in combinations(random.sample(singles, 60), 3):
        both = merged(one, two, three)
        if both and both.people:
            yield both


def _asked(cut: Cut) -> bool:
    return cut.people.bit_count() >= LEAST


def overlaps(cuts: list[Cut]) -> Iterator[Sum]:
    """Yield a cohort less another that is all of it but one person, however differently the two are asked for."""
    by_people: dict[People, Cut] = {}
    for cut in cuts:
        by_people.setdefault(cut.people, cut)
    for people, cut in by_people.items():
        left = people
        while left:
            one = left & -left
            left ^= one
            if (other := by_people.get(people ^ one)) is not None:
                yield one.bit_length() - 1, ((1, cut), (-1, other))


def exclusions(cuts: list[Cut], singles: list[Cut], random: Random) -> Iterator[Sum]:
    """Yield a cohort less the same without those whom a `not` leaves out, where that is one person."""
    for cut in cuts:
        for out in random.sample(singles, 8):
            target = single(cut.people & out.people)
            if target is not None and cut.people.bit_count() > LEAST:
                rest = Cut({**cut.where, "not": out.where}, cut.people & ~out.people)
                yield target, ((1, cut), (-1, rest))


def longer_lists(cuts: list[Cut], singles: list[Cut]) -> Iterator[Sum]:
    """Yield a cohort with one value more in a list, less the cohort without it, where that value has one person."""
    for cut in cuts:
        for other in singles:
            (name, values), *_ = other.where.items()
            if not isinstance(values, list) or name not in cut.where or name == "skills":
                continue
            rest = {key: value for key, value in cut.where.items() if key != name}
            held = next((each for each in cuts if each.where == rest), None) if rest else None
            if held is None:
                continue
            wider = Cut({**rest, name: [*cut.where[name], *values]}, cut.people | held.people & other.people)
            target = single(wider.people & ~cut.people)
            if target is not None:
                yield target, ((1, wider), (-1, cut))


def moved_edges(cuts: list[Cut], singles: list[Cut]) -> Iterator[Sum]:
    """Yield a cohort since some month, or from some years of experience on, less the one from a later edge on."""
    edges = [cut for cut in singles if "effective" in cut.where or "max" not in cut.where.get("experienceYears", "max")]
    for cut in cuts:
        within = [both for edge in edges if (both := merged(cut, edge)) and _asked(both)]
        for one, other in combinations(within, 2):
            if one.where.keys() == other.where.keys():
                for wide, narrow in ((one, other), (other, one)):
                    target = single(wide.people & ~narrow.people)
                    if target is not None and not narrow.people & ~wide.people:
                        yield target, ((1, wide), (-1, narrow))


def trackers(singles: list[Cut], twos: list[Cut], everybody: People) -> Iterator[Sum]:
    """Yield two cohorts that share one person, less all who are in either: not (not the one and not the other)."""
    lists = [cut for cut in singles if isinstance(next(iter(cut.where.values())), list) and "skills" not in cut.where]
    for listed in lists:
        (name, _), *_ = listed.where.items()
        others = [cut for cut in lists if name in cut.where and cut is not listed]
        rest = [value for cut in others for value in cut.where[name]]
        if name == "place":
            continue  # metros, regions and countries overlap
        for two in twos:
            target = single(listed.people & two.people)
            if target is None or name in two.where or listed.people.bit_count() < LEAST:
                continue
            either = Cut({"not": {name: rest, "not": two.where}}, (listed.people | two.people) & everybody)
            yield target, ((1, listed), (1, two), (-1, either))


def trackers_outside(singles: list[Cut], twos: list[Cut], everybody: People) -> Iterator[Sum]:
    """Yield two cohorts that share one person and all who are in neither, less everybody."""
    for person, (one, other, (_, either)) in trackers(singles, twos, everybody):
        neither = Cut(either.where["not"], everybody & ~either.people)
        yield person, (one, other, (1, neither), (-1, Cut({}, everybody)))


def remainders(cuts: list[Cut], singles: list[Cut]) -> Iterator[Sum]:
    """Yield a cohort less its groups by one dimension but one, where what is left is one person."""
    for name in ("employment", "level", "education", "workMode", "industry", "companySize"):
        values = [cut for cut in singles if name in cut.where]
        for cut in cuts:
            if name in cut.where:
                continue
            groups = [both for value in values if (both := merged(cut, value)) and both.people]
            alone = [group for group in groups if group.people.bit_count() == 1]
            shown = [group for group in groups if _asked(group)]
            if len(alone) == 1 and len(shown) == len(groups) - 1 and len(shown) > 1:
                target = single(alone[0].people)
                assert target is not None
                yield target, ((1, cut), *((-1, group) for group in shown))
