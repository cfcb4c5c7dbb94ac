"""What an answer is worth: right, an honest "unknown" where more could be known, or wrong."""

from collections.abc import Set as AbstractSet
from enum import StrEnum

from tests.bench.normalisation.labelled import alternatives

CLOSE = 1e-3
"""Relative difference up to which two amounts are the same: they went through dollars and back."""


class Verdict(StrEnum):
    RIGHT = "right"
    UNKNOWN = "unknown"
    WRONG = "wrong"


def judge_code(answer: str | None, expected: str) -> Verdict:
    if (answer or "") in alternatives(expected):
        return Verdict.RIGHT
    return Verdict.WRONG if answer else Verdict.UNKNOWN


def judge_role(answer: str | None, expected: str) -> Verdict:
    """`other` as a role is the word for "none of ours": it is right wherever nothing better is expected."""
    if answer in (None, "other") and {"", "other"} & set(alternatives(expected)):
        return Verdict.RIGHT
    return judge_code(answer, expected)


def judge_set(answer: AbstractSet[str], expected: str) -> Verdict:
    """Some of the codes and no other is "unknown": nothing that it says is wrong."""
    right = [frozenset(filter(None, several.split("|"))) for several in alternatives(expected)]
    if answer in right:
        return Verdict.RIGHT
    return Verdict.UNKNOWN if any(answer < several for several in right) else Verdict.WRONG


def judge_amounts(answer: tuple[float, ...] | None, expected: tuple[str, ...]) -> Verdict:
    """`answer` is None where the pay was rejected; each column of `expected` has as many alternatives as the others."""
    ways = list(zip(*(column.split(" / ") for column in expected), strict=True))
    rejected = any("rejected" in way for way in ways)
    if answer is None:
        return Verdict.RIGHT if rejected else Verdict.UNKNOWN
    amounts = [tuple(map(float, way)) for way in ways if "rejected" not in way]
    return Verdict.RIGHT if any(_close(answer, way) for way in amounts) else Verdict.WRONG


def _close(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return all(abs(x - y) <= CLOSE * max(abs(x), abs(y)) for x, y in zip(a, b, strict=True))
