"""A condition on the columns back to the filter that asks for it: the way of `conditions` in the other direction."""

import json
from datetime import timedelta
from typing import Any

from schema.vocabulary import MatchKind, Verification
from service.figures.conditions import AnyOf, Between, Condition, Not, OneOf, Unasked, parts_of
from service.figures.dimensions import DAYS_HELD, EPOCH, HALF_YEARS_HELD, NOT_KNOWN, PROPERTIES, Dimension
from service.figures.edges import MONTHS_A_QUARTER, MONTHS_A_YEAR, band_edges, spanning
from service.graphql.conditions import BOOLEANS, CODES, ENUMS

PLACES = (Dimension.METRO, Dimension.REGION, Dimension.COUNTRY)
LISTS = {dimension: name for names in (CODES, ENUMS) for name, dimension in names.items()} | dict.fromkeys(
    PLACES, "place"
)
YES_NO = {dimension: name for name, dimension in BOOLEANS.items()}
MONTHS_OF = {Dimension.YEAR: MONTHS_A_YEAR, Dimension.QUARTER: MONTHS_A_QUARTER, Dimension.MONTH: 1}
FURTHEST = {"day": DAYS_HELD - 1, "experience": HALF_YEARS_HELD - 1, "match": MatchKind.EXACT}


class NotAskable(Exception):
    """No filter of the API says this condition."""


class Word(str):
    """A value of an enum, which GraphQL writes without quotes."""

    __slots__ = ()


def filter_of(where: Condition) -> dict[str, Any]:
    """Return the fields of the CohortFilter that asks for a condition. Raises NotAskable.

    That a part of pay is known is left out: it is asked for by the measure of a distribution.
    """
    fields: dict[str, Any] = {}
    ranges: dict[str, tuple[int, int]] = {}
    for part in parts_of(where):
        if isinstance(part, OneOf) and (span := _span_of(part)):
            _narrow(ranges, span)
        elif isinstance(part, OneOf):
            _add_list(fields, part)
        elif isinstance(part, Between):
            _narrow(ranges, part)
        elif isinstance(part, AnyOf):
            _add_places(fields, part)
        elif isinstance(part, Not):
            _exclude(fields, part.part)
        elif not isinstance(part, Unasked):
            raise NotAskable
    return fields | {name: value for column, span in ranges.items() for name, value in _range(column, *span).items()}


def text_of(value: Any) -> str:
    """Return a value as GraphQL writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {text_of(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(text_of, value)) + "]"
    return str(value) if isinstance(value, Word) else json.dumps(value)


def _add_list(fields: dict[str, Any], part: OneOf) -> None:
    dimension, values = part.dimension, sorted(part.values - {NOT_KNOWN})
    if NOT_KNOWN in part.values:
        raise NotAskable
    if dimension is Dimension.SKILL:
        _add_skills(fields, values)
    elif dimension is Dimension.VERIFICATION:
        ladder = [kind.name for kind in Verification]
        if values != sorted(ladder[-len(values) :]) or "minVerification" in fields:
            raise NotAskable
        fields["minVerification"] = Word(ladder[-len(values)])
    elif dimension in YES_NO and len(values) == 1:
        _set(fields, YES_NO[dimension], values[0] == "TRUE")
    elif dimension in LISTS:
        closed = PROPERTIES[dimension].closed is not None
        _intersect(fields, LISTS[dimension], [Word(value) if closed else value for value in values], dimension)
    else:
        raise NotAskable


def _intersect(fields: dict[str, Any], name: str, values: list[str], dimension: Dimension) -> None:
    name = _camel(name)
    before = fields.get(name)
    if before is None:
        fields[name] = values
        return
    # values of a dimension of many, or of different kinds of place, are no list that both could be cut to
    if PROPERTIES[dimension].many or dimension in PLACES or not set(before) & set(values):
        raise NotAskable
    fields[name] = [value for value in before if value in values]


def _add_skills(fields: dict[str, Any], values: list[str]) -> None:
    skills = fields.setdefault("skills", {})
    if len(values) == 1:
        skills.setdefault("all", []).extend(values)
    elif "any" in skills:
        raise NotAskable
    else:
        skills["any"] = values


def _add_places(fields: dict[str, Any], part: AnyOf) -> None:
    if not all(isinstance(inner, OneOf) and inner.dimension in PLACES for inner in part.parts):
        raise NotAskable
    _set(fields, "place", sorted(value for inner in part.parts if isinstance(inner, OneOf) for value in inner.values))


def _exclude(fields: dict[str, Any], part: Condition) -> None:
    if isinstance(part, OneOf) and part.dimension is Dimension.SKILL:
        fields.setdefault("skills", {}).setdefault("none", []).extend(sorted(part.values))
    else:
        _set(fields, "not", filter_of(part))


def _span_of(part: OneOf) -> Between | None:
    """Return the range that values next to each other of a dimension of time or of experience are."""
    if part.dimension not in MONTHS_OF and part.dimension is not Dimension.EXPERIENCE_BAND:
        return None
    names = PROPERTIES[part.dimension].closed or ()
    places = sorted(names.index(value) for value in part.values)
    if places[-1] - places[0] >= len(places):
        raise NotAskable
    if part.dimension is Dimension.EXPERIENCE_BAND:
        return spanning("experience", band_edges(places[0])[0], band_edges(places[-1])[1])
    months = MONTHS_OF[part.dimension]
    return spanning("day", places[0] * months + 1, (places[-1] + 1) * months + 1)


def _narrow(ranges: dict[str, tuple[int, int]], part: Between) -> None:
    low, high = ranges.get(part.column, (0, FURTHEST[part.column]))
    ranges[part.column] = max(low, part.low), min(high, part.high)


def _range(column: str, low: int, high: int) -> dict[str, Any]:
    bounded = high < FURTHEST[column]
    if column == "day":
        days = {"from": low, "to": high if bounded else None}
        held = {name: (EPOCH + timedelta(days=day)).isoformat() for name, day in days.items() if day}
        return {"effective": held}
    if column == "experience":
        return {"experienceYears": {"min": (low - 1) // 2} | ({"max": (high - 2) // 2} if bounded else {})}
    return {"minMatch": Word(MatchKind(low).name)}


def _set(fields: dict[str, Any], name: str, value: Any) -> None:
    name = _camel(name)
    if fields.get(name, value) != value:
        raise NotAskable
    fields[name] = value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
