"""docs/statistics.md: each statistic has a query, and each query is answered with numbers."""

import asyncio
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import schema as contracts
from service.figures.snapshot import Snapshot
from service.graphql.schema import schema
from tests.demo import demo_documents
from tests.unit.figures.reports import snapshot_of
from tests.unit.test_context import context_of

ROOT = Path(contracts.__file__).parents[1]
GUIDE = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
SECTIONS = {part.partition("\n")[0]: part for part in GUIDE.split("\n## ")[1:]}
DERIVED = {title: text for title, text in SECTIONS.items() if ".py`" in title}
REPORTS = 6_000


@cache
def demo() -> Snapshot:
    """The demo's reports, by the functions that ingest calls."""
    return snapshot_of([each for each in demo_documents(REPORTS) if each["state"] == "live"])


def numbers(answer: Any) -> int:
    if isinstance(answer, dict | list):
        return sum(numbers(each) for each in (answer.values() if isinstance(answer, dict) else answer))
    return isinstance(answer, int | float) and not isinstance(answer, bool)


@pytest.mark.parametrize("title", DERIVED)
def test_the_example_of_a_statistic_is_answered_with_numbers(title: str) -> None:
    (query,) = re.findall(r"```graphql\n(.*?)\n```", DERIVED[title], re.DOTALL)
    result = asyncio.run(schema.execute(query, context_value=context_of(demo())))
    assert result.errors is None, result.errors
    assert numbers(result.data) > 0


@pytest.mark.parametrize("title", DERIVED)
def test_the_modules_that_a_heading_names_are_there(title: str) -> None:
    for name in re.findall(r"`(\w+\.py)`", title):
        assert (ROOT / "service" / "figures" / name).is_file()


def test_every_statistic_has_a_section() -> None:
    told = " ".join(DERIVED)
    for name in ("quantiles", "premium", "trend", "forecast", "offer", "comparison", "mix", "negotiation", "weighting"):
        assert f"`{name}.py`" in told
    for name in ("money", "parity", "exchange", "pooling", "benchmark", "quality"):
        assert f"`{name}.py`" in told
