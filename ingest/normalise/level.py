"""Levels: explicit words, the employer's ladder, the title, years of experience, in this order of trust."""

from functools import lru_cache
from typing import NamedTuple

from ingest.normalise.text import CACHED_STRINGS, Lookup
from ingest.normalise.title import read_title
from schema.ladders import Rung, find_rung, load_ladders
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


class _Explicit(NamedTuple):
    """What a text says of a level: by our own words, else by the words of a title, and what only a ladder can tell."""

    word: FoundLevel
    title: FoundLevel
    grade: str | None


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
    stated = _read_stated(explicit, company) if explicit else NO_LEVEL
    if stated.level:
        return stated
    if grade and company and company in load_ladders() and (rung := _rung(company, grade)):
        return FoundLevel(rung.level, LevelSource.LADDER, MatchKind.ALIAS)
    if title_level:
        return FoundLevel(title_level, LevelSource.TITLE, MatchKind.ALIAS)
    return NO_LEVEL if years is None else _level_by(years)


def _read_stated(text: str, company: str | None) -> FoundLevel:
    found = _read_explicit(text)
    if found.word.match is MatchKind.EXACT or not (company and company in load_ladders()):
        return found.word if found.word.level else found.title
    # An employer's own word comes before ours: a bank's vice president is no executive.
    if rung := _rung(company, text):
        return FoundLevel(rung.level, LevelSource.LADDER, MatchKind.EXACT)
    if found.word.level:
        return found.word
    graded = _rung(company, found.grade) if found.grade else None
    return FoundLevel(graded.level, LevelSource.LADDER, MatchKind.ALIAS) if graded else found.title


@lru_cache(CACHED_STRINGS)
def _read_explicit(text: str) -> _Explicit:
    found = _levels.find(text)
    word = FoundLevel(Level(found.code), LevelSource.EXPLICIT, found.match) if found.code else NO_LEVEL
    title = read_title(text)
    named = title.level if not text.strip().isdigit() else None
    return _Explicit(word, FoundLevel(named, LevelSource.EXPLICIT, MatchKind.ALIAS) if named else NO_LEVEL, title.grade)


@lru_cache(CACHED_STRINGS)
def _rung(company: str, code: str) -> Rung | None:
    return find_rung(company, code)


def _level_by(years: float) -> FoundLevel:
    if years < YEARS_TO_MID:
        return _BEGINNER
    return _INTERMEDIATE if years < YEARS_TO_SENIOR else _EXPERIENCED
