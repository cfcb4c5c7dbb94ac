"""Filters as they were understood, as words and as GraphQL that asks for them again; and which wider one to ask."""

from collections.abc import Iterator

import strawberry

from service import vocabulary
from service.figures.cohort import Cohort
from service.figures.conditions import AllOf, AnyOf, Condition, Known, Not, OneOf, Unasked, parts_of
from service.figures.kin import neighbour_of
from service.figures.money import Measure
from service.figures.privacy import Policy, withholding
from service.graphql.describe import described
from service.graphql.filters import PLACES, NotAskable, filter_of, text_of
from service.graphql.words import Term, term_of


@described
class CohortEcho:
    """The filter of a cohort, as understood: slugs resolved. `query` is GraphQL that asks for it again."""

    description: str = strawberry.field(description="What the reports share, for people.")
    terms: list[Term] = strawberry.field(description="The values that the reports share.")
    query: str = strawberry.field(description="GraphQL that asks for the cohort again.")


def echo_of(where: Condition) -> CohortEcho:
    """Return how a cohort can be asked for. Raises NotAskable."""
    shared = [part for part in parts_of(where) if isinstance(part, OneOf)]
    terms = [term_of(part.dimension, value) for part in shared for value in sorted(part.values)]
    words = [" or ".join(term_of(part.dimension, value).label for value in sorted(part.values)) for part in shared]
    fields = filter_of(where)
    others = {name: fields[name] for name in ("experienceYears", "effective", "minMatch", "not") if name in fields}
    description = " · ".join([*words, *(f"{name} {text_of(value)}" for name, value in others.items())])
    return CohortEcho(description=description or "all reports", terms=terms, query=_query(where, text_of(fields)))


def _query(where: Condition, fields: str) -> str:
    known = [part.column for part in parts_of(where) if isinstance(part, Known)]
    of = next((f"(of: {measure.name})" for measure in Measure if measure.value in known), "")
    return (
        f"{{ cohort(where: {fields}) {{ sample {{ reports }} distribution{of} {{ median {{ value low high }} }} }} }}"
    )


def suggested(cohort: Cohort, policy: Policy) -> CohortEcho | None:
    """Return the cohort nearest to one that is withheld which may be published; None where there is none.

    One that differs by few people and is narrower, else a wider one: with a place for what lies around it or with one
    condition less, as small as it may be; where none of these may be published either, on from the largest of them.
    """
    beside = neighbour_of(cohort, policy.minimum_contributors - 1)
    if beside is not None and len(cohort.snapshot.cohort(beside.where)) < len(cohort):
        found = _published([beside.where], cohort, policy)
        if found is not None:
            return found
    wheres = [cohort.where]
    while wheres := list(dict.fromkeys(wider for where in wheres for wider in _wider(where))):
        cohorts = sorted((cohort.snapshot.cohort(where) for where in wheres), key=len)
        found = _published([each.where for each in cohorts], cohort, policy)
        if found is not None:
            return found
        wheres = [cohorts[-1].where]
    return None


def _published(wheres: list[Condition], cohort: Cohort, policy: Policy) -> CohortEcho | None:
    for where in wheres:
        if withholding(cohort.snapshot.cohort(where), policy) is None:
            try:
                return echo_of(where)
            except NotAskable:
                continue
    return None


def _wider(where: Condition) -> Iterator[Condition]:
    parts = parts_of(where)
    for place, part in enumerate(parts):
        if isinstance(part, Unasked):
            continue
        around = _around(part)
        if around is not None:
            yield AllOf((*parts[:place], around, *parts[place + 1 :]))
        yield AllOf((*parts[:place], *parts[place + 1 :]))


def _around(part: Condition) -> Condition | None:
    """Return the regions or countries around places; None where it is not about places or nothing is around them."""
    inner = part.parts if isinstance(part, AnyOf) else (part,)
    named = [(each.dimension, value) for each in inner if isinstance(each, OneOf) for value in each.values]
    if isinstance(part, Not) or not named or any(dimension not in PLACES for dimension, _ in named):
        return None
    above = [vocabulary.word_of(dimension, value).parent for dimension, value in named]
    known = [each for each in above if each is not None]
    if len(known) < len(above):
        return None
    wider = [OneOf(kind, frozenset(value for each, value in known if each is kind)) for kind in PLACES]
    kinds = tuple(each for each in wider if each.values)
    return kinds[0] if len(kinds) == 1 else AnyOf(kinds)
