"""Skills, soft ones among them: from skill.csv."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Found, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import MatchKind

_skills = Lookup(load_terms("skill").values(), fuzzy=True)

_LIST = re.compile(r"[,;|•()\[\]\n\t]|\s[-–—]\s|\s*/\s*|\s&\s|\band\b|\bund\b|\bet\b|\+(?=\s)")
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
    found = [whole] if whole.code else [_find(part) for part in _LIST.split(text) if part.strip()]
    if not any(one.code for one in found):
        found = list(_named_in(text))
    return tuple({one.code: one for one in reversed(found) if one.code}.values())


def _find(text: str) -> Found:
    found = _skills.find(text)
    if found.code:
        return found
    bare = " ".join(_PRAISE.sub(" ", fold(text)).split())
    return _skills.find(bare) if bare else NOT_FOUND


def _named_in(text: str) -> Iterable[Found]:
    for name, found in _skills.scan(fold(text)):
        if len(name) >= _SHORTEST_IN_TEXT and name not in _AMBIGUOUS_IN_TEXT:
            yield found
