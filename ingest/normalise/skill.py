"""Skills, soft ones among them: from skill.csv."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Found, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import MatchKind

_skills = Lookup(load_terms("skill").values(), fuzzy=True)

_LIST = re.compile(r"[,;:|•()\[\]\n\t]|\s[-–—]\s|\s*/\s*|\s&\s|\b(?:and|or|und|oder|et|ou|y|e)\b|\+(?=\s)")
_EDITIONS = re.compile(r"^([^()]+)\(([^()]+)\)$")
_WORD = re.compile(r"\w+")
_SPACED_SIGN = re.compile(r"\b([cCfF])\s+(\+\+|#)")
_PRAISE = re.compile(
    r"\b(?:v?\d+(?: \d+)*(?: ?x)?(?: years?| yrs?)?|advanced|basic|basics|intermediate|expert|expertise|proficient"
    r"|proficiency|beginner|fluent|native|[abc][12]|n[1-5]|strong|solid|good|excellent|very|experience|experienced|knowledge|skills?|working"
    r"|years?|yrs?|level|programming|language|library|libraries|framework|frameworks|development|developer|scripting"
    r"|tools?|in|of|with|using|hands on|familiarity|understanding|libs?|etc|eg|e g|e)\b"
)
# Shorter names in running text are other words more often: "go", "r", "cv", "pm"
_SHORTEST_IN_TEXT = 3
_EVERYDAY_KINDS = frozenset(("soft", "domain", "process"))
_EVERYDAY_WORDS = frozenset(load_terms("stop_word")["skill"].aliases) | {
    fold(name)
    for term in load_terms("skill").values()
    if term.extra["kind"] in _EVERYDAY_KINDS
    for name in (term.label, *term.aliases)
    if " " not in fold(name)
}
_CONTEXT = frozenset(load_terms("stop_word")["skill-context"].aliases)
_LANGUAGES = frozenset(fold(term.label) for term in load_terms("skill").values() if term.extra["kind"] == "language")
_NO_SKILLS: tuple[tuple[str, ...], MatchKind] = ((), MatchKind.NONE)
_ATTACHED = (_CONTEXT & _EVERYDAY_WORDS) - _LANGUAGES


def find_skills(texts: Sequence[str]) -> tuple[tuple[str, ...], MatchKind]:
    """Return the codes of the skills that are named, without repetition, in order of code, and the weakest match."""
    if not texts:
        return _NO_SKILLS
    codes: set[str] = set()
    weakest = MatchKind.EXACT
    for named, match in map(_skills_in, texts):
        if named:
            codes.update(named)
            weakest = match if match < weakest else weakest  # `min` takes several times as long
    return tuple(sorted(codes)), weakest if codes else MatchKind.NONE


@lru_cache(CACHED_STRINGS)
def find_skill(text: str) -> tuple[Found, ...]:
    """Return the skills in one entry, which may name its version, its level, or several at once ("Python 3, SQL")."""
    text = _EDITIONS.sub(_without_editions, _SPACED_SIGN.sub(r"\1\2", text))
    whole = _find(text)
    each = [_find(part) for part in re.split(r"\s*[/,&+]\s*", text)] if whole.code else []
    if len(each) > 1 and all(one.code for one in each) and whole.code in {one.code for one in each}:
        return tuple({one.code: one for one in each}.values())
    found = [whole] if whole.code else [one for part in _LIST.split(text) for one in _read_part(part)]
    found = found or list(_named_in(text))
    return tuple({one.code: one for one in found}.values())


def _without_editions(found: re.Match[str]) -> str:
    """Return a tool and its brackets without the words that there belong to it ("dbt (core & cloud)")."""
    within = [fold(word) for word in _WORD.findall(found[2])]
    known = {word for word in within if _skills.names.get(word)}
    belong = known <= _ATTACHED and len(known) < len(within) and _find(found[1]).code
    return found[1] if belong else found[0]


@lru_cache(CACHED_STRINGS)
def _skills_in(text: str) -> tuple[tuple[str, ...], MatchKind]:
    found = find_skill(text)
    return tuple(one.code for one in found if one.code), min((one.match for one in found), default=MatchKind.NONE)


def _read_part(text: str) -> Iterable[Found]:
    whole = _find(text)
    return [whole] if whole.code else _named_in(text)


def _find(text: str) -> Found:
    found = _skills.find(text)
    if found.code:
        return found
    folded = re.sub(r"\bmgmt\b", "management", re.sub(r"\bengg\b", "engineering", fold(text)))
    bare = " ".join(_PRAISE.sub(" ", folded).split())
    return _skills.find(bare) if bare else NOT_FOUND


def _named_in(text: str) -> Iterable[Found]:
    """Yield the skills that running text names; everyday words (rust, swift) only where nothing beside them is odd."""
    folded = fold(text)
    names = [(name, found) for name, found in _skills.scan(folded) if len(name) >= _SHORTEST_IN_TEXT]
    rest = set(_PRAISE.sub(" ", folded).split()) - {word for name, _ in names for word in name.split()}
    before = ""
    for name, found in names:
        # "Terraform Cloud", "Helm charts": what follows the name of a tool belongs to it
        belongs = before and name in _ATTACHED and f"{before} {name}" in folded
        if not belongs and (name not in _EVERYDAY_WORDS or rest <= _CONTEXT):
            yield found
        before = name
