"""A job title as segments of phrases that title_word.csv and specialization.csv know. What they add up to: title.py."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ingest.normalise.text import CACHED_STRINGS, SHORTEST_FUZZY, fold, is_plain, longest_by_first_word
from schema.terms import load_terms
from schema.vocabulary import Level

CRAFTS = ("engineer", "scientist", "researcher", "analyst", "architect")
"""The heads of titles of people who practise what the title names."""

UNKNOWN = "?"
"""What a word that no vocabulary knows reads as."""

NUMERALS = {
    **dict.fromkeys(("i", "1"), Level.ENTRY),
    **dict.fromkeys(("ii", "2"), Level.MID),
    **dict.fromkeys(("iii", "3"), Level.SENIOR),
    **dict.fromkeys(("iv", "4"), Level.STAFF),
    **dict.fromkeys(("v", "5"), Level.PRINCIPAL),
}


CLEARLY_MORE_COMMON = 3
"""How many times as often one of two words must stand in the vocabulary, for a slip to be read as that one."""


class Piece(NamedTuple):
    """A phrase of a title, the code of its row, what it reads as in title_role.csv, and the level that it names."""

    phrase: str
    code: str
    reads: tuple[str, ...]
    level: Level | None
    corrected: bool = False


Segments = Sequence[Sequence[Piece]]
"""The parts of a title, each as its pieces."""

_STOP_WORDS = frozenset(load_terms("stop_word")["title"].aliases)
_EMPLOYER = re.compile(r"(?:@|\bat\b)\s*\w.*", re.IGNORECASE)
_GENDERS = re.compile(
    r"\(?\b[mwfhdxvgk](?:\s?[/|*,]\s?(?:[mwfhdxvgk]|div|gn|nb))+\b\)?|\(all genders?\)", re.IGNORECASE
)
_FEMININE = re.compile(
    r"(?<=\w)(?:[:*·_]|/-?|\()-?(?:innen|in|euse|rice|trice|e|a|ne|ra|se|re|ère)\)?(?!\w)", re.IGNORECASE
)
_INITIALS = re.compile(r"(?<!\w)(?:[A-Za-z]\.)+[A-Za-z]\b\.?")
_POLISH_FOR = re.compile(r"(?<=\w )(?:ds\.|d/s|do spraw) |(?<=specjalista )ds |(?<=dyrektor )ds |(?<=kierownik )ds ")
_LEVEL = r"(?:sr|senior|jr|junior|mid|lead|staff|principal|associate)\b\.?\s+"
_WITH_LEVEL = re.compile(
    rf"^(\s*{_LEVEL})(de|da|as)(?=\s*(?:$|[,(@/–—-]|[ivx\d]+\b))|^(\s*)(de|da|as)(?=[\s-]*(?:[iv]+|\d)\s*(?:$|[,(@/–—-]))",
    re.IGNORECASE,
)
"""Initials that in other titles are a preposition or a country: beside a level they are a job."""

_INITIALS_WITH_LEVEL = {"de": "data eng", "da": "data analyst", "as": "applied scientist"}
_FELLOW = re.compile(r"^\s*((?:senior |sr\.? )?fellow)\s*[,–—-]\s*(.*\bresearch)\b", re.IGNORECASE)
_EM = re.compile(
    r"^\s*EM(?=\s*(?:$|[,|:(–—-])|\s+(?:ML|AI|DS|NLP|CV|Data|Machine)\b)|(?<=[Ss]r )EM\b|(?<=[Ss]enior )EM\b"
)
"""An engineering manager by the initials that in Portuguese are a preposition."""

_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
"""Kana, Chinese characters and Hangul."""

_BOUNDARY = re.compile(r"\s[-–—~]|[-–—~]\s|[,;:|()\[\]{}•\n\t]")
_STUCK_NUMERAL = re.compile(r"\b(sde|swe|mle|s?mts|ds|engineer|scientist|developer|analyst)(i{1,3}|iv|v|[1-5])\b")


def join_initials(text: str) -> str:
    """Return a text with its initials written as one word: the last of `A.I.` is no numeral."""
    return _INITIALS.sub(lambda found: found.group().replace(".", ""), text) if "." in text else text


def split_title(text: str) -> Segments:
    """Return the pieces of each segment of a title: segments are parted by commas, brackets and spaced dashes."""
    text = _EM.sub("engineering manager", _WITH_LEVEL.sub(_spell_initials, _EMPLOYER.sub(" ", text)))
    text = _FELLOW.sub(r"\2 \1", text) if text[:1] in "fFsS" else text
    if " d" in text:
        text = _POLISH_FOR.sub("", text)
    if not is_plain(text):
        text = _FEMININE.sub("", _GENDERS.sub(" ", text))
    return [segment for part in _BOUNDARY.split(text.replace("/", " or ")) for segment in _segments_of(part)]


def _spell_initials(found: re.Match[str]) -> str:
    return (found[1] or found[3] or "") + _INITIALS_WITH_LEVEL[(found[2] or found[4]).lower()]


def space_words(text: str) -> str:
    """Return a text with spaces around its words of scripts that have none ("シニアデータサイエンティスト")."""
    if text.isascii() or not _UNSPACED.search(text):
        return text
    return " ".join(_unspaced_words().sub(r" \g<0> ", text).split())


@cache
def _unspaced_words() -> re.Pattern[str]:
    terms = [*load_terms("title_word").values(), *load_terms("specialization").values()]
    names = {name for term in terms for name in term.aliases if _UNSPACED.match(name)}
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))


@lru_cache(CACHED_STRINGS)
def _segments_of(part: str) -> tuple[Sequence[Piece], ...]:
    return tuple(segment for segment in _alternatives(tuple(_pieces(words_of(part)))) if segment)


def _alternatives(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Yield the sides of each "or" that parts two titles ("Data Engineer / Analyst"); "ML/AI Engineer" is one title."""
    for at, piece in enumerate(pieces):
        if piece.phrase == "or" and _has_craft(pieces[:at]) and _has_craft(pieces[at:]):
            yield pieces[:at]
            yield from _alternatives(pieces[at + 1 :])
            return
    yield pieces


