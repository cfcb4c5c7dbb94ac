"""How the work is arranged: employment, work mode and pay policy, each from its CSV."""

import re
from functools import lru_cache
from typing import NamedTuple

from ingest.normalise.text import CACHED_STRINGS, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import Employment, PayPolicy, WorkMode

_modes = Lookup(load_terms("work_mode").values(), fuzzy=True)
_employments = Lookup(load_terms("employment").values(), fuzzy=True)
_policies = Lookup(load_terms("pay_policy").values(), fuzzy=True)

_SOME_DAYS = re.compile(
    r"\b(?:[1-4]|one|two|three|four|zwei|drei|vier|deux|trois|dos|tres|dois|due|tre|twee|drie)"
    r" ?(?:x|d|j|days?|tage?|jours?|dias?|giorni|dagen|dni)\b"
)
_NOT_EMPLOYED = re.compile(
    r"\b(?:not (?:currently )?(?:employed|working)|unemployed|retired|between jobs)\b", re.IGNORECASE
)


class FoundWork(NamedTuple):
    """What is known of how the work is arranged."""

    mode: WorkMode | None
    policy: PayPolicy | None
    employment: Employment | None


@lru_cache(CACHED_STRINGS)
def find_work(mode: str | None, policy: str | None, employment: str | None) -> FoundWork:
    """Return all three, which take few values together: one look into a cache instead of three."""
    return FoundWork(find_work_mode(mode), find_pay_policy(policy), find_employment(employment))


@lru_cache(CACHED_STRINGS)
def find_work_mode(text: str | None) -> WorkMode | None:
    """Return where the work is done; None where a text names two modes and does not call them hybrid."""
    codes = _codes(_modes, text)
    if "hybrid" in codes or _SOME_DAYS.search(fold(text or "")):
        return WorkMode.HYBRID
    return WorkMode(codes.pop()) if len(codes) == 1 else None


@lru_cache(CACHED_STRINGS)
def find_employment(text: str | None) -> Employment | None:
    """Return the kind of contract: of several that are named, the one that says most (the order of employment.csv)."""
    codes = set() if _NOT_EMPLOYED.search(text or "") else _codes(_employments, text)
    return next((Employment(code) for code in load_terms("employment") if code in codes), None)


@lru_cache(CACHED_STRINGS)
def find_pay_policy(text: str | None) -> PayPolicy | None:
    """Return whether pay depends on the employee's location; None where a text says both."""
    codes = _codes(_policies, text)
    return PayPolicy(codes.pop()) if len(codes) == 1 else None


def _codes(words: Lookup, text: str | None) -> set[str]:
    whole = words.find(text)
    if whole.code:
        return {whole.code}
    # One or two letters or digits mean something only when they stand alone.
    named = words.scan(fold(text or ""))
    return {found.code for name, found in named if found.code and len(name) > len("100")}
