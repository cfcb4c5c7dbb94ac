"""What real streams have beside good reports: corrections, withdrawals, repetition, ranges, slips, broken messages."""

from copy import deepcopy
from random import Random
from typing import Any

import msgspec

from deploy.sources.demo.money import round_money

Json = dict[str, Any]

CORRECTED_SHARE = 0.02
WITHDRAWN_SHARE = 0.01
REPEATED_SHARE = 0.01
WRONG_SHARE = 0.005
RANGE_SHARE = 0.65  # of postings
PAIR_SHARE = 0.5  # of ranges: as two events
FORGOTTEN_PERIOD_SHARE = 0.02  # of those that write pay by the month
RANGE_HALF_WIDTH = (0.06, 0.22)


def mistype(data: Json, random: Random) -> Json:
    """Return the data as it was before somebody corrected its pay."""
    slip = random.choice((0.1, 10, 0.9, 1.1))
    pay = {name: _scaled(value, slip) if name in ("base", "total") else value for name, value in data["pay"].items()}
    return {**data, "pay": pay}


def forget_period(data: Json) -> Json:
    """Return the data with monthly pay that does not say so."""
    base = data["pay"].get("base")
    if not isinstance(base, dict) or base.get("period") != "month":
        return data
    return {**data, "pay": {**data["pay"], "base": base["amount"]}}


def ends_of_range(data: Json, random: Random) -> tuple[float, float]:
    """Return the two ends of a posting's range around its base pay."""
    half = random.uniform(*RANGE_HALF_WIDTH)
    base = data["pay"]["base"]
    return round_money(base * (1 - half)), round_money(base * (1 + half))


def with_base(data: Json, base: Json | float) -> Json:
    """Return the data with another base pay."""
    return {**data, "pay": {**data["pay"], "base": base}}


def break_event(event: Json, random: Random) -> bytes:
    """Return a wrong message: one that belongs in the dead letters, whatever the vocabularies are."""
    broken = deepcopy(event)
    data, kind = broken["data"], random.randrange(len(FAULTS) + 1)
    if kind == len(FAULTS):
        return msgspec.json.encode(event)[: random.randrange(20, 200)]
    path, value = FAULTS[kind]
    where = data
    *folders, name = path.split(".")
    for folder in folders:
        where = where.setdefault(folder, {})
    if value is None:
        where.pop(name, None)
    else:
        where[name] = value
    return msgspec.json.encode(broken)


FAULTS: tuple[tuple[str, Any], ...] = (
    ("title", None),
    ("effective", None),
    ("effective", "2099-01"),
    ("pay.currency", None),
    ("pay.currency", "ZZZ"),
    ("pay.base", [1, 2]),
    ("pay.base", -85000),
    ("skills", "Python, PyTorch"),
    ("experience", {"years": "many"}),
    ("kind", "hearsay"),
)


def _scaled(amount: Any, factor: float) -> Any:
    if isinstance(amount, dict):
        return {**amount, "amount": round_money(amount["amount"] * factor)}
    return round_money(amount * factor) if isinstance(amount, float) else amount
