"""Job titles: role, level and specialisations. The words are in title_word.csv, what they add up to in title_role.csv.

A title is read as people read it: a head (engineer, scientist, manager) and what stands beside it. The nearest word
that decides, decides; a cell of title_role.csv that ends in `?` yields to a more telling word further away.
"""

import csv
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from ingest.normalise.text import CACHED_STRINGS, Lookup, fold
from ingest.normalise.title_level import read_grade, read_level
from ingest.normalise.title_words import (
    CRAFTS,
    UNKNOWN,
    Segments,
    join_initials,
    merge_words,
    read_phrase,
    space_words,
    split_title,
)
from schema.terms import FOLDER, load_terms
from schema.vocabulary import Level, MatchKind

OTHER = "other"

_OUTSIDE = "outside"
"""What the grid says of another trade: it becomes OTHER, and its words for levels and subjects say nothing to us."""


class ReadTitle(NamedTuple):
    """What a title says. `grade` is what may be a level of the employer's own ladder ("l5", "ii", "vice-president")."""

    role: str
    match: MatchKind
    level: Level | None
    specializations: tuple[str, ...]
    grade: str | None


Tokens = tuple[tuple[str, ...], ...]
"""What each segment of a title reads as in title_role.csv."""

_roles = Lookup(load_terms("role").values())
_specializations = Lookup(load_terms("specialization").values())

_HEADS_THAT_YIELD = ("consultant", "specialist", "cxo", "engineering")
_PRECEDENCE = {
    head: rank
    for rank, heads in enumerate((("outsider",), ("manager",), CRAFTS, *((head,) for head in _HEADS_THAT_YIELD)))
    for head in heads
}
_LEVELS_OF_ANY_TRADE = frozenset((Level.INTERN, Level.ENTRY, Level.MID, Level.SENIOR, Level.MANAGER, Level.DIRECTOR))


@lru_cache(CACHED_STRINGS)
def read_title(text: str) -> ReadTitle:
    """Return what a job title says. A title that is not understood has the role `other` with match NONE."""
    text = space_words(join_initials(text))
    segments = split_title(text)
    tokens = tuple(merge_words(tuple(word for piece in segment for word in piece.reads)) for segment in segments)
    role, match = _role_of(text, segments, tokens)
    level = read_level(segments) or (Level.MANAGER if role == "manager" else None)
    grade = read_grade(text, segments)
    if role == _OUTSIDE:
        return ReadTitle(OTHER, match, level if level in _LEVELS_OF_ANY_TRADE else None, (), grade)
    if level is Level.EXECUTIVE and any(craft in words for words in tokens for craft in CRAFTS):
        # A vice president who is a data scientist has a bank's grade, which says less than it sounds.
        chief = any(piece.code == "chief" for segment in segments for piece in segment)
        level = Level.PRINCIPAL if chief else None
    return ReadTitle(role, match, level, _specializations_of(text, role), grade)


@lru_cache(CACHED_STRINGS)
def read_specializations(text: str) -> tuple[tuple[str, ...], MatchKind]:
    """Return the specialisations that are named in a text, in the order of their codes, and the weakest match."""
    whole = _specializations.find(text)
    found = [whole] if whole.code else [found for _, found in _specializations.scan(fold(text))]
    codes = {one.code for one in found if one.code}
    return _without_generalist(codes), min((one.match for one in found), default=MatchKind.NONE)


def join_specializations(title: tuple[str, ...], given: str | Sequence[str]) -> tuple[tuple[str, ...], MatchKind]:
    """Return the specialisations of a title and those that are given beside it; the match is of those given, if any."""
    if not given:
        return title, MatchKind.ALIAS if title else MatchKind.NONE
    return _join(title, (given,) if isinstance(given, str) else tuple(given))


@lru_cache(CACHED_STRINGS)
def _join(title: tuple[str, ...], given: tuple[str, ...]) -> tuple[tuple[str, ...], MatchKind]:
    read = [read_specializations(text) for text in given]
    codes = {*title, *(code for found, _ in read for code in found)}
    weakest = min((match for found, match in read if found), default=MatchKind.ALIAS if title else MatchKind.NONE)
    return _without_generalist(codes), weakest


def _specializations_of(title: str, role: str) -> tuple[str, ...]:
    named = _specializations.scan(fold(title))
    return _without_generalist(
        {found.code for name, found in named if found.code and (role != OTHER or name not in _everyday_names())}
    )


