"""Education: the highest degree and the field of study, from degree.csv, field.csv and field_short.csv."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Found, Lookup, fold
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


def _any_of(words: str) -> re.Pattern[str]:
    names = sorted(map(fold, load_terms("stop_word")[words].aliases), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b")


_UNFINISHED = _any_of("unfinished")
_CANDIDATES = _any_of("doctoral-candidate")
_NO_DEGREE = _any_of("no-degree")
_UNFINISHED_UNSPACED = re.compile(
    fold("在读|在讀|在学|在籍|肄业|肄業|中退|見込|候選|候选|未完成|休学|재학|휴학|중퇴|수료|재적|예정").replace(
        " ", "|"
    )
)
_YEAR = re.compile(r"\b\d(?:st|nd|rd|th) (?:year|yr|sem|semester)\b")
_PARTS = re.compile(r"[/,;+&|]|\band\b", re.IGNORECASE)
_UNSPACED = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]")
"""Hangul (as folding takes it apart), kana and Chinese characters."""

_STUDIES = re.compile(r"\b(?:college|university|uni)\b")
_DOTTED = re.compile(r"\b(?:[A-Za-z]{1,4}\.){1,3}(?:[A-Za-z]{1,5}\b\.?)?")
_CAPITALS = re.compile(r"\b(?:MS|BS|BA|SM|(?<!, )MA)\b")
"""Degrees of two letters that among other words and in capitals are one ("Stanford MS"); `Boston, MA` is a state."""

_SPACED = re.compile(r"\b(b|m|d|ph|b a|m a) (tech|sc|com|comm|eng|ed|phil|arch|stat|e|s|a|d|ca|ba)\b")
_IN = re.compile(r"\b(?:in|of|major|majoring|field|major in)\b")
# Short names that in the middle of a text are words of another language more often than degrees or fields
_SHORT_FIELDS = frozenset(("cs", "cse", "ece", "eee", "ee", "ai", "ml"))
_LONGEST_AMBIGUOUS = 2
_MOST_SHORTENED = 5
_COMMON_WORDS = frozenset(map(fold, load_terms("stop_word")["field"].aliases))
_GENERIC = frozenset(map(fold, load_terms("stop_word")["generic-field"].aliases))


@lru_cache(CACHED_STRINGS)
def find_education(degree: str | None, field: str | None) -> FoundEducation:
    """Return the highest completed degree and the field, which may stand in the degree's text ("M.Tech CSE")."""
    level, level_match = find_degree(degree) if degree else (None, MatchKind.NONE)
    named = find_field(field) if field else None
    if degree and not (named and named.code):
        named = field_in_degree(degree)
    code, match = named or NOT_FOUND
    return FoundEducation(level, level_match, code, match)


@lru_cache(CACHED_STRINGS)
def find_degree(text: str) -> tuple[EducationLevel | None, MatchKind]:
    """Return the highest degree that a text says is completed: a PhD student has a master's."""
    folded = _NO_DEGREE.sub(" ", _fold_degree(text))
    whole = _degrees.find(text)
    whole = whole if whole.code else _degrees.find(folded)
    levels = {EducationLevel(whole.code)} if whole.code else set()
    if whole.match < MatchKind.ALIAS:
        levels |= set(_named_degrees(text, folded))
    finished = not (_UNFINISHED.search(folded) or _YEAR.search(folded) or _UNFINISHED_UNSPACED.search(folded))
    if not finished:
        levels |= {EducationLevel.DOCTORATE} if _CANDIDATES.search(folded) else set()
        levels |= {EducationLevel.BACHELOR} if _STUDIES.search(folded) else set()
        levels = _without_highest(levels)
    highest = max(levels, key=_RUNGS.__getitem__, default=None)
    if highest is None:
        return None, MatchKind.NONE
    return highest, whole.match if whole.code and finished else MatchKind.ALIAS


def _without_highest(levels: set[EducationLevel]) -> set[EducationLevel]:
    """Return what is left where the highest of these degrees is not finished: the one below it is."""
    highest = max(levels, key=_RUNGS.__getitem__, default=None)
    return {level for level in (levels - {highest}) | {_BELOW.get(highest)} if level} if highest else set()


@lru_cache(CACHED_STRINGS)
def find_field(text: str) -> Found:
    """Return the field of study; of several that are named, the first."""
    folded = _spell_out(fold(text))
    whole = _fields.find(text)
    if whole.code is None:
        whole = _fields.find(folded)
    whole = whole if whole.code else _find_shortened(folded)
    return whole if whole.code else _named_field(folded)


