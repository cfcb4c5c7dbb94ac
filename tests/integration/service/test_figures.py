"""The 32 figures over a store of synthetic reports, and the queries that they show."""

from typing import Any

import pytest
from pymongo.collection import Collection

from tests.demo import demo_documents
from tests.integration.service.conftest import Ask

QUERY = """{ figures { number section title claim statement unit estimate { value low high kind }
    parts { label estimate { value low high kind } sample { reports } } sample { reports contributors }
    suppression { reason message } query } }"""
"""All of a figure."""
REPORTS = 6_000


@pytest.fixture
def demo(reports: Collection[dict[str, Any]]) -> None:
    """Fill the store with the demo, by the functions that ingest calls."""
    reports.insert_many(demo_documents(REPORTS))


def read(answer: Any, path: str) -> Any:
    for step in path.split("."):
        answer = answer[int(step)] if step.isdigit() else answer[step]
        if answer is None:
            return None
    return answer


@pytest.mark.usefixtures("demo")
def test_the_figures_are_what_their_queries_say(ask: Ask) -> None:
    found = ask(QUERY)["figures"]
    assert [figure["number"] for figure in found] == list(range(1, 33))
    given = [figure for figure in found if figure["estimate"] or any(part["estimate"] for part in figure["parts"])]
    assert len(given) >= 30, [figure["statement"] for figure in found if figure not in given]
    for figure in found:
        answer = ask(figure["query"])
        values = set(_numbers(answer))
        for estimate in [figure["estimate"], *(part["estimate"] for part in figure["parts"])]:
            if estimate:
                assert estimate["value"] in values, figure["title"]
                assert {estimate["low"], estimate["high"]} - {None} <= values, figure["title"]
        assert figure["statement"].endswith((".", "?"))
        assert "{" not in figure["statement"]
        told = [part["label"] for part in figure["parts"] if part["estimate"]]
        assert all(label in figure["statement"] for label in told), figure["statement"]


def _numbers(answer: Any) -> list[float]:
    if isinstance(answer, dict):
        return [number for value in answer.values() for number in _numbers(value)]
    if isinstance(answer, list):
        return [number for value in answer for number in _numbers(value)]
    return [answer] if isinstance(answer, int | float) and not isinstance(answer, bool) else []


def test_without_reports_every_figure_says_why_there_is_none(ask: Ask) -> None:
    for figure in ask(QUERY)["figures"]:
        assert figure["estimate"] is None
        assert all(part["estimate"] is None for part in figure["parts"])
        assert figure["statement"].startswith(("Withheld", "Cannot be told"))
