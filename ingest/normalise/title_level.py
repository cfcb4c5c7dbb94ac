"""The level that a job title names, and what in it only the employer's ladder can tell."""

import re
from collections.abc import Iterable, Sequence

from ingest.normalise.text import fold
from ingest.normalise.title_words import NUMERALS, Piece, Segments
from schema.terms import load_terms
from schema.vocabulary import Level

_GRADE = re.compile(r"\b(?:l|e|ic|ict|t|p|m|z|g|band|level|grade)\s?\d{1,2}\b")
_HOUSE_GRADES = frozenset(code for code, term in load_terms("title_word").items() if term.extra["house"])
"""Words by which banks, consultancies and some software houses name their ranks, each in its own way."""

_CLIMB = {level: rung for rung, level in enumerate(Level)}


def read_level(segments: Segments) -> Level | None:
    """Return the highest level that the words of a title name, else that of its numeral; None where it is left open."""
    pieces = [piece for segment in segments for piece in segment]
    named = [piece.level for segment in segments for at, piece in enumerate(segment) if _names_level(segment, at)]
    levels = {level for level in named if level}
    if Level.INTERN in levels:
        return Level.INTERN
    if _contradicts(pieces):
        return None
    if levels:
        return max(levels, key=_CLIMB.__getitem__)
    numerals = {NUMERALS[piece.phrase] for segment in segments for piece in _numerals(segment)}
    return numerals.pop() if len(numerals) == 1 else None


def _names_level(segment: Sequence[Piece], at: int) -> bool:
    # "Associate Data Scientist" is a beginner; "Data Science Associate" may be anybody.
    return segment[at].code != "associate" or at + 1 < len(segment)


def _contradicts(pieces: Sequence[Piece]) -> bool:
    """Tell whether a title leaves the level open: senior or lead, junior to mid, mid-senior."""
    for before, piece, after in zip(pieces, pieces[1:], [*pieces[2:], None], strict=False):
        if piece.phrase in ("or", "to") and after and before.level and after.level and before.level != after.level:
            return True
        if {before.code, piece.code} in ({"mid", "senior"}, {"entry", "mid"}, {"entry", "senior"}):
            return True
    return False


def _numerals(segment: Sequence[Piece]) -> Iterable[Piece]:
    for at, piece in enumerate(segment):
        before = segment[at - 1] if at else None
        counted = at + 1 < len(segment) and segment[at + 1].phrase in ("years", "yrs", "year", "exp", "experience")
        after_head = before is None or before.reads or before.phrase == "or" or before.level
        # "Level 4" is a rung of some employer's ladder.
        after_level = before is not None and before.phrase in ("level", "grade") and not piece.phrase.isdigit()
        if piece.phrase in NUMERALS and (after_head or after_level) and not counted:
            yield piece


def read_grade(text: str, segments: Segments) -> str | None:
    """Return what in a title may be a rung of the employer's own ladder: "l5", "ii", "vice-president"."""
    written = _GRADE.search(fold(text))
    if written:
        return written[0].replace(" ", "")
    for segment in segments:
        for piece in segment:
            if piece.code in _HOUSE_GRADES:
                return piece.code
        numeral = next(iter(_numerals(segment)), None)
        if numeral:
            return numeral.phrase
    return None
