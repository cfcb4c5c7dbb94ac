"""The six questions, and how our own columns are asked them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pyroaring import BitMap

from service.documents import columns_of
from service.figures.bitmaps import pack
from service.figures.cohort import Cohort
from service.figures.conditions import EVERYTHING, AllOf, OneOf
from service.figures.dimensions import Dimension
from service.figures.distribution import Distribution
from service.figures.index import Index
from service.figures.money import Basis, Measure
from service.figures.privacy import Policy
from service.figures.quantiles import interval_ranks, quantile, quantile_interval
from service.figures.snapshot import Snapshot
from tests.bench.engines.reports import Reports, make_reports

FIVE = (0.1, 0.25, 0.5, 0.75, 0.9)
MEDIAN = (0.5,)
DELTA_ROWS = 20_000

Answer = dict[int, tuple[float, ...]]
"""The quantiles of each group, by its code; a question without groups has one, 0."""
Ask = Callable[[], Answer]
Read = Callable[[Cohort, tuple[float, ...]], tuple[float, ...]]


@dataclass(frozen=True)
class Question:
    """Quantiles of the reports that carry some codes, of all or of each group by a dimension."""

    text: str
    where: dict[Dimension, int]
    by: Dimension | None = None

    @property
    def ps(self) -> tuple[float, ...]:
        """Which quantiles are asked for."""
        return FIVE if self.by is None else MEDIAN


LEVEL, COUNTRY, COMMON_ROLE, OTHER_ROLE = 4, 1, 1, 5
"""Codes of a level of 30% of the reports, a country of 22%, and roles of 29% and 6%."""

QUESTIONS = {
    "Q1": Question("five percentiles of everything", {}),
    "Q2": Question("level and country: five percentiles", {Dimension.LEVEL: LEVEL, Dimension.COUNTRY: COUNTRY}),
    "Q3": Question("by level: medians", {}, Dimension.LEVEL),
    "Q4": Question("a role, by metro: medians", {Dimension.ROLE: OTHER_ROLE}, Dimension.METRO),
    "Q4+": Question("the commonest role, by metro", {Dimension.ROLE: COMMON_ROLE}, Dimension.METRO),
    "Q5": Question("a role, by month: medians", {Dimension.ROLE: OTHER_ROLE}, Dimension.MONTH),
    "Q5+": Question("the commonest role, by month", {Dimension.ROLE: COMMON_ROLE}, Dimension.MONTH),
    "Q6": Question("a level, by skill: medians", {Dimension.LEVEL: LEVEL}, Dimension.SKILL),
}


def snapshot_of(reports: Reports) -> Snapshot:
    """Return a warm snapshot of reports, all in the base."""
    base = Index(reports.columns())
    base.warm()
    return Snapshot(base, BitMap(), Index(columns_of(())), reports.books)


def changed(snapshot: Snapshot, seed: int) -> Snapshot:
    """Return a snapshot a little later: 20,000 reports came in, of which every second replaces one that was there."""
    delta = Index(make_reports(DELTA_ROWS, seed).columns())
    dead = pack(snapshot.base.everything.to_array()[:: 2 * len(snapshot.base) // DELTA_ROWS])
    later = Snapshot(snapshot.base, dead, delta, snapshot.codebooks)
    _ = later.repeated(later.base), later.repeated(later.delta)
    return later


def plain(cohort: Cohort, ps: tuple[float, ...]) -> tuple[float, ...]:
    """Read quantiles, as the other engines do."""
    return tuple([quantile(cohort, p) for p in ps])


def with_intervals(cohort: Cohort, ps: tuple[float, ...]) -> tuple[float, ...]:
    """Read quantiles and the 95% interval of each."""
    for p in ps:
        quantile_interval(cohort, p)
    return plain(cohort, ps)


def published(cohort: Cohort, ps: tuple[float, ...]) -> tuple[float, ...]:
    """Read quantiles as GraphQL does: k-anonymous, with intervals, rounded; NaN where one is withheld."""
    figures = Distribution(cohort, Measure.TOTAL, Basis(), Policy())
    estimates = [figures.quantile(p) for p in ps]
    return tuple([estimate.value if estimate else float("nan") for estimate in estimates])


def ways_of(snapshot: Snapshot, read: Read) -> dict[str, Ask]:
    """Return how to ask each question of a snapshot, each time as if nobody had asked for its filter before."""
    return {name: partial(_ask, snapshot, question, read) for name, question in QUESTIONS.items()}


def _ask(snapshot: Snapshot, question: Question, read: Read) -> Answer:
    snapshot._cohorts.clear()
    interval_ranks.cache_clear()
    names = {dimension: snapshot.codebooks[dimension].values for dimension in question.where}
    parts = tuple([OneOf(by, frozenset({names[by][code]})) for by, code in question.where.items()])
    cohort = snapshot.cohort(AllOf(parts) if parts else EVERYTHING)
    if question.by is None:
        return {0: read(cohort, question.ps)}
    return {code: read(group, question.ps) for code, group in cohort.groups(question.by).items()}
