"""The demo's employers: invented, so that no real company is given pay that nobody reported."""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from deploy.sources.demo.tables import INDUSTRIES, SIZES, Floats, Indices, Table

COMPANY_SEED = 20_210_101
"""One world of companies for every demo: the seed of a demo changes who reports, not who employs."""

ZIPF_EXPONENT = 1.05
PAY_SPREAD = 0.10  # standard deviation of the log of what companies pay for the same work
FLAT_SHARE = 0.18  # companies that pay the same everywhere


@dataclass(frozen=True)
class Companies:
    """All employers, the most popular first."""

    names: list[str]
    industry: Indices
    size: Indices
    core: np.ndarray[tuple[int], np.dtype[np.bool_]]
    flat: np.ndarray[tuple[int], np.dtype[np.bool_]]
    effect: Floats

    def draw(self, rng: np.random.Generator, industry: Indices) -> Indices:
        """Draw an employer of each industry asked for, by popularity (Zipf)."""
        drawn = np.zeros(len(industry), dtype=np.int64)
        for code in range(len(INDUSTRIES.codes)):
            members, wanted = np.flatnonzero(self.industry == code), np.flatnonzero(industry == code)
            popularity = np.cumsum(np.arange(1, len(members) + 1) ** -ZIPF_EXPONENT)
            drawn[wanted] = members[np.searchsorted(popularity, rng.random(len(wanted)) * popularity[-1])]
        return drawn


@cache
def load_companies() -> Companies:
    """Return the employers; the same in every process."""
    rng = np.random.default_rng(COMPANY_SEED)
    parts = Table("company_names").rows
    stems, endings = ([row["text"] for row in parts if row["part"] == part] for part in ("stem", "ending"))
    names = [stem + ending for stem, ending in product(stems, endings)]
    halfway = np.full(len(names), 0.5)
    industry, size = INDUSTRIES.draw(rng, halfway), SIZES.draw(rng, halfway)
    # large employers are the well-known ones, with exceptions
    popular = np.argsort(-(size + rng.normal(0, 2.5, len(names))), kind="stable")
    return Companies(
        names=[names[index] for index in rng.permutation(len(names))],
        industry=industry[popular],
        size=size[popular],
        core=rng.random(len(names)) < INDUSTRIES.numbers("core")[industry[popular]],
        flat=rng.random(len(names)) < FLAT_SHARE,
        effect=rng.normal(0, PAY_SPREAD, len(names)),
    )
