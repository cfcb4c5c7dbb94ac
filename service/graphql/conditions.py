"""A client's filter to a condition on the columns; codes that nobody knows are refused with a hint."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from enum import Enum

from schema.vocabulary import Verification
from service import vocabulary
from service.figures.conditions import AllOf, AnyOf, Between, Condition, Not, OneOf
from service.figures.dimensions import DAYS_HELD, EPOCH, HALF_YEARS_HELD, Dimension
from service.figures.snapshot import Snapshot
from service.graphql.errors import ClientError
from service.graphql.inputs import CohortFilter, DateRange, IntRange, SkillFilter

CODES = {
    "role": Dimension.ROLE,
    "specialization": Dimension.SPECIALIZATION,
    "industry": Dimension.INDUSTRY,
    "company": Dimension.COMPANY,
    "field": Dimension.FIELD,
}
ENUMS = {
    "level": Dimension.LEVEL,
    "ml_centrality": Dimension.ML_CENTRALITY,
    "company_size": Dimension.COMPANY_SIZE,
    "work_mode": Dimension.WORK_MODE,
    "pay_policy": Dimension.PAY_POLICY,
    "employment": Dimension.EMPLOYMENT,
    "education": Dimension.EDUCATION,
    "kind": Dimension.KIND,
}
BOOLEANS = {
    "technology_hub": Dimension.TECHNOLOGY_HUB,
    "internship": Dimension.INTERNSHIP,
    "portfolio": Dimension.PORTFOLIO,
}


def condition_of(where: CohortFilter, snapshot: Snapshot) -> AllOf:
    """Return what a filter asks. Raises ClientError UNKNOWN_TERM for a code that is not in the vocabulary."""
    parts: list[Condition] = []
    for name, dimension in CODES.items():
        parts += _one_of(dimension, [_known(dimension, code, snapshot) for code in getattr(where, name) or ()])
    for name, dimension in ENUMS.items():
        parts += _one_of(dimension, _names(getattr(where, name)))
    for name, dimension in BOOLEANS.items():
        value = getattr(where, name)
        parts += _one_of(dimension, None if value is None else [str(value).upper()])
    parts += [*_places(where.place), *_skills(where.skills, snapshot), *_experience(where.experience_years)]
    parts += [*_verified(where.min_verification), *_days(where.effective)]
    if where.min_match is not None:
        parts.append(Between("match", int(where.min_match), 3))
    if where.not_ is not None:
        excluded = condition_of(where.not_, snapshot)
        # an empty filter matches everything; to leave everything out is never what was meant
        parts += [Not(excluded)] if excluded.parts else []
    return AllOf(tuple(parts))


def code_in(dimension: Dimension, value: str, snapshot: Snapshot) -> int:
    """Return the number under which the columns know a value of any dimension. Raises ClientError UNKNOWN_TERM."""
    code = snapshot.codebooks[dimension].code_of(value)
    if code:
        return code
    if dimension in vocabulary.SUBJECTS and value in vocabulary.codes(dimension):
        return snapshot.codebooks[dimension].learn(value)
    raise _unknown(value, dimension, vocabulary.search(dimension, value, 3))


def _one_of(dimension: Dimension, values: Sequence[str] | None) -> list[Condition]:
    return [OneOf(dimension, frozenset(values))] if values else []


def _names(values: list[Enum] | None) -> list[str] | None:
    return [value.name for value in values] if values else None


def _known(dimension: Dimension, code: str, snapshot: Snapshot) -> str:
    if code in vocabulary.codes(dimension) or (
        dimension is Dimension.COMPANY and snapshot.codebooks[dimension].code_of(code)
    ):
        return code
    more = tuple(snapshot.codebooks[dimension].values[1:]) if dimension is Dimension.COMPANY else ()
    raise _unknown(code, dimension, vocabulary.search(dimension, code, 3, more))


def _unknown(code: str, dimension: Dimension, near: list[str]) -> ClientError:
    hint = f"Did you mean {' or '.join(map(repr, near))}? " if near else ""
    return ClientError(
        "UNKNOWN_TERM",
        f"{code!r} is not a code of {dimension.name}. {hint}"
        f'Look codes up with terms(dimension: {dimension.name}, search: "...").',
    )


def _places(codes: list[str] | None) -> list[Condition]:
    by_dimension: dict[Dimension, set[str]] = {}
    for code in codes or ():
        dimension = vocabulary.dimension_of_place(code)
        if dimension is None:
            raise _unknown(code, Dimension.METRO, _near_places(code))
        by_dimension.setdefault(dimension, set()).add(code)
    parts = tuple(OneOf(dimension, frozenset(found)) for dimension, found in by_dimension.items())
    return [parts[0] if len(parts) == 1 else AnyOf(parts)] if parts else []


def _near_places(text: str) -> list[str]:
    countries = [text.upper()] if text.upper() in vocabulary.codes(Dimension.COUNTRY) else []
    return [*countries, *vocabulary.search(Dimension.METRO, text, 3)][:3]


def _skills(skills: SkillFilter | None, snapshot: Snapshot) -> list[Condition]:
    if skills is None:
        return []

    def named(codes: list[str] | None) -> list[str]:
        return [_known(Dimension.SKILL, code, snapshot) for code in codes or ()]

    parts: list[Condition] = [OneOf(Dimension.SKILL, frozenset({code})) for code in named(skills.all)]
    if some := named(skills.any):
        parts.append(OneOf(Dimension.SKILL, frozenset(some)))
    if none := named(skills.none):
        parts.append(Not(OneOf(Dimension.SKILL, frozenset(none))))
    return parts


def _experience(years: IntRange | None) -> list[Condition]:
    if years is None or (years.min is None and years.max is None):
        return []
    low = 1 + 2 * max(years.min or 0, 0)
    # 7 years at most means: not yet 8
    high = HALF_YEARS_HELD - 1 if years.max is None else 1 + 2 * years.max + 1
    return [Between("experience", low, high)]


def _verified(least: Verification | None) -> list[Condition]:
    if least is None:
        return []
    ladder = list(Verification)
    return [OneOf(Dimension.VERIFICATION, frozenset(kind.name for kind in ladder[ladder.index(least) :]))]


def _days(days: DateRange | None) -> list[Condition]:
    if days is None or (days.from_ is None and days.to is None):
        return []
    # whole months: by moving an edge by a day, one person after the other could be let in
    low = (days.from_.replace(day=1) - EPOCH).days if days.from_ else 0
    high = (_last_of_month(days.to) - EPOCH).days if days.to else DAYS_HELD - 1
    return [Between("day", low, high)]


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
