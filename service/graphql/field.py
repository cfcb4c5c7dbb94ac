"""The 32 figures of the field, each read off the answer to the very query that it shows."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import strawberry

from service.figures.estimates import EstimateKind
from service.figures.privacy import SuppressionReason
from service.graphql.context import Info
from service.graphql.describe import described
from service.graphql.figures import Estimate, Suppression
from service.graphql.inputs import Basis

TABLE = Path(__file__).with_name("field_figures.toml")
NOTHING_TO_SAY = "Cannot be told: too few reports say what it takes."

Answer = dict[str, Any]


@described
class FigureSample:
    """What a figure rests on."""

    reports: int = strawberry.field(description="Number of reports.")
    contributors: int = strawberry.field(description="Number of people.")


@described
class FigurePart:
    """One of the numbers of a figure that has several."""

    label: str = strawberry.field(description="What it is.")
    estimate: Estimate | None = strawberry.field(
        description="The number, in the figure's unit unless its label says otherwise; null where it cannot be given."
    )
    sample: FigureSample | None = strawberry.field(description="What it rests on; null where that is the figure's own.")


@described
class Figure:
    """One of the 32 figures: a statement of the field, checked on whatever reports are held."""

    number: int = strawberry.field(description="1 to 32.")
    section: str = strawberry.field(description="Where it belongs.")
    title: str = strawberry.field(description="What it is.")
    claim: str = strawberry.field(description="What the field says, which this checks.")
    statement: str = strawberry.field(description="One sentence with the numbers in it, or why there are none.")
    unit: str = strawberry.field(description="money (a year, in the basis's currency), ratio (minus one) or share.")
    estimate: Estimate | None = strawberry.field(description="The number; null where it is withheld or has parts.")
    parts: list[FigurePart] = strawberry.field(description="The numbers of a figure that has several.")
    sample: FigureSample | None = strawberry.field(description="What it rests on; null where its parts say.")
    suppression: Suppression | None = strawberry.field(description="Why it is withheld; null where it is not.")
    query: str = strawberry.field(description="GraphQL that reproduces it.")


@dataclass(frozen=True)
class Spec:
    """A row of the table."""

    number: int
    section: str
    title: str
    claim: str
    unit: str
    statement: str
    query: str
    value: str | None = None
    sample: str | None = None
    withheld: str | None = None
    parts: tuple[dict[str, str], ...] = ()
    each: dict[str, str] | None = None


@cache
def load_specs() -> tuple[Spec, ...]:
    """Return the table of the 32 figures, in its order."""
    with TABLE.open("rb") as file:
        rows = tomllib.load(file)["figure"]
    return tuple(Spec(**{**row, "query": row["query"].strip(), "parts": tuple(row.get("parts", ()))}) for row in rows)


async def figures(info: Info, basis: Basis) -> list[Figure]:
    """Return the 32 figures under a basis, found once a snapshot. Raises RuntimeError for a query that is wrong."""
    snapshot, key = info.context.snapshot, ("figures", basis.understood(), info.context.policy)
    known = cast("list[Figure] | None", snapshot.recall(key))
    return known or snapshot.remember(key, await _find(info, basis))


async def _find(info: Info, basis: Basis) -> list[Figure]:
    variables = {"basis": basis.asked()}
    found = []
    for spec in load_specs():
        result = await info.schema.execute(spec.query, variables, context_value=info.context)
        if result.errors or result.data is None:
            raise RuntimeError(f"The query of figure {spec.number} fails: {result.errors}")
        found.append(read_figure(spec, result.data, basis.currency.upper()))
    return found


def read_figure(spec: Spec, answer: Answer, currency: str) -> Figure:
    """Return a figure read off the answer to its query."""
    withheld = _at(answer, spec.withheld) if spec.withheld else None
    estimate = _estimate(_at(answer, spec.value)) if spec.value else None
    sample = _sample(_at(answer, spec.sample)) if spec.sample else None
    parts = list(_parts(spec, answer))
    figure = Figure(
        number=spec.number,
        section=spec.section,
        title=spec.title,
        claim=spec.claim,
        statement="",
        unit=spec.unit,
        estimate=estimate,
        parts=parts,
        sample=sample,
        suppression=_suppression(withheld) if withheld else None,
        query=spec.query,
    )
    figure.statement = _statement(spec, figure, currency)
    return figure


def _parts(spec: Spec, answer: Answer) -> Iterator[FigurePart]:
    for part in spec.parts:
        sample = _sample(_at(answer, part["sample"])) if "sample" in part else None
        yield FigurePart(label=part["label"], estimate=_estimate(_at(answer, part["value"])), sample=sample)
    if spec.each:
        for group in _at(answer, spec.each["groups"]):
            yield from _group_parts(spec.each, group)


def _group_parts(each: dict[str, str], group: Answer) -> Iterator[FigurePart]:
    label, sample = _at(group, each["label"]), _sample(_at(group, each["sample"]))
    if "of" not in each:
        yield FigurePart(label=label, estimate=_estimate(_at(group, each["value"])), sample=sample)
        return
    for one in _at(group, each["of"]):
        named = f"{label}, {_at(one, each['measure']).lower()}"
        yield FigurePart(label=named, estimate=_estimate(_at(one, each["value"])), sample=sample)


def _suppression(found: Answer) -> Suppression:
    return Suppression(reason=SuppressionReason[found["reason"]], message=found["message"])


def _at(answer: Any, path: str) -> Any:
    for step in path.split("."):
        if answer is None:
            return None
        answer = _item(answer, int(step)) if step.isdigit() else answer[step]
    return answer


def _item(answers: list[Any], place: int) -> Any:
    return answers[place] if place < len(answers) else None


def _estimate(found: Any) -> Estimate | None:
    if found is None:
        return None
    if isinstance(found, int | float):
        return Estimate(value=float(found), low=None, high=None, kind=EstimateKind.MODELLED)
    kind = EstimateKind[found["kind"]] if "kind" in found else EstimateKind.MODELLED
    low, high = found.get("low", found.get("low95")), found.get("high", found.get("high95"))
    return Estimate(value=found["value"], low=low, high=high, kind=kind)


def _sample(found: Answer | None) -> FigureSample | None:
    return FigureSample(**found) if found else None


def _statement(spec: Spec, figure: Figure, currency: str) -> str:
    if figure.suppression:
        return f"Withheld. {figure.suppression.message}"
    told = [part for part in figure.parts if part.estimate]
    if not told and figure.estimate is None:
        return NOTHING_TO_SAY
    units = {part["label"]: part.get("unit", spec.unit) for part in spec.parts}
    parts = "; ".join(
        f"{part.label} {_range(part.estimate, units.get(part.label, spec.unit), currency)}" for part in told
    )
    estimate = figure.estimate or Estimate(value=0, low=None, high=None, kind=EstimateKind.OBSERVED)
    return spec.statement.format(
        value=_number(estimate.value, spec.unit, currency),
        low=_number(estimate.low, spec.unit, currency),
        high=_number(estimate.high, spec.unit, currency),
        reports=f"{figure.sample.reports:,}" if figure.sample else "",
        parts=parts,
    )


def _range(estimate: Estimate | None, unit: str, currency: str) -> str:
    if estimate is None:
        return "withheld"
    value = _number(estimate.value, unit, currency)
    if estimate.low is None or estimate.high is None:
        return value
    return f"{value} ({_number(estimate.low, unit, currency)} to {_number(estimate.high, unit, currency)})"


def _number(value: float | None, unit: str, currency: str) -> str:
    if value is None:
        return "too few for an interval"
    return {
        "money": f"{currency} {value:,.0f}",
        "ratio": f"{value:+.1%}",
        "share": f"{value:.1%}",
        "index": f"{value:.1f}",
    }[unit]
