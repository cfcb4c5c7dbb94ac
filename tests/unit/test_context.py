"""Figures are found once a snapshot, and work never stays on the event loop for long."""

import asyncio
import threading
import time
from dataclasses import fields, replace
from typing import Any

from service.figures.privacy import Policy
from service.figures.snapshot import Snapshot
from service.graphql.context import INLINE_ROWS, INLINE_SECONDS, Context
from service.graphql.limits import DEFAULTS
from service.graphql.schema import schema
from tests.unit.figures.reports import document, snapshot_of

PREMIUM = '{ cohort { premium(dimension: SKILL, value: "pytorch") { adjusted { value low high } verdict } } }'


def context_of(snapshot: Snapshot) -> Context:
    held: dict[str, Any] = {"snapshot": snapshot, "policy": Policy(), "limits": DEFAULTS}
    return Context(**(dict.fromkeys(part.name for part in fields(Context)) | held))


def ask(snapshot: Snapshot, query: str) -> Any:
    result = asyncio.run(schema.execute(query, context_value=context_of(snapshot)))
    assert result.errors is None, result.errors
    return result.data


def test_a_figure_is_found_once_a_snapshot_and_anew_for_the_next(monkeypatch: Any) -> None:
    pays = [(n, 1e5 * (1.1 if n % 2 else 1) + 700 * (n % 13), ["pytorch"] if n % 2 else []) for n in range(200)]
    snapshot = snapshot_of([document(str(n), pay, skills=skills) for n, pay, skills in pays])
    found = ask(snapshot, PREMIUM)
    asked: list[object] = []
    monkeypatch.setattr("service.graphql.cohort.premium", lambda *given: asked.append(given))
    assert ask(snapshot, PREMIUM) == found
    assert not asked
    later = replace(snapshot, _cohorts={}, _figures={})
    asyncio.run(schema.execute(PREMIUM, context_value=context_of(later)))
    assert asked


def test_figures_of_another_basis_are_other_figures() -> None:
    snapshot = snapshot_of([document(str(n), 1e5 + 500 * n) for n in range(200)])
    query = "{ figures(basis: {currency: %s}) { number statement unit } }"
    # none of them is of these reports but the first query's answer must not be given to the second
    dollars, euros = (ask(snapshot, query % f'"{currency}"') for currency in ("USD", "EUR"))
    assert dollars["figures"] is not euros["figures"]
    keys = [key for key in snapshot._figures if isinstance(key, tuple) and key[0] == "figures"]
    assert len(keys) == 2


def test_many_small_pieces_of_work_leave_the_event_loop() -> None:
    def work() -> int:
        time.sleep(INLINE_SECONDS)
        return threading.get_ident()

    async def three() -> list[int]:
        context = context_of(snapshot_of([]))
        return [await context.compute(rows, work) for rows in (1, 1, INLINE_ROWS)]

    where = asyncio.run(three())
    assert where[0] == threading.get_ident()
    assert threading.get_ident() not in where[1:]
