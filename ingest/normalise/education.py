"""Education: the highest degree and the field of study, from degree.csv and field.csv."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ingest.normalise.text import CACHED_STRINGS, Found, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import EducationLevel, MatchKind


class FoundEducation(NamedTuple):
    """The highest completed degree and a code of field.csv, each with how it was found."""

    degree: EducationLevel | None
    degree_match: MatchKind
    field: str | None
    field_match: MatchKind


_degrees = Lookup(load_terms("degree").values(), fuzzy=True)
_fields = Lookup(load_terms("field").values(), fuzzy=True)

_RUNGS = {level: rung for rung, level in enumerate(EducationLevel)}
_BELOW = {
    EducationLevel.DOCTORATE: EducationLevel.MASTER,
    EducationLevel.MASTER: EducationLevel.BACHELOR,
    EducationLevel.BACHELOR: EducationLevel.SECONDARY,
    EducationLevel.ASSOCIATE: EducationLevel.SECONDARY,
}
_UNFINISHED = re.compile(
    r"\b(?:students?|candidates?|pursuing|persuing|in progress|ongoing|drop ?outs?|dropped out|incomplete|unfinished"
    r"|abd|all but dissertation|expected|currently|enrolled|studying|not completed|not finished|some|without"
    r"|en cours|en curso|cursando|incompleto|incompleta|laufend|abgebrochen|doctorant|doctorante|doktorand|doktorandin"
    r"|doctorando|doutorando|dottorando|promovendus|w trakcie|in corso|didn t finish|did not finish|part way|left)\b"
)
_CANDIDATES = re.compile(r"\b(?:doctorante?|doktorand(?:in)?|doctorando|doutorando|dottorando|promovendus|abd)\b")
_DOTTED = re.compile(r"\b(?:[A-Za-z]{1,4}\.){1,3}(?:[A-Za-z]{1,5}\b\.?)?")
_SPACED = re.compile(r"\b(b|m|d|ph|b a|m a) (tech|sc|com|comm|eng|ed|phil|arch|stat|e|s|a|d|ca|ba)\b")
_IN = re.compile(r"\b(?:in|of|major|majoring|field|major in)\b")
# Short names that in the middle of a text are words of another language more often than degrees or fields
_SHORT_FIELDS = frozenset(("cs", "cse", "ece", "eee", "ee", "ai", "ml"))
_LONGEST_AMBIGUOUS = 2
# In the text of a degree these name the degree ("higher education", "diplôme d'ingénieur")
_NO_FIELDS = frozenset(("education", "engineer", "languages"))


def find_education(degree: str | None, field: str | None) -> FoundEducation:
    """Return the highest completed degree and the field, which may stand in the degree's text ("M.Tech CSE")."""
    level, level_match = find_degree(degree) if degree else (None, MatchKind.NONE)
    named = find_field(field) if field else None
    if degree and not (named and named.code):
        named = field_in_degree(degree)
    code, match = named or Found(None, MatchKind.NONE)
    return FoundEducation(level, level_match, code, match)


@lru_cache(CACHED_STRINGS)
def find_degree(text: str) -> tuple[EducationLevel | None, MatchKind]:
    """Return the highest degree that a text says is completed: a PhD student has a master's."""
    whole = _degrees.find(text)
    if whole.code:
        return EducationLevel(whole.code), whole.match
    folded = _fold_degree(text)
    whole = _degrees.find(folded)
    levels = {EducationLevel(whole.code)} if whole.code else set(_named_degrees(folded))
    if _CANDIDATES.search(folded):
        levels.add(EducationLevel.DOCTORATE)
    if not levels:
        return None, MatchKind.NONE
    highest = max(levels, key=_RUNGS.__getitem__)
    if _UNFINISHED.search(folded):
        reached = {level for level in ({_BELOW.get(highest)} | (levels - {highest})) if level}
        highest_or_none = max(reached, key=_RUNGS.__getitem__, default=None)
        return highest_or_none, MatchKind.ALIAS if highest_or_none else MatchKind.NONE
    return highest, whole.match if whole.code else MatchKind.ALIAS


@lru_cache(CACHED_STRINGS)
def find_field(text: str) -> Found:
    """Return the field of study; of several that are named, the first."""
    folded = _spell_out(fold(text))
    whole = _fields.find(text)
    if whole.code is None:
        whole = _fields.find(folded)
    return whole if whole.code else _first(found for name, found in _fields.scan(folded) if _is_telling(name))


@lru_cache(CACHED_STRINGS)
def field_in_degree(text: str) -> Found:
    """Return the field that the text of a degree names."""
    folded = _fold_degree(text)
    named = _IN.split(folded, maxsplit=1)[-1]
    # "Master of Engineering" is a degree: its field is not told.
    taken = {name for name, found in _degrees.scan(folded)}
    rest = folded
    for name in sorted(taken, key=len, reverse=True):
        rest = re.sub(rf"\b{re.escape(name)}\b", " ", rest)
    whole = _fields.find(named.strip()) if named != folded else Found(None, MatchKind.NONE)
    if whole.code and named.strip() in rest:
        return whole
    return _first(found for name, found in _fields.scan(rest) if _is_telling(name) and name not in _NO_FIELDS)


def _spell_out(folded: str) -> str:
    return re.sub(r"\bengg?\b", "engineering", re.sub(r"\bsci\b", "science", folded))


def _first(found: Iterable[Found]) -> Found:
    return next(iter(found), Found(None, MatchKind.NONE))


def _is_telling(name: str) -> bool:
    return len(name) > len("abc") or name in _SHORT_FIELDS


def _fold_degree(text: str) -> str:
    undotted = _DOTTED.sub(lambda written: written[0].replace(".", "") + " ", text)
    return _spell_out(_SPACED.sub(r"\1\2", fold(undotted)))


def _named_degrees(folded: str) -> Iterable[EducationLevel]:
    words = folded.split()
    for name, found in _degrees.scan(folded):
        if found.code and (len(name) > _LONGEST_AMBIGUOUS or _stands_as_degree(name, words)):
            yield EducationLevel(found.code)


def _stands_as_degree(name: str, words: list[str]) -> bool:
    """Tell whether a name of two letters is meant as a degree: it comes first, or before "in"."""
    at = words.index(name) if name in words else -1
    after = words[at + 1] if 0 <= at < len(words) - 1 else ""
    return at == 0 or after in ("in", "degree", "or", "and") or {len(word) for word in words} == {_LONGEST_AMBIGUOUS}
