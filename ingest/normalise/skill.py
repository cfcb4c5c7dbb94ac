"""Skills, soft ones among them: from skill.csv."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Found, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import MatchKind

_skills = Lookup(load_terms("skill").values(), fuzzy=True)

_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_LIST = re.compile(r"[,;|•\n\t]|\s[-–—]\s|\s*/\s*|\s&\s|\band\b|\bund\b|\bet\b|\+(?=\s)")
_PRAISE = re.compile(
    r"\b(?:v?\d+(?: \d+)*(?: ?x)?(?: years?| yrs?)?|advanced|basic|basics|intermediate|expert|expertise|proficient"
    r"|proficiency|beginner|fluent|strong|solid|good|excellent|very|experience|experienced|knowledge|skills?|working"
    r"|years?|yrs?|level|programming|language|library|libraries|framework|frameworks|development|developer|scripting"
    r"|tools?|in|of|with|using|native|hands on|familiarity|understanding|libs?|etc|eg|e g|e)\b"
)
# Shorter names in running text are other words more often: "go", "r", "cv", "pm"
_SHORTEST_IN_TEXT = 3
_AMBIGUOUS_IN_TEXT = frozenset(load_terms("stop_word")["skill"].aliases)


def find_skills(texts: Sequence[str]) -> tuple[tuple[str, ...], MatchKind]:
    """Return the codes of the skills that are named, without repetition, in order of code, and the weakest match."""
    found = [one for text in texts for one in find_skill(text)]
    if not found:
        return (), MatchKind.NONE
    return tuple(sorted({code for code, _ in found if code})), min([match for _, match in found])


@lru_cache(CACHED_STRINGS)
def find_skill(text: str) -> tuple[Found, ...]:
    """Return the skills in one entry, which may name its version, its level, or several at once ("Python 3, SQL")."""
    whole = _find(text)
    if whole.code:
        return (whole,)
    parts = [part for part in _LIST.split(_ASIDE.sub(" ", text)) if part.strip()]
    found = [_find(part) for part in parts]
    if any(one.code for one in found):
        return tuple(dict.fromkeys(one for one in found if one.code))
    return tuple(dict.fromkeys(_named_in(text)))


def _find(text: str) -> Found:
    found = _skills.find(text)
    if found.code:
        return found
    bare = " ".join(_PRAISE.sub(" ", fold(_ASIDE.sub(" ", text))).split())
    return _skills.find(bare) if bare else NOT_FOUND


def _named_in(text: str) -> Iterable[Found]:
    for name, found in _skills.scan(fold(text)):
        if len(name) >= _SHORTEST_IN_TEXT and name not in _AMBIGUOUS_IN_TEXT:
            yield found
