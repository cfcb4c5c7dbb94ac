"""Sums: cohorts that, added to and subtracted from others, leave so few people that the sum would tell their pay.

Who is in one or the other of two sets, less each of them, is who is in both (the trackers of Denning and Schwartz 1979,
ACM Transactions on Database Systems 4(1)).
"""

from itertools import combinations

from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, Condition, Not
from service.figures.neighbours import LARGE, Neighbourhood, Rows, less


def adds_up_to_few(cohort: Cohort, few: int) -> bool:
    """Return whether a cohort below LARGE, summed with others, leaves 1 to `few` people."""
    if not few or not len(cohort) or len(cohort) >= LARGE:
        return False
    return _crosses(Neighbourhood(cohort, few))


def _crosses(around: Neighbourhood) -> bool:
    """Return whether few meet neither of two conditions, within the others."""
    for one, other in combinations(around.asked, 2):
        rest = [part for part in around.asked if part not in (one, other)]
        if around.are_few(_neither(around, rest, one, other)):
            return True
    for part in around.asked:
        inner = part.part.parts if isinstance(part, Not) and isinstance(part.part, AllOf) else ()
        rest = [other for other in around.asked if other is not part]
        if any(around.are_few(_neither(around, rest, *two)) for two in combinations(inner, 2)):
            return True
    return False


def _neither(around: Neighbourhood, rest: list[Condition], one: Condition, other: Condition) -> Rows:
    without = less(around.meeting(rest), around.meeting([*rest, one]))
    return less(without, around.meeting([*rest, other]))
