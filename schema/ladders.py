"""Employers' own ladders of levels, from ladder.csv, and which rungs of different employers correspond.

A rung has the level that its employer's own name for it says ("Staff"), else the one it is publicly compared with.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from schema.terms import FOLDER
from schema.vocabulary import Level


@dataclass(frozen=True, slots=True)
class Rung:
    """One level of an employer's ladder; `source` is where the ladder is public."""

    company: str
    code: str
    level: Level
    source: str


@cache
def load_ladders() -> Mapping[str, tuple[Rung, ...]]:
    """Return the rungs of each company, from lowest to highest, by its code in company.csv."""
    ladders: dict[str, tuple[Rung, ...]] = {}
    for row in _rows():
        ladders[row["company"]] = (*ladders.get(row["company"], ()), _rung_of(row))
    return MappingProxyType(ladders)


def find_rung(company: str, code: str) -> Rung | None:
    """Return the rung of a company's ladder that people call so ("L5", "level 5", "SDE II"), or None."""
    return _rungs_by_name().get((company, _name(code)))


def find_equivalents(company: str, code: str) -> tuple[Rung, ...]:
    """Return the rungs of all other companies that have the level of this one. Empty where the rung is not known."""
    rung = find_rung(company, code)
    if rung is None:
        return ()
    others = (other for ladder in load_ladders().values() for other in ladder)
    return tuple(other for other in others if other.level is rung.level and other.company != company)


@cache
def _rungs_by_name() -> Mapping[tuple[str, str], Rung]:
    names: dict[tuple[str, str], Rung] = {}
    for row in _rows():
        for name in (row["code"], *filter(None, row["aliases"].split("|"))):
            names.setdefault((row["company"], _name(name)), _rung_of(row))
    return MappingProxyType(names)


def _rung_of(row: dict[str, str]) -> Rung:
    return Rung(row["company"], row["code"], Level(row["level"]), row["source"])


@cache
def _rows() -> list[dict[str, str]]:
    with (FOLDER / "ladder.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _name(text: str) -> str:
    letters = re.sub(r"[\W_]+", "", text.casefold())
    return re.sub(r"^(level|grade|band|lvl)(?=[a-z]{0,3}\d)", "", letters)
