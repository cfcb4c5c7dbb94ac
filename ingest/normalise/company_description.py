"""Descriptions of employers: whether a text names one, or says no more than what kind it is."""

import re
from collections import defaultdict
from functools import cache
from itertools import accumulate

from ingest.normalise.company_words import listed, towns

_KINDS_IN_GERMAN = ("hersteller", "unternehmen", "konzern", "zulieferer", "dienstleister", "anbieter", "versicherer")
"""German makes one word of what a kind of employer does ("Autohersteller")."""

_BATCH = re.compile(r"[wsfx]\d\d")
"""A batch of Y Combinator."""


def refuses(words: list[str]) -> bool:
    """Tell whether the words say that the employer is not told ("I'd rather not say") or that there is none."""
    text = " ".join(words) + " "
    starts = accumulate((len(word) + 1 for word in words), initial=0)
    return any(
        text.startswith(f"{phrase} ", start)
        for word, start in zip(words, starts, strict=False)
        for phrase in _refusals().get(word, ())
    )


def is_generic(words: list[str]) -> bool:
    """Tell whether the words only describe an employer ("a large German insurer") and name none."""
    if all(map(_says_nothing, words)):
        return True
    text = "".join(words)
    if not text.isascii() and _unspaced_generic().fullmatch(text):
        return True
    kinds = [at for at, word in enumerate(words) if word in listed("kind") or word.endswith(_KINDS_IN_GERMAN)]
    if kinds and words[0] in listed("article"):
        return True
    return any(_only_describes(words[:at]) and _only_follows(words[at + 1 :]) for at in kinds)


def _only_describes(words: list[str]) -> bool:
    return all(_says_nothing(word) or word in listed("trait") for word in words)


def _only_follows(words: list[str]) -> bool:
    """Tell whether what follows a kind of employer says no more than its trade, where it is or what it is like."""
    if " ".join(words) in towns():
        return True
    after_link = False
    for at, word in enumerate(words):
        if word in listed("where") and not after_link:
            return True
        linked = after_link and (word in listed("trait") or _says_nothing(word))
        after_link = word in listed("link") or (linked and at + 1 < len(words))
        if not (linked or after_link or word in listed("adjective")):
            return False
    return not after_link


def _says_nothing(word: str) -> bool:
    return len(word) == 1 or word.isdigit() or word in listed("generic") or bool(_BATCH.fullmatch(word))


@cache
def _unspaced_generic() -> re.Pattern[str]:
    names = sorted(listed("unspaced"), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, names))})+")


@cache
def _refusals() -> dict[str, list[str]]:
    """Return the phrases of those who do not tell their employer, by their first word."""
    phrases: defaultdict[str, list[str]] = defaultdict(list)
    for phrase in listed("refusal"):
        phrases[phrase.partition(" ")[0]].append(phrase)
    return dict(phrases)
