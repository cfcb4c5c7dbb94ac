"""Company: a name as people write it -> one code per employer.

One employer is whoever sets the pay: divisions and rebrandings count with it (AWS is Amazon, Facebook is Meta, DeepMind
is Google), companies of the same owner with ladders of their own do not (LinkedIn is not Microsoft, Waymo not Google).
The code of an employer that company.csv does not know is its name without the legal form, in lower case: EXACT where
it is written so up to case and punctuation, ALIAS where a legal form was left out.
"""

import re
from collections import defaultdict
from functools import cache, lru_cache
from itertools import accumulate

from ingest.normalise.company_size import find_size
from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Found, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import MatchKind, MlCentrality

__all__ = ["find_company", "find_size", "ml_of"]

MOST_WORDS = 7
"""Beyond them a text describes an employer ("a large bank in the middle of a merger ...") and does not name one."""

_WEB = re.compile(r"^(?:https?://)?(?:www\.)?([\w-]+)\.(?:com|net|org|io|co\.uk|co\.in|de|fr)(?:/\S*)?$", re.IGNORECASE)
_INITIALS = re.compile(r"\b(?:\w\.){2,}")
_ASIDE = re.compile(
    r"\([^)]*\)|\bvia\b.*$|^(?:contractor|consultant|vendor|employee|working) (?:at|for|with)\b", re.IGNORECASE
)
"""What is said beside the employer's name: who owns it, who sent the person there."""

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_PIECES = re.compile(r"[()\[\]/|,;>→]|\s[-–—]\s")
_FORMER = re.compile(r"^(?:ex|former|formerly|previously|ehemals|anciennement)\b[\s:-]*(?=\w)", re.IGNORECASE)
_KINDS_IN_GERMAN = ("hersteller", "unternehmen", "konzern", "zulieferer", "dienstleister", "anbieter", "versicherer")
"""German makes one word of what a kind of employer does ("Autohersteller")."""

_BATCH = re.compile(r"[wsfx]\d\d")
"""A batch of Y Combinator."""

_UNSPACED_FORM = re.compile("(株式会社|有限会社|合同会社|주식회사|股份有限公司|有限责任公司|有限公司|集团)")


@lru_cache(CACHED_STRINGS)
def find_company(name: str | None) -> tuple[str | None, MatchKind]:
    """Return the employer's code; None where the text names nobody ("confidential", "a startup")."""
    given = _UNSPACED_FORM.sub(r" \1 ", name or "").strip()
    said = _INITIALS.sub(lambda found: found.group().replace(".", ""), _WEB.sub(r"\1", given))
    words = fold(said).split()
    for whole in (fold(given), " ".join(words)):
        if (found := _known(whole)).code:
            return found
    if not words or len(words) > MOST_WORDS or "@" in said or _FORMER.match(said):
        return NOT_FOUND
    short = _without_legal_form(words)
    found = _known(" ".join(short))
    if found.code:
        return Found(found.code, MatchKind.ALIAS)
    if _refuses(words) or _is_generic(short) or (short != words and _is_generic(words)):
        return NOT_FOUND
    found = _known_part(said, short)
    if found.code:
        return found
    outside = _BRACKETS.sub(" ", said)
    if len(_known_pieces(said) - {None}) > 1 or (outside != said and _is_generic(fold(outside).split())):
        return NOT_FOUND
    return Found("-".join(short), MatchKind.EXACT if short == words else MatchKind.ALIAS)


@lru_cache(CACHED_STRINGS)
def ml_of(code: str | None) -> MlCentrality | None:
    """Return whether machine learning is `core` to a known employer's business or `supporting`; None where unknown."""
    term = load_terms("company").get(code or "")
    return MlCentrality(term.extra["ml"]) if term else None


def _known_part(said: str, short: list[str]) -> Found:
    """Return the known employer that the text names beside legal forms, places, divisions and its other names."""
    found = _known(" ".join(_without(short, _behind("holding"))))
    found = found if found.code else _division(short)
    found = found if found.code else _slip(short)
    if found.code:
        return Found(found.code, min(found.match, MatchKind.ALIAS))
    outside = _known(" ".join(_without_legal_form(fold(_ASIDE.sub(" ", said)).split())))
    if outside.code:
        return Found(outside.code, MatchKind.ALIAS)
    codes = _known_pieces(said)
    code = codes.pop() if len(codes) == 1 else None
    return Found(code, MatchKind.ALIAS) if code else NOT_FOUND


def _known_pieces(said: str) -> set[str | None]:
    """Return the codes of what stands between commas, brackets and arrows, with None for a piece that is not known."""
    parts = _PIECES.split(said)
    if len(parts) == 1:
        return {None}
    pieces = [" ".join(_without_legal_form(fold(piece).split())) for piece in parts]
    return {_known(piece).code for piece in pieces if piece and piece not in _places()}


