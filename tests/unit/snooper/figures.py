"""What a snooper can ask besides means and quantiles in dollars, each as one question with a typed answer."""

import asyncio
from typing import Any, cast

import numpy as np
from graphql import GraphQLInputType
from graphql.utilities import coerce_input_value
from strawberry.types.arguments import convert_argument

from service.figures.cohort import Cohort
from service.figures.comparison import compare
from service.figures.distribution import Distribution
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.figures.weighting import Weighting, distribution_by
from service.graphql.conditions import condition_of
from service.graphql.inputs import CohortFilter
from service.graphql.schema import schema
from tests.unit.snooper.people import PEOPLE
from tests.unit.snooper.snooper import Cut, Where, context_for

INTERNATIONAL = {"ppp": True}
PAY = """query ($where: CohortFilter!, $basis: Basis!, $by: Weighting!) { cohort(where: $where, basis: $basis) {
  distribution(weighting: $by) { reports blurredBy median { value low high } mean { value } } } }"""


class Asker:
    """Asks the API, and remembers nothing."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._cohorts: dict[str, Cohort] = {}

    def ask(self, query: str, of: str = "cohort", **variables: Any) -> Any:
        """Return the cohort of an answer, or another field of it. Raises AssertionError for one with errors."""
        context = context_for(self._snapshot, Policy())
        result = asyncio.run(schema.execute(query, variables, context_value=context))
        assert result.errors is None, result.errors
        assert result.data is not None
        return result.data[of]

    def median(self, cut: Cut, basis: Basis = Basis(), by: Weighting = Weighting.PERSON) -> float | None:  # noqa: B008
        """Return the median of exactly this cohort; None where it is withheld, or another's is given."""
        found = distribution_by(by, self._cohort(cut), Measure.TOTAL, basis, Policy())
        median = None if found.blurred_by else found.quantile(0.5)
        return median and median.value

    def compared_with_itself(self, cut: Cut) -> tuple[float, float] | None:
        """Return how high the intervals of the difference and of the ratio of its median with itself reach."""
        found = Distribution(self._cohort(cut), Measure.TOTAL, Basis(), Policy())
        told = compare(found, found)
        if found.blurred_by or not told.difference or not told.ratio:
            return None
        reach, times = told.difference.high, told.ratio.high
        return None if reach is None or times is None else (reach, times)

    def _cohort(self, cut: Cut) -> Cohort:
        if cut.key not in self._cohorts:  # one a cut, which remembers what privacy found
            self._cohorts[cut.key] = self._snapshot.cohort(condition_of(filter_of(cut.where), self._snapshot))
        return self._cohorts[cut.key]


def filter_of(where: Where) -> CohortFilter:
    """Return what GraphQL makes of a filter."""
    kind = schema._schema.get_type("CohortFilter")
    coerced = coerce_input_value(where, cast("GraphQLInputType", kind))
    registry = schema.schema_converter.scalar_registry
    return cast("CohortFilter", convert_argument(coerced, CohortFilter, registry, schema.config))


def members(cut: Cut) -> list[int]:
    """Return who is in a cohort."""
    held = np.frombuffer(cut.people.to_bytes(PEOPLE // 8 + 1, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(held, bitorder="little")).tolist()


def band(amount: float) -> tuple[float, float]:
    """Return between what an amount of three significant digits was."""
    half = 10.0 ** (np.floor(np.log10(amount)) - 2) / 2
    return amount - half, amount + half