def _has_craft(pieces: Sequence[Piece]) -> bool:
    return any(word in CRAFTS for piece in pieces for word in piece.reads)


def words_of(text: str) -> list[str]:
    """Return the folded words of a text without its articles and prepositions."""
    folded = _STUCK_NUMERAL.sub(r"\1 \2", fold(text))
    return [word for word in folded.split() if word not in _STOP_WORDS]


def read_phrase(words: str) -> tuple[str, ...] | None:
    """Return what a phrase reads as, or None where it is not in the vocabulary."""
    piece = _phrases().get(words)
    return piece.reads if piece else None


@lru_cache(CACHED_STRINGS)
def merge_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words of title_role.csv with those that form a phrase merged: ml platform is mlops, ai ml is ml."""
    merged = tuple(token for piece in _pieces(words) for token in piece.reads)
    return merged if merged == words else merge_words(merged)


def _pieces(words: Sequence[str]) -> Iterator[Piece]:
    phrases, longest = _phrases(), _longest()
    known = [_known_word(word) for word in words]
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + longest.get(known[start], 0)), start, -1):
            piece = phrases.get(" ".join(known[start:end]))
            if piece:
                corrected = any(map(_is_slip, words[start:end], known[start:end]))
                yield piece._replace(corrected=True) if corrected else piece
                start = end
                break
        else:
            yield phrases.get(words[start].removesuffix("s")) or _unread(words[start])
            start += 1


def _is_slip(word: str, known: str) -> bool:
    return known not in (word, word.removesuffix("s"))


def _unread(word: str) -> Piece:
    weightless = word in NUMERALS or word in ("or", "to") or word.isdigit()
    return Piece(word, "", () if weightless else (UNKNOWN,), None)


@cache
def _phrases() -> dict[str, Piece]:
    phrases: dict[str, Piece] = {}
    for term in load_terms("title_word").values():
        reads, level = tuple(term.extra["reads"].split()), term.extra["level"]
        for name in (term.code, *term.aliases):
            phrase = " ".join(words_of(name))
            phrases.setdefault(phrase, Piece(phrase, term.code, reads, Level(level) if level else None))
    for term in load_terms("specialization").values():
        topic, loose = tuple(term.extra["topic"].split()), term.extra["loose"].split("|")
        for name in (term.code, term.label, *term.aliases):
            phrase = " ".join(words_of(name))
            phrases.setdefault(phrase, Piece(phrase, term.code, () if name in loose else topic, None))
    return {**phrases, UNKNOWN: Piece(UNKNOWN, "", (UNKNOWN,), None)}


@cache
def _longest() -> dict[str, int]:
    return longest_by_first_word(_phrases())


@cache
def _words() -> Mapping[str, int]:
    return Counter(word for phrase in _phrases() for word in phrase.split())


@cache
def _long_words() -> dict[str, list[str]]:
    """Return by their first letter the words that are long enough for one slip to be told from another word."""
    words: defaultdict[str, list[str]] = defaultdict(list)
    for word in _words():
        if len(word) >= SHORTEST_FUZZY:
            words[word[0]].append(word)
    return dict(words)


@lru_cache(CACHED_STRINGS)
def _known_word(word: str) -> str:
    """Return the word itself where it is known, else its singular, else the one word that is a slip away from it."""
    words = _words()
    if word in words or word.removesuffix("s") in words:
        return word if word in words else word.removesuffix("s")
    if len(word) < SHORTEST_FUZZY - 1:
        return word
    near = process.extract(word, _long_words().get(word[0], ()), scorer=OSA.distance, score_cutoff=1, limit=None)
    alike = [(words[other], other) for other, _, _ in near]
    (weight, best), (next_weight, _) = [*sorted(alike, reverse=True), (0, word), (0, word)][:2]
    return best if weight >= CLEARLY_MORE_COMMON * next_weight else word