@cache
def _everyday_names() -> frozenset[str]:
    """Return the names of specialisations that in the title of another trade mean something else (vision, fraud)."""
    names: set[str] = set()
    for term in load_terms("specialization").values():
        everyday = (term.code, term.label, *term.aliases) if term.extra["topic"] == "domain" else ()
        names.update(map(fold, (*everyday, *term.extra["loose"].split("|"))))
    return frozenset(names)


def _without_generalist(codes: set[str]) -> tuple[str, ...]:
    return tuple(sorted(codes - {"generalist"} or codes))


def _role_of(text: str, segments: Segments, tokens: Tokens) -> tuple[str, MatchKind]:
    whole = _roles.find(text)
    if whole.code:
        return whole.code, whole.match
    telling = [piece for segment in segments for piece in segment if piece.reads]
    bare = _roles.find(" ".join(piece.phrase for piece in telling))
    role = bare.code or _compose(tokens, any(piece.level for segment in segments for piece in segment))
    if role is None:
        return OTHER, MatchKind.NONE
    if any(piece.corrected for piece in telling):
        return role, MatchKind.FUZZY
    return role, bare.match if bare.code else MatchKind.ALIAS


@lru_cache(CACHED_STRINGS)
def _compose(tokens: Tokens, names_level: bool) -> str | None:
    at = _segment_with_head(tokens)
    if at is None:
        # "Machine Learning" alone is a field; "Machine Learning Intern" and "ML Lead" are jobs in it.
        return _role_without_head(tokens) if names_level else None
    role = _role_with_head(tokens, at)
    if role is None or not role.endswith("?"):
        return role
    # "Software Engineer / Data Scientist" is told by the title that says more.
    others = [_role_with_head(tokens, other) for other, words in enumerate(tokens) if other > at and _is_title(words)]
    return next((other for other in others if other and not other.endswith("?")), role.removesuffix("?"))


def _role_with_head(tokens: Tokens, at: int) -> str | None:
    """Return the role of the segment that has the head, with `?` where a more telling title may stand elsewhere."""
    segment = tokens[at]
    head = _head_of(segment)
    if head == "outsider":
        return _OUTSIDE
    where = segment.index(head)
    others = [word for other, words in enumerate(tokens) if other != at and not _is_title(words) for word in words]
    beside = [*reversed(segment[:where]), *segment[where + 1 :], *others]
    column = "engineer" if head == "engineering" else head
    alone = set(segment) == {head} and (head == "cxo" or not others)
    return _decide(column, beside) or (_grid().get(("", column)) if alone else None)


def _is_title(segment: tuple[str, ...]) -> bool:
    return _head_of(segment) in CRAFTS


def _segment_with_head(tokens: Tokens) -> int | None:
    heads = [_head_of(segment) for segment in tokens]
    found = [at for at, head in enumerate(heads) if head]
    # "Vice President - Data Scientist" is a bank's grade before the title itself.
    crafts = [at for at in found if heads[at] in CRAFTS]
    if found and heads[found[0]] in _HEADS_THAT_YIELD and crafts:
        return crafts[0]
    return found[0] if found else None


def _head_of(segment: tuple[str, ...]) -> str:
    return min((word for word in segment if word in _PRECEDENCE), key=_PRECEDENCE.__getitem__, default="")


def _decide(head: str, beside: Iterable[str]) -> str | None:
    """Return the role that the nearest telling word gives to a head, with `?` where none was telling."""
    yielding, yielding_word = None, ""
    for word in beside:
        role = _grid().get((word, head))
        if word == "foreign":
            return yielding or role
        if role and role.endswith("?"):
            yielding, yielding_word = yielding or role, yielding_word or word
        elif role:
            together = read_phrase(f"{word} {yielding_word}") or (word,)
            return _grid().get((together[0], head), role)
    return yielding


def _role_without_head(tokens: Tokens) -> str | None:
    for words in tokens:
        if words and UNKNOWN not in words and "foreign" not in words:
            role = _decide("none", reversed(words))
            if role:
                return role.removesuffix("?")
    return _OUTSIDE if any("foreign" in words for words in tokens) else None


@cache
def _grid() -> dict[tuple[str, str], str]:
    """Return the role of each pair (word beside the head, head)."""
    with (FOLDER / "title_role.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {(row["topic"], head): role for row in rows for head, role in row.items() if head != "topic" and role}