def _slip(words: list[str]) -> Found:
    """Return the known employer whose name is a slip of the fingers away, unless that is an ordinary word."""
    found = _brands().find(" ".join(words))
    is_word = found.code and load_terms("company")[found.code].extra["common"]
    return NOT_FOUND if found.match is MatchKind.FUZZY and is_word else found


def _division(words: list[str]) -> Found:
    """Return the known employer of a part of it or the group, unless its name is an ordinary word ("Compass Group")."""
    bare = _without(words, _behind_a_division())
    name = " ".join(_without_legal_form(bare))
    found = _known(name) if bare != words else NOT_FOUND
    if not found.code or load_terms("company")[found.code].extra["common"]:
        return NOT_FOUND
    # Half of a name with a division behind it is another's: Goldman Systems
    label = fold(load_terms("company")[found.code].label).split()
    is_half = " " not in name and len(label) == 2 and label[0] == name and label[1] not in _words("division")
    return NOT_FOUND if is_half else found


def _known(name: str) -> Found:
    return _brands().names.get(name, NOT_FOUND)


def _without_legal_form(words: list[str]) -> list[str]:
    for length in (2, 1):
        if len(words) > length and " ".join(words[:length]) in _words("legal-prefix"):
            return _without_legal_form(words[length:])
    return _without(words, _words("legal-form"))


def _without(words: list[str], endings: frozenset[str]) -> list[str]:
    """Return the words without all such endings, of up to five words each, but never without any word."""
    for length in range(min(5, len(words) - 1), 0, -1):
        if " ".join(words[-length:]) in endings:
            return _without(words[:-length], endings)
    return words


def _refuses(words: list[str]) -> bool:
    """Tell whether the words say that the employer is not told ("I'd rather not say") or that there is none."""
    text = " ".join(words) + " "
    starts = accumulate((len(word) + 1 for word in words), initial=0)
    return any(
        text.startswith(f"{phrase} ", start)
        for word, start in zip(words, starts, strict=False)
        for phrase in _refusals().get(word, ())
    )


def _is_generic(words: list[str]) -> bool:
    """Tell whether the words only describe an employer ("a large German insurer") and name none."""
    if all(map(_says_nothing, words)):
        return True
    text = "".join(words)
    if not text.isascii() and _unspaced_generic().fullmatch(text):
        return True
    kinds = [at for at, word in enumerate(words) if word in _words("kind") or word.endswith(_KINDS_IN_GERMAN)]
    if kinds and words[0] in _words("article"):
        return True
    return any(_only_describes(words[:at]) and _only_follows(words[at + 1 :]) for at in kinds)


def _only_describes(words: list[str]) -> bool:
    return all(_says_nothing(word) or word in _words("trait") for word in words)


def _only_follows(words: list[str]) -> bool:
    """Tell whether what follows a kind of employer says no more than its trade, where it is or what it is like."""
    if " ".join(words) in _towns():
        return True
    after_link = False
    for at, word in enumerate(words):
        if word in _words("where") and not after_link:
            return True
        linked = after_link and (word in _words("trait") or _says_nothing(word))
        after_link = word in _words("link") or (linked and at + 1 < len(words))
        if not (linked or after_link or word in _words("adjective")):
            return False
    return not after_link


def _says_nothing(word: str) -> bool:
    return len(word) == 1 or word.isdigit() or word in _words("generic") or bool(_BATCH.fullmatch(word))


@cache
def _brands() -> Lookup:
    return Lookup(load_terms("company").values(), fuzzy=True)


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(fold(alias) for alias in load_terms("company_word")[kind].aliases)


@cache
def _unspaced_generic() -> re.Pattern[str]:
    names = sorted(_words("unspaced"), key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(map(re.escape, names))})+")


@cache
def _refusals() -> dict[str, list[str]]:
    """Return the phrases of those who do not tell their employer, by their first word."""
    phrases: defaultdict[str, list[str]] = defaultdict(list)
    for phrase in _words("refusal"):
        phrases[phrase.partition(" ")[0]].append(phrase)
    return dict(phrases)


@cache
def _behind(*kinds: str) -> frozenset[str]:
    """Return places and words of these kinds: what may stand behind an employer's name."""
    return _places().union(*map(_words, kinds))


@cache
def _behind_a_division() -> frozenset[str]:
    return _behind("group-word", "division") | _towns()


@cache
def _towns() -> frozenset[str]:
    """Return the places and all names of metros."""
    return _places() | {fold(alias) for term in load_terms("metro").values() for alias in term.aliases}


@cache
def _places() -> frozenset[str]:
    names = {fold(name) for term in load_terms("country").values() for name in (term.label, *term.aliases)}
    names |= {fold(term.label.partition(" (")[0]) for term in load_terms("metro").values()}
    regions = {"us", "uk", "emea", "europe", "apac", "latam", "asia", "americas", "north america", "asia pacific"}
    return frozenset(names | regions)
