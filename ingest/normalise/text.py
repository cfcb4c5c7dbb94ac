"""Folding of free text to a form in which the same words are the same string, and finding terms by it."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from schema.terms import Term
from schema.vocabulary import MatchKind

CACHED_STRINGS = 1 << 16
"""Strings that each cache remembers: what people type follows a Zipf law, so this covers nearly all of a stream."""

SHORTEST_FUZZY = 7
"""Characters below which one edit is as likely another word as a slip of the fingers (java/lava, nlp/nlu)."""

FUZZY_SIMILARITY = 0.87
"""Optimal string alignment: one slip in 8 characters, two in 16. Measured on skills with one random slip each: 93% were
found, none was taken for another; of 6,600 names of other subjects 0.4% found a skill, mostly of the same meaning."""

_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_POSSESSIVE = re.compile(r"(?<=\w)['’`´]s\b")
# + and # are letters in C++, C# and A+ only
_PUNCTUATION = re.compile(r"(?<!\b[a-z])(?<!\b[a-z][+#])[+#]+|[^\w+#]+|_+")
_SIGNS = re.compile(r"[&'’`´+#_]")
_WORDS = re.compile(r"\w+")


class Found(NamedTuple):
    """What a string was resolved to, and how."""

    code: str | None
    match: MatchKind


NOT_FOUND = Found(None, MatchKind.NONE)


@lru_cache(CACHED_STRINGS)
def fold(text: str) -> str:
    """Return text in lower case without accents, with one space for each run of punctuation; `&` becomes `and`."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).casefold().translate(_UNDECOMPOSED)
        text = "".join(character for character in text if unicodedata.category(character) != "Mn")
    if is_plain(text):
        return " ".join(text.split())
    if _SIGNS.search(text):
        text = _POSSESSIVE.sub("s", text).replace("&", " and ")
        return " ".join(_PUNCTUATION.sub(" ", text).split())
    return " ".join(_WORDS.findall(text))


def is_plain(text: str) -> bool:
    """Tell whether a text has letters, digits and spaces only: most have, and nothing in them is to be replaced."""
    return text.replace(" ", "").isalnum()


class Lookup:
    """Terms by what people call them.

    EXACT is a code or a label of ours, ALIAS one of the aliases (with or without the spaces), FUZZY a slip of the
    fingers away from either, and only where `fuzzy` asks for it. Where two terms share a name, the first has it.
    """

    def __init__(self, terms: Iterable[Term], *, fuzzy: bool = False) -> None:
        self.names: dict[str, Found] = {}
        terms = tuple(terms)
        for term in terms:
            for name in (term.code, term.label):
                self.names.setdefault(fold(name), Found(term.code, MatchKind.EXACT))
        for term in terms:
            for name in term.aliases:
                self.names.setdefault(fold(name), Found(term.code, MatchKind.ALIAS))
        self.names.pop("", None)
        self._compact: dict[str, Found] = {}
        for name, found in self.names.items():
            self._compact.setdefault(name.replace(" ", ""), Found(found.code, MatchKind.ALIAS))
        self._long_names: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.names if fuzzy else ():
            if len(name) >= SHORTEST_FUZZY:
                self._long_names[name[0]].append(name)
        self._near_length: dict[tuple[str, int], list[str]] = {}
        self._longest = longest_by_first_word(self.names)
        self.find = lru_cache(CACHED_STRINGS)(self._find)

    def _find(self, text: str | None) -> Found:
        name = fold(text or "")
        return self.names.get(name) or self._compact.get(name.replace(" ", "")) or self._find_fuzzy(name)

    def _find_fuzzy(self, name: str) -> Found:
        if len(name) < SHORTEST_FUZZY or name[0] not in self._long_names:
            return NOT_FOUND
        others = self._names_near(name[0], len(name))
        near = process.extract(name, others, scorer=OSA.normalized_similarity, score_cutoff=FUZZY_SIMILARITY, limit=5)
        alike = [
            other for other, _, _ in near if _digits(other) == _digits(name) and _differ_in_long_words(other, name)
        ]
        codes = {self.names[other].code for other in alike}
        # Two terms within reach: which was meant is not known.
        return Found(codes.pop(), MatchKind.FUZZY) if len(codes) == 1 else NOT_FOUND

    def _names_near(self, letter: str, length: int) -> list[str]:
        """Return the long names that begin with a letter and are not too long or short to be a slip from a length."""
        near = self._near_length.get((letter, length))
        if near is None:
            near = [
                other
                for other in self._long_names[letter]
                if min(len(other), length) >= FUZZY_SIMILARITY * max(len(other), length)
            ]
            self._near_length[letter, length] = near
        return near

    def scan(self, folded: str) -> Iterator[tuple[str, Found]]:
        """Yield each name that stands in a folded text and what it means, from the left, the longest first."""
        words = folded.split()
        start = 0
        while start < len(words):
            for end in range(min(len(words), start + self._longest.get(words[start], 0)), start, -1):
                name = " ".join(words[start:end])
                if name in self.names:
                    yield name, self.names[name]
                    start = end - 1
                    break
            start += 1


def longest_by_first_word(names: Iterable[str]) -> dict[str, int]:
    """Return how many words the longest name has that begins with a word: most words begin none, or a short one."""
    longest: dict[str, int] = {}
    for name in names:
        first = name.partition(" ")[0]
        longest[first] = max(longest.get(first, 0), name.count(" ") + 1)
    return longest


def _differ_in_long_words(a: str, b: str) -> bool:
    """Tell whether a slip in a short word only swaps letters: Axos Bank is not Axis Bank, nor AB Harvard AM Harvard."""
    words, others = a.split(), b.split()
    if len(words) != len(others):
        return True
    return all(
        max(len(word), len(other)) >= SHORTEST_FUZZY - 1 or sorted(word) == sorted(other)
        for word, other in zip(words, others, strict=True)
    )


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
