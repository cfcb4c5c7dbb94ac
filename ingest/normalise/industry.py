"""Industry: what people call it, or else that of a known employer -> one of our industries."""

import re
from functools import cache, lru_cache

from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Found, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import MatchKind

_PIECES = re.compile(r"[/|,;()&+>]|\s[-–—]\s|\s(?:and|und|et|y)\s", re.IGNORECASE)
_TOO_WIDE = frozenset({"", "business", "consumer", "content", "data", "design", "digital", "engineering", "events"})
"""Words that are an industry alone, but not as one of several."""

_SAYS_NOTHING = re.compile(
    r"\b(?:industry|sector|services|company|companies|the|branche|secteur|business|startup|start up|tech|technology"
    r"|activities|products?|solutions|platforms?|in|de|of|a|an|firm|industries|industrie|my|our)\b"
)


def find_industry(text: str | None, company_code: str | None) -> tuple[str | None, MatchKind]:
    """Return the industry: the stated one where it is understood, else that of a known employer (ALIAS)."""
    found = _read(text) if text else NOT_FOUND
    if found.code:
        return found
    company = load_terms("company").get(company_code or "")
    return Found(company.extra["industry"], MatchKind.ALIAS) if company else NOT_FOUND


@lru_cache(CACHED_STRINGS)
def _read(text: str) -> Found:
    found = _names().find(text)
    if found.code:
        return found
    short = " ".join(_SAYS_NOTHING.sub(" ", fold(text)).split())
    found = _names().find(short)
    if found.code:
        return Found(found.code, min(found.match, MatchKind.ALIAS))
    pieces = [_names().find(piece) for piece in _PIECES.split(text) if fold(piece) not in _TOO_WIDE]
    codes = [piece.code for piece in pieces if piece.code and piece.match is not MatchKind.FUZZY]
    # Of several industries people name their own first, and then what it is applied to
    return Found(codes[0], MatchKind.ALIAS) if codes else NOT_FOUND


@cache
def _names() -> Lookup:
    return Lookup(load_terms("industry").values(), fuzzy=True)
