"""Documents made up for the tests of figures, and snapshots of them."""

from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st
from pyroaring import BitMap

from schema.document import document_id
from service.documents import Encoder, columns_of, row_id
from service.figures.dimensions import new_codebooks
from service.figures.index import Index
from service.figures.snapshot import Snapshot

ROLES = ("machine-learning-engineer", "data-scientist", "research-scientist")
LEVELS = ("entry", "mid", "senior")
SKILLS = ("python", "pytorch", "sql")
SKILL_SETS = [list(names) for size in range(4) for names in combinations(SKILLS, size)]
COMPANIES = (None, "alpha", "beta", "gamma")


def document(subject: str, total: float, **more: Any) -> dict[str, Any]:
    """Return a live document with this total; `more` are fields of the SalaryReport at rest."""
    return {
        "_id": document_id("test", subject),
        "source": "test",
        "subject": subject,
        "version": [0, 0, subject],
        "state": "live",
        "received": datetime(2026, 1, 1),
        "effective": datetime(2025, 1, 1),
        "role": ROLES[0],
        "pay": {"total": total, "first_year": total, "base": total},
        **more,
    }


def snapshot_of(base: list[dict[str, Any]], delta: list[dict[str, Any]] = (), dead: tuple[int, ...] = ()) -> Snapshot:  # type: ignore[assignment]
    """Return a snapshot of documents in a base and a delta; `dead` are places in `base` that no longer count."""
    encoder = Encoder(new_codebooks())
    index = Index(columns_of(map(encoder.row_of, base)))
    gone = index.find(np.array([row_id(base[place]["_id"]) for place in dead], np.uint64))
    return Snapshot(index, BitMap(gone.tolist()), Index(columns_of(map(encoder.row_of, delta))), encoder.books)


@st.composite
def documents(draw: st.DrawFn, most: int = 60) -> list[dict[str, Any]]:
    """Draw documents of every kind, with ties in pay and people who report more than once."""
    count = draw(st.integers(0, most))
    # from a seed, since drawing each field by itself takes a hundred times as long
    choose = Random(draw(st.integers(0, 2**32))).choice
    return [
        document(
            str(number),
            choose(range(20, 60)) * 5_000.0,
            role=choose(ROLES),
            level=choose(LEVELS),
            company=choose(COMPANIES),
            skills=choose(SKILL_SETS),
            contributor=choose((None, "0a", "0b", "0c")),
            experience_years=choose((None, 0.5, 3.0, 7.5, 20.0)),
            effective=datetime(2023, 1, 1) + timedelta(days=choose(range(900))),
            flags=choose(((), (), ("range",), ("outlier",))),
        )
        for number in range(count)
    ]
