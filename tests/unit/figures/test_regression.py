"""Least squares by contingency tables against statsmodels on the same rows."""

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray

from service.figures.regression import SMALL_SAMPLE, Fit

Array = NDArray[np.float64]


def dummies(codes: NDArray[np.integer]) -> Array:
    return (codes[:, None] == np.unique(codes)[None, 1:]).astype(float)


def data(rows: int, sizes: tuple[int, ...], seed: int = 1) -> tuple[Array, list[NDArray[np.uint8]]]:
    rng = np.random.default_rng(seed)
    blocks = [rng.integers(0, size, rows).astype(np.uint8) for size in sizes]
    effects = sum(rng.normal(0, 0.2, size)[codes] for size, codes in zip(sizes, blocks, strict=True))
    return 11 + effects + rng.normal(0, 0.1 + 0.1 * (blocks[1] == 0), rows), blocks


@pytest.mark.parametrize(("rows", "kind"), [(600, "HC3"), (SMALL_SAMPLE + 1, "HC1")])
@pytest.mark.parametrize("sizes", [(2, 3), (2, 5, 4, 6), (6, 3, 9, 2, 4, 3)])
def test_contrasts_and_robust_errors_are_those_of_statsmodels(sizes: tuple[int, ...], rows: int, kind: str) -> None:
    y, blocks = data(rows, sizes)
    design = np.column_stack([np.ones(len(y)), *(dummies(codes) for codes in blocks)])
    oracle = sm.OLS(y, design).fit(cov_type=kind)
    fit = Fit(y, list(blocks))
    assert fit.rank == np.linalg.matrix_rank(design)
    for level in range(1, sizes[0]):
        expected = (oracle.params[level], oracle.bse[level])
        assert fit.contrast(0, level, 0) == pytest.approx(expected, rel=1e-8)
        assert fit.contrasts(0, 0)[level] == pytest.approx(expected, rel=1e-8)


def test_levels_are_the_codes_as_given_with_gaps() -> None:
    y, blocks = data(400, (2, 4))
    spread = [blocks[0] * 7 + 3, blocks[1] * 50]
    assert Fit(y, spread).contrast(0, 10, 3) == pytest.approx(Fit(y, list(blocks)).contrast(0, 1, 0))


def test_an_effect_that_a_control_determines_is_not_given() -> None:
    y, (focus, control) = data(400, (2, 4))
    same = np.where(focus == 1, control, control + 4)
    assert Fit(y, [focus, same]).contrast(0, 1, 0) is None


def test_a_redundant_control_changes_nothing() -> None:
    y, (focus, control) = data(400, (2, 4))
    once, twice = Fit(y, [focus, control]), Fit(y, [focus, control, control * 3])
    assert twice.rank == once.rank
    assert twice.contrast(0, 1, 0) == pytest.approx(once.contrast(0, 1, 0))


def test_the_order_of_rows_does_not_matter() -> None:
    y, blocks = data(400, (2, 4, 3))
    order = np.random.default_rng(2).permutation(len(y))
    shuffled = Fit(y[order], [codes[order] for codes in blocks])
    assert shuffled.contrast(0, 1, 0) == pytest.approx(Fit(y, list(blocks)).contrast(0, 1, 0))
