"""Levels: explicit words, the employer's ladder, the title, years of experience, in this order of trust."""

from functools import lru_cache
from typing import NamedTuple

from ingest.normalise.text import CACHED_STRINGS, Lookup
from ingest.normalise.title import read_title
from schema.ladders import find_equivalents, find_rung
from schema.terms import load_terms
from schema.vocabulary import Level, LevelSource, MatchKind

YEARS_TO_MID = 2.0
YEARS_TO_SENIOR = 5.0
"""Years from which most reports that name a level call it mid or senior; above senior, years say nothing."""


class FoundLevel(NamedTuple):
    """A level, what it was read from, and how."""

    level: Level | None
    source: LevelSource | None
    match: MatchKind


NO_LEVEL = FoundLevel(None, None, MatchKind.NONE)
_BEGINNER, _INTERMEDIATE, _EXPERIENCED = (
    FoundLevel(level, LevelSource.EXPERIENCE, MatchKind.FUZZY) for level in (Level.ENTRY, Level.MID, Level.SENIOR)
)
_levels = Lookup(load_terms("level").values())


def find_level(
    explicit: str | None, company: str | None, title_level: Level | None, years: float | None, grade: str | None = None
) -> FoundLevel:
    """Return the level by the most trusted of its sources that says something.

    `company` is a code of company.csv, `grade` what a title has of an employer's own ladder. A level from years of
    experience never goes above senior, and its match is FUZZY.
    """
    if explicit:
        found = _read_explicit(explicit, company)
        if found.level:
            return found
    rung = find_rung(company, grade) if company and grade else None
    if rung:
        return FoundLevel(rung.level, LevelSource.LADDER, MatchKind.ALIAS)
    if title_level:
        return FoundLevel(title_level, LevelSource.TITLE, MatchKind.ALIAS)
    return NO_LEVEL if years is None else _level_by(years)


def level_equivalents(company: str, code: str) -> list[tuple[str, str, Level, str]]:
    """Return (company, code, level, source) of other employers' rungs that correspond to one of this employer's."""
    return [(rung.company, rung.code, rung.level, rung.source) for rung in find_equivalents(company, code)]


@lru_cache(CACHED_STRINGS)
def _read_explicit(text: str, company: str | None) -> FoundLevel:
    word = _levels.find(text)
    if word.code and word.match is MatchKind.EXACT:
        return FoundLevel(Level(word.code), LevelSource.EXPLICIT, MatchKind.EXACT)
    # An employer's own word comes before ours: a bank's vice president is no executive.
    rung = find_rung(company, text) if company else None
    if rung:
        return FoundLevel(rung.level, LevelSource.LADDER, MatchKind.EXACT)
    if word.code:
        return FoundLevel(Level(word.code), LevelSource.EXPLICIT, word.match)
    title = read_title(text)
    graded = find_rung(company, title.grade) if company and title.grade else None
    if graded:
        return FoundLevel(graded.level, LevelSource.LADDER, MatchKind.ALIAS)
    if title.level and not text.strip().isdigit():
        return FoundLevel(title.level, LevelSource.EXPLICIT, MatchKind.ALIAS)
    return NO_LEVEL


def _level_by(years: float) -> FoundLevel:
    if years < YEARS_TO_MID:
        return _BEGINNER
    return _INTERMEDIATE if years < YEARS_TO_SENIOR else _EXPERIENCED
