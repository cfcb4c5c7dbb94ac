"""Terms and dimensions as clients see them, and their look-up."""

from typing import Annotated

import strawberry

from service import vocabulary
from service.figures.cohort import Cohort
from service.figures.dimensions import PROPERTIES, Dimension
from service.graphql.context import Info
from service.graphql.describe import described, resolved
from service.graphql.errors import ClientError

MAX_TERMS = 500


@described
class Term:
    """A value of a dimension: `code` is what filters take (a slug, or an enum's name), `label` is for people."""

    dimension: Dimension = strawberry.field(description="The dimension it is a value of.")
    code: str = strawberry.field(description="What filters take: a slug, or an enum's name.")
    label: str = strawberry.field(description="The value as people write it.")
    reports: int | None = strawberry.field(
        default=None,
        description="Number of reports that carry it in the cohort in question; null where none was asked.",
    )
    above: strawberry.Private[tuple[Dimension, str] | None] = None

    @resolved
    def parent(self) -> "Term | None":
        """What takes it in: a metro's region or country, a skill's group; null at the top."""
        return term_of(*self.above) if self.above else None


def term_of(dimension: Dimension, code: str, reports: int | None = None) -> Term:
    """Return a value of a dimension for the client."""
    word = vocabulary.word_of(dimension, code)
    return Term(dimension=dimension, code=code, label=word.label, reports=reports, above=word.parent)


@described
class DimensionInfo:
    """A property of reports that cohorts can be filtered and grouped by."""

    dimension: Dimension = strawberry.field(description="Its name in filters and breakdowns.")
    label: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="What it says of a report.")
    open: bool = strawberry.field(description="Whether new values may come with the data; else they are an enum's.")
    cohort: strawberry.Private[Cohort]

    @resolved
    async def values(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="At most this many, 1 to 500.")] = 50,
        search: Annotated[
            str | None, strawberry.argument(description="Only those whose code or label contains this text.")
        ] = None,
    ) -> list[Term]:
        """Its values in the cohort, most frequent first, each with its number of reports."""
        counts = await info.context.compute(len(self.cohort), lambda: self.cohort.counts(self.dimension))
        names = info.context.snapshot.codebooks[self.dimension].values
        ranked = sorted(sorted(counts), key=counts.__getitem__, reverse=True)  # equal ones stay in order
        terms = (term_of(self.dimension, names[code], counts[code]) for code in ranked)
        wanted = (search or "").casefold()
        found = (term for term in terms if wanted in term.code.casefold() or wanted in term.label.casefold())
        return [term for term, _ in zip(found, range(checked_first(first)), strict=False)]


def dimension_infos(cohort: Cohort) -> list[DimensionInfo]:
    """Return every dimension over a cohort."""
    return [
        DimensionInfo(
            dimension=dimension,
            label=held.label,
            description=held.description,
            open=held.closed is None,
            cohort=cohort,
        )
        for dimension, held in PROPERTIES.items()
    ]


async def find_terms(info: Info, dimension: Dimension, search: str, first: int) -> list[Term]:
    """Return the values of a dimension whose spellings are most like a text."""
    checked_first(first)
    names = info.context.snapshot.codebooks[dimension].values
    more = tuple(names[1:]) if dimension in (Dimension.COMPANY, Dimension.SOURCE) else ()
    # the first look-up of many names reads them all, which takes a while
    rows = len(info.context.snapshot) if more else 0
    found = await info.context.compute(rows, lambda: vocabulary.search(dimension, search[:200], first, more))
    return [term_of(dimension, code) for code in found]


def checked_first(first: int) -> int:
    """Return how many values to give. Raises ClientError where that is out of bounds."""
    if not 1 <= first <= MAX_TERMS:
        raise ClientError("BAD_USER_INPUT", f"first is {first}; ask for 1 to {MAX_TERMS}.")
    return first