def _find_shortened(folded: str) -> Found:
    """Return the field whose name has some of its words shortened ("Fin. Eng.", "Eng. Elétrica")."""
    words = folded.split()
    if len(words) > _MOST_SHORTENED or _shortened().keys().isdisjoint(words):
        return NOT_FOUND
    for full in product(*((word, *_shortened().get(word, ())) for word in words)):
        name = " ".join(full)
        if name in _fields.names and name not in _GENERIC:
            return _fields.names[name]
    return NOT_FOUND


@cache
def _shortened() -> dict[str, tuple[str, ...]]:
    return {fold(code): tuple(map(fold, term.aliases)) for code, term in load_terms("field_short").items()}


@lru_cache(CACHED_STRINGS)
def field_in_degree(text: str) -> Found:
    """Return the field that the text of a degree names."""
    folded = _fold_degree(text)
    named = _IN.split(folded, maxsplit=1)[-1]
    # "Master of Engineering" is a degree: its field is not told.
    taken = {name for name, found in _degrees.scan(folded)}
    rest = f" {folded} "
    for name in sorted(taken, key=len, reverse=True):
        rest = rest.replace(f" {name} ", "  ")
    whole = _fields.find(named.strip()) if named != folded else NOT_FOUND
    if whole.code and named.strip() in rest:
        return whole
    bare = " ".join(rest.split())
    if bare not in _GENERIC and (alone := _fields.names.get(bare, _find_shortened(bare))).code:
        return alone
    found = _named_field(rest, weightless=_COMMON_WORDS | _GENERIC)
    return found if found.code else _field_of_degrees(folded, taken)


def _field_of_degrees(folded: str, taken: set[str]) -> Found:
    """Return the field that the names of degrees say themselves ("MSCS", "Ingeniería en Sistemas")."""
    whole = [found for name, found in _fields.scan(folded) if " " in name and name not in _COMMON_WORDS | _GENERIC]
    coded = [_fields.names[name] for name in sorted(taken) if name in _fields.names and name not in _GENERIC]
    return next(iter([*whole, *coded]), NOT_FOUND)


def _spell_out(folded: str) -> str:
    return re.sub(r"\bengg?\b", "engineering", re.sub(r"\bsci\b", "science", folded))


def _named_field(folded: str, *, weightless: frozenset[str] = frozenset()) -> Found:
    """Return the first field that a text names; common words and those of any engineering only where no other is."""
    named = [(name, found) for name, found in _fields.scan(folded) if _is_telling(name) and name not in weightless]
    telling = [found for name, found in named if name not in _COMMON_WORDS and name not in _GENERIC]
    return next(iter(telling or [found for _, found in named]), NOT_FOUND)


def _is_telling(name: str) -> bool:
    return len(name) > len("abc") or name in _SHORT_FIELDS


def _fold_degree(text: str) -> str:
    undotted = _DOTTED.sub(lambda written: written[0].replace(".", "") + " ", text)
    return _spell_out(_SPACED.sub(r"\1\2", fold(undotted)))


def _named_degrees(text: str, folded: str) -> Iterable[EducationLevel]:
    dotted = {fold(written.replace(".", "")) for written in _DOTTED.findall(text)}
    capitals = set() if text.isupper() else {written.lower() for written in _CAPITALS.findall(text)}
    parts = [_fold_degree(part) for part in _PARTS.split(text)]
    for name, found in (*_degrees.scan(folded), *_names_unspaced(folded)):
        is_clear = len(name) > _LONGEST_AMBIGUOUS or not name.isascii() or name in dotted or name in capitals
        if found.code and (is_clear or _stands_as_degree(name, folded.split(), parts)):
            yield EducationLevel(found.code)


def _names_unspaced(folded: str) -> Iterable[tuple[str, Found]]:
    """Yield the degrees in a text of a script without spaces, the longest first: a graduate school is no university."""
    if folded.isascii():
        return
    for name in _unspaced_names():
        if name in folded:
            folded = folded.replace(name, " ")
            yield name, _degrees.names[name]


@cache
def _unspaced_names() -> list[str]:
    return sorted(filter(_UNSPACED.match, _degrees.names), key=len, reverse=True)


def _stands_as_degree(name: str, words: list[str], parts: list[str]) -> bool:
    """Tell whether a name of two letters is meant as a degree: it comes first, or before "in" or a subject."""
    at = words.index(name) if name in words else -1
    after = words[at + 1] if 0 <= at < len(words) - 1 else ""
    before_subject = any(part.startswith(f"{name} ") and not part[-1].isdigit() for part in parts)
    alone = {len(word) for word in words} == {_LONGEST_AMBIGUOUS}
    return at == 0 or after in ("in", "degree", "or", "and") or before_subject or alone
