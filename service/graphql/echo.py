"""Filters as they were understood, as words and as GraphQL that asks for them again."""

import json

import strawberry

from service.figures.dimensions import PROPERTIES, Dimension
from service.figures.offer import Facet
from service.graphql.describe import described
from service.graphql.words import Term, term_of

FIELDS = {
    Dimension.METRO: "place",
    Dimension.REGION: "place",
    Dimension.COUNTRY: "place",
}
"""The fields of CohortFilter that are not named as their dimension is."""


@described
class CohortEcho:
    """The filter of a cohort, as understood: slugs resolved. `query` is GraphQL that asks for it again."""

    description: str = strawberry.field(description="What the reports share, for people.")
    terms: list[Term] = strawberry.field(description="The values that the reports share.")
    query: str = strawberry.field(description="GraphQL that asks for the cohort again.")


def echo_of(facets: tuple[Facet, ...]) -> CohortEcho:
    """Return how a cohort with these facets can be asked for."""
    terms = [term_of(facet.dimension, facet.value) for facet in facets]
    return CohortEcho(
        description=" · ".join(term.label for term in terms) or "all reports", terms=terms, query=query_of(facets)
    )


def query_of(facets: tuple[Facet, ...]) -> str:
    """Return GraphQL that asks for the cohort whose reports share these facets."""
    fields = ", ".join(f"{_field(facet.dimension)}: [{_value(facet)}]" for facet in facets)
    return (
        f"{{ cohort(where: {{{fields}}}) {{ sample {{ reports }} distribution {{ median {{ value low high }} }} }} }}"
    )


def _field(dimension: Dimension) -> str:
    first, *rest = FIELDS.get(dimension, dimension.value).split("_")
    return first + "".join(word.capitalize() for word in rest)


def _value(facet: Facet) -> str:
    return facet.value if PROPERTIES[facet.dimension].closed else json.dumps(facet.value)
