"""Synthetic reports made directly as columns: seeded, every dimension with a realistic number of values."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schema.terms import load_terms
from schema.vocabulary import SourceKind
from service.figures.columns import DTYPES, FLAG_BITS, Columns, sort_columns
from service.figures.dimensions import PROPERTIES, Codebooks, Dimension, new_codebooks

ROLES, METROS, REGIONS, COUNTRIES, COMPANIES, SKILLS, SPECIALIZATIONS = 18, 200, 120, 40, 20_000, 150, 12
INDUSTRIES, FIELDS, SOURCES = 25, 20, 6
FIRST_DAY, MONTHS = np.datetime64("2020-01"), 60
LEVEL_SHARES = (0.02, 0.12, 0.25, 0.30, 0.12, 0.05, 0.08, 0.04, 0.02)
LEVEL_PAY = (0.45, 0.6, 0.8, 1.0, 1.3, 1.6, 1.35, 1.8, 2.4)
SKILLS_DRAWN, SPECIALIZATIONS_DRAWN = 8, 2
REPEATED_SHARE, FLAGGED_SHARE = 0.10, 0.01

REAL = (
    Dimension.ROLE,
    Dimension.COUNTRY,
    Dimension.SKILL,
    Dimension.SPECIALIZATION,
    Dimension.INDUSTRY,
    Dimension.METRO,
)
"""Named as the vocabularies do, so that the 32 figures find what they ask for."""

ASKED_SKILLS = ("python", "pytorch", "tensorflow", "spark", "kafka", "system-design", "communication")

Array = NDArray[Any]


@dataclass(frozen=True)
class Reports:
    """Reports in no order: the arrays of DTYPES, and the skills and specialisations of each, filled up with 0."""

    arrays: dict[str, Array]
    skills: Array
    specializations: Array
    books: Codebooks

    def columns(self) -> Columns:
        """Return them as the service holds them."""
        several = {Dimension.SPECIALIZATION: self.specializations, Dimension.SKILL: self.skills}
        carried = {
            dimension: (codes[codes > 0], np.count_nonzero(codes, axis=1)) for dimension, codes in several.items()
        }
        return sort_columns(self.arrays, carried)


COUNTED_KINDS = [1 + code for code, kind in enumerate(SourceKind) if kind is not SourceKind.OFFICIAL]
"""Official statistics are in no figure, and the other engines count every row."""


def make_reports(count: int, seed: int) -> Reports:
    """Return this many reports; the same count and seed give the same reports."""
    rng = np.random.default_rng(seed)
    metro = _zipf(rng, METROS, count)
    level = 1 + rng.choice(len(LEVEL_SHARES), count, p=LEVEL_SHARES)
    country_of = np.concatenate(([0], 1 + np.arange(METROS) % COUNTRIES))
    region_of = np.concatenate(([0], 1 + np.arange(METROS) % REGIONS))
    hub_of = np.concatenate(([0], 1 + (np.arange(METROS) < 30)))
    country = country_of[metro]
    metro = _forget(rng, metro, 0.1)
    total = 120_000 * np.array(LEVEL_PAY)[level - 1] * (1.6 / (1 + 0.04 * country)) * rng.lognormal(0, 0.35, count)
    found: dict[str, Array] = {
        "id": rng.integers(0, 2**64, count, np.uint64),
        "total": np.round(total),
        **_parts(rng, total),
        "contributor": _contributors(rng, count),
        "day": _days(rng, count),
        "company": _forget(rng, _zipf(rng, COMPANIES, count), 0.2),
        "metro": metro,
        "region": region_of[metro],
        "country": country,
        "source": _zipf(rng, SOURCES, count),
        "role": _zipf(rng, ROLES, count),
        "level": level,
        "technology_hub": hub_of[metro],
        "industry": _forget(rng, _zipf(rng, INDUSTRIES, count), 0.3),
        "field": _forget(rng, _zipf(rng, FIELDS, count), 0.4),
        "experience": _forget(rng, 1 + rng.binomial(60, 0.25, count), 0.2),
        "match": rng.integers(1, 4, count),
        "flags": np.where(rng.random(count) < FLAGGED_SHARE, rng.choice(list(FLAG_BITS.values()), count), 0),
    }
    for dimension, held in PROPERTIES.items():
        if held.closed and held.column not in (*found, "kind"):
            values = 1 + rng.integers(0, len(held.closed), count)
            found[dimension.value] = _forget(rng, values, 0.3)
    found["kind"] = rng.choice(COUNTED_KINDS, count)
    return Reports(
        {name: found[name].astype(dtype) for name, dtype in DTYPES.items()},
        _several(rng, SKILLS, SKILLS_DRAWN, count),
        _several(rng, SPECIALIZATIONS, SPECIALIZATIONS_DRAWN, count),
        _books(),
    )


def _zipf(rng: np.random.Generator, values: int, count: int) -> Array:
    shares = 1 / np.arange(1, values + 1)
    return 1 + np.searchsorted(np.cumsum(shares / shares.sum())[:-1], rng.random(count)).astype(np.uint32)


def _forget(rng: np.random.Generator, values: Array, share: float) -> Array:
    return np.where(rng.random(len(values)) < share, 0, values)


def _parts(rng: np.random.Generator, total: Array) -> dict[str, Array]:
    count = len(total)
    base, bonus, stock = total * 0.75, total * 0.1, total * 0.13
    parts = {"base": base, "bonus": bonus, "stock": stock, "benefits": total - base - bonus - stock}
    named = {name: np.where(rng.random(count) < 0.6, amounts, np.nan) for name, amounts in parts.items()}
    sign_on = np.where(rng.random(count) < 0.1, 20_000.0, np.nan)
    first = {name: np.where(rng.random(count) < 0.2, total * 0.93, np.nan) for name in ("first_base", "first_total")}
    previous = np.where(rng.random(count) < 0.3, total * 0.9, np.nan)
    year = total + np.nan_to_num(sign_on)
    ranged = rng.random(count) < 0.2
    ends = {name: np.where(ranged, total * end, np.nan) for name, end in (("low", 0.85), ("high", 1.15))}
    return {"first_year": year, **named, "sign_on": sign_on, **ends, **first, "previous_total": previous}


def _contributors(rng: np.random.Generator, count: int) -> Array:
    people = rng.integers(1, 2**64, count, np.uint64)
    again = rng.random(count) < REPEATED_SHARE
    people[again] = people[rng.integers(0, count, int(again.sum()))]
    return people


def _days(rng: np.random.Generator, count: int) -> Array:
    first, end = (np.datetime64(FIRST_DAY + months, "D").astype(int) for months in (0, MONTHS))
    return rng.integers(first, end, count)


def _several(rng: np.random.Generator, values: int, drawn: int, count: int) -> Array:
    found = np.empty((count, drawn), np.uint8)
    for place in range(drawn):
        found[:, place] = _zipf(rng, values, count)
    found[rng.random((count, drawn)) < 0.25] = 0
    found.sort(axis=1)
    found[:, 1:][found[:, 1:] == found[:, :-1]] = 0
    return found


def _books() -> Codebooks:
    books = new_codebooks()
    real = {dimension: list(load_terms(dimension.value)) for dimension in REAL}
    real[Dimension.SKILL].sort(key=lambda name: name not in ASKED_SKILLS)
    sizes = {
        Dimension.ROLE: ROLES,
        Dimension.COUNTRY: COUNTRIES,
        Dimension.METRO: METROS,
        Dimension.REGION: REGIONS,
        Dimension.COMPANY: COMPANIES,
        Dimension.SKILL: SKILLS,
        Dimension.SPECIALIZATION: SPECIALIZATIONS,
        Dimension.INDUSTRY: INDUSTRIES,
        Dimension.FIELD: FIELDS,
        Dimension.SOURCE: SOURCES,
    }
    for dimension, size in sizes.items():
        for place in range(size):
            known = real.get(dimension, [])
            books[dimension].learn(known[place] if place < len(known) else f"{dimension.value}-{place + 1}")
    return books
