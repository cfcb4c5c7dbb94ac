"""Sums: cohorts that, added to and subtracted from others, leave so few people that the sum would tell their pay.

Who is in one or the other of two sets, less each of them, is who is in both (the trackers of Denning and Schwartz 1979,
ACM Transactions on Database Systems 4(1)).
"""

from itertools import combinations

from pyroaring import BitMap

from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, Condition, Known, Not
from service.figures.extremes import LARGE
from service.figures.neighbours import Neighbourhood
from service.figures.sets import less, meet, size_of

MORE = ("bonus", "stock", "benefits")
"""What makes a total more than a base."""


def adds_up_to_few(cohort: Cohort, few: int) -> bool:
    """Return whether a cohort below LARGE, summed with others, leaves 1 to `few` people."""
    if not few or not len(cohort) or len(cohort) >= LARGE:
        return False
    around = Neighbourhood(cohort, few)
    return _crosses(around) or _is_total_but_for_few(around)


def _is_total_but_for_few(around: Neighbourhood) -> bool:
    """Return whether few name no base, and few of the others anything besides: of these base and total are the same."""
    if Known("base") not in around.kept:
        return False
    asked = [around.rows_of(condition) for condition in around.asked]
    whole = around.counted(meet(asked)) if asked else around.everybody
    if not around.are_few(less(whole, around.own)):
        return False
    more = tuple(BitMap.union(*each) for each in zip(*(around.rows_of(Known(part)) for part in MORE), strict=True))
    within = meet([around.own, more])
    return not size_of(within) or around.are_few(within)


def _crosses(around: Neighbourhood) -> bool:
    """Return whether few meet neither of two conditions, within the others."""
    asked = around.asked
    pairs = [(two, [part for part in asked if part not in two]) for two in combinations(asked, 2)]
    for part in asked:
        inner = part.part.parts if isinstance(part, Not) and isinstance(part.part, AllOf) else ()
        pairs += [(two, [other for other in asked if other is not part]) for two in combinations(inner, 2)]
    return any(_few_meet_neither(around, two, rest) for two, rest in pairs)


def _few_meet_neither(around: Neighbourhood, two: tuple[Condition, Condition], rest: list[Condition]) -> bool:
    within = around.meeting(rest)
    met = [around.rows_of(part) for part in two]
    # at least so many; to count them takes less than to find them
    least = sum(
        len(rows) - rows.intersection_cardinality(one) - rows.intersection_cardinality(other) - len(hidden)
        for rows, one, other, hidden in zip(within, *met, around.hidden, strict=True)
    )
    return least <= around.most and around.are_few(around.counted(less(less(within, met[0]), met[1])))
