"""The regression behind a premium, by scipy's sparse matrices: what one would write without our tables."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from service.figures.dimensions import Dimension
from service.figures.premium import controls_for
from service.figures.regression import Fit
from service.figures.snapshot import Snapshot

Found = tuple[float, float]
"""An effect on log pay and its robust standard error."""


def ask_both(snapshot: Snapshot, runs: int) -> tuple[float, float]:
    """Return the median milliseconds of ours and of the peer's; raises AssertionError where they differ."""
    cohort = snapshot.cohort()
    held = snapshot.base.bitmaps(Dimension.SKILL)[snapshot.codebooks[Dimension.SKILL].code_of("pytorch") or 0]
    rows = cohort.parts[0].rows
    focus = np.isin(rows, held.to_array()).astype(np.uint8)
    blocks = [focus, *(cohort.codes(control) for control in controls_for(Dimension.SKILL))]
    y = np.log(cohort.column("total"))
    (ours, fast), (theirs, slow) = (_timed(ask, y, blocks, runs) for ask in (by_tables, by_sparse_matrices))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    return fast, slow


def _timed(
    ask: Callable[[NDArray[np.float64], list[NDArray[Any]]], Found],
    y: NDArray[np.float64],
    blocks: list[NDArray[Any]],
    runs: int,
) -> tuple[Found, float]:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        found = ask(y, blocks)
        times.append(1_000 * (time.perf_counter() - started))
    return found, statistics.median(times)


def by_tables(y: NDArray[np.float64], blocks: list[NDArray[Any]]) -> Found:
    """Return the effect of the first block, as the service finds it."""
    found = Fit(y, blocks).contrast(0, 1, 0)
    assert found is not None
    return found


def by_sparse_matrices(y: NDArray[np.float64], blocks: list[NDArray[Any]]) -> Found:
    """Return the same by the normal equations of a sparse design matrix, with HC1."""
    n = len(y)
    columns, start = [np.zeros(n, np.int32)], 1
    for codes in blocks:
        levels, places = np.unique(codes, return_inverse=True)
        columns.append(np.where(places == 0, -1, start + places - 1).astype(np.int32))
        start += len(levels) - 1
    held = np.concatenate([column[column >= 0] for column in columns])
    rows = np.concatenate([np.flatnonzero(column >= 0) for column in columns])
    design = sparse.csr_matrix((np.ones(len(held)), (rows, held)), shape=(n, start))
    inverse = np.linalg.inv((design.T @ design).toarray())
    effects = inverse @ (design.T @ y)
    squares = np.square(y - design @ effects)
    meat = (design.T @ design.multiply(squares[:, None]).tocsr()).toarray()
    covariance = inverse @ meat @ inverse * (n / (n - start))
    return float(effects[1]), float(covariance[1, 1] ** 0.5)
