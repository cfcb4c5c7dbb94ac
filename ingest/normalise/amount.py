"""An amount of money as people type it ("45 LPA", "£650/day", "80-100k", "65.000 €") -> numbers, period and currency.

Every mark and word of the text must be understood, or the text is no amount: "120k + 20% after a year" is not 120,000.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from ingest.normalise.amount_reader import Reader, Stated
from ingest.normalise.amount_words import NotAnAmount, Word, signs, words
from ingest.normalise.text import CACHED_STRINGS, fold

_SCIENTIFIC = re.compile(r"\d+(?:\.\d+)?e\+?\d{1,2}")
_ELISION = re.compile(r"\b[ld]['’](?=\w)")
_FOR_A_PERIOD = r"\s*(?:per\b|/\s*(?:h|hr|hour|d|day|w|wk|week|m|mo|month|y|yr|year)\b|x\s*\d)"
_ASIDE = re.compile(
    rf"\b(?:ir35|w-?2|c2c|1099(?!{_FOR_A_PERIOD})|401\(?k\)?|13th month"
    r"|40 ?h(?:rs|ours)?(?: ?/ ?| per | a )w(?:ee)?k)(?!\w)"
)
"""Figures that are no amounts: forms of contract (1099 unless it is for a period), pension plans, the usual hours."""

_CRORE_AND_LAKH = re.compile(r"(\d+)\s*(?:crores?|crs?)\s*(?:and\s*)?(\d+(?:\.\d+)?)\s*(?:lakhs?|lacs?|l)\b")
_NORDIC_MONTH = re.compile(r"(kr\.?|dkk|nok)\s*(?:/|pr\.?)?\s*(?:md|mdr|mnd)\b\.?")
"""In Danish and Norwegian the letters that elsewhere are a day of a man."""

_HUNDRED_MILLIONS = re.compile(r"(\d+)\s*[億亿억]\s*(\d[\d,]*)\s*(千万|천만|[万萬만천千])")
_TEUR = re.compile(r"^(?:teur|t€|keur|k€)\s*(\d[\d.,]*)")
_ALL_IN = re.compile(r"\ball[- ](?:in(?:clusive)?|included|up|told|fixed|cash|base)\b|\b(?:in|over) ?all\b")
"""Not the currency of Albania."""

_INCLUDED = re.compile(
    r"(?:incl|inkl|including|inclus|incluant|included|inbegrepen|comprese?)\w*\.? ?(?:the )?"
    r"(?:1[34](?:\.|th|e|ème|eme|º|ª|a)? ?(?:monatsgehalt|gehalt|months?|mois|salary|mensualidad|mensilità|maand"
    r"|pagas?)"
    r"|8 ?% ?(?:vakantiegeld|holiday (?:allowance|pay)|vakantietoeslag))"
)
_A_YEAR = re.compile(r"(\d{2,3}(?:[.,' ]\d{3}| ?k| ?t)\s*(?:€|eur\w*)?\s*(?:brutt?o?)?\s*/\s*)j\b\.?")
"""By the amount `/j` is a year of Germans, not a day (jour) of the French."""

_PAYMENTS = re.compile(r"\bsur (1[2-6](?:[.,]\d+)?) mois\b")
_MIL_CZECH = re.compile(r"\bmil\.?(?=\s*(?:k[čc]|czk))")
_SHEKEL = re.compile("ש[\"״'׳]+ח")
_PREFIXED = re.compile(r"\b(bi|semi)[- ](?=\w)")
_OR_MORE = re.compile(r"\S\+(?=\s*(?:$|/|per\b|pa\b|a\b|p\.))")
_DASHES = str.maketrans("‐‑‒–—―−〜∼", "-" * 7 + "~" * 2)
_PER = frozenset({"/", "per", "pro", "par", "por", "pr"})


@cache
def _token() -> re.Pattern[str]:
    known = "|".join(re.escape(sign) for sign in sorted(signs(), key=len, reverse=True) if not sign.isalpha() and sign)
    return re.compile(
        rf"""(?P<number>\d{{1,3}}(?:[ '’_]\d{{3}})+(?!\d)(?:[.,]\d{{1,2}}(?!\d))?|\d+(?:[.,]\d+)*|(?<!\w)\.\d+)
        |(?P<sign>{known})
        |(?P<word>b2b|[^\W\d_]+(?:\.[^\W\d_]+)*)
        |(?P<mark>[-~+%/×*<>≤≥])
        |(?P<blank>[\s.,:;()\[\]'’"“”·!?|&=_]+)
        |(?P<other>.)""",
        re.VERBOSE | re.DOTALL,
    )


@lru_cache(CACHED_STRINGS)
def read_amount(text: str) -> Stated:
    """Return what the text states. Raises NotAnAmount with the reason where it is not one amount or one range."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_DASHES).strip()
    plain = _NORDIC_MONTH.sub(r"\1 / month", plain)
    if not plain.isascii():
        plain = _HUNDRED_MILLIONS.sub(_add_myriads, "".join(map(_blank_emoji, plain))).strip()
    if _SCIENTIFIC.fullmatch(plain):
        return Stated(float(plain), float(plain))
    if plain.lstrip("$€£¥₹ ").startswith("-"):
        raise NotAnAmount("it is negative")
    plain = _CRORE_AND_LAKH.sub(lambda found: f"{float(found[1]) * 100 + float(found[2])} lakh", plain)
    plain = _TEUR.sub(r"\1 keur", _ALL_IN.sub(" ", _INCLUDED.sub(" ", plain)))
    plain = _PAYMENTS.sub(r"en \1 pagas", _A_YEAR.sub(r"\1jahr", plain))
    plain = _SHEKEL.sub("ils", _MIL_CZECH.sub("mln", plain))
    reader = Reader(kinds={"bound"} if _OR_MORE.search(plain) else set())
    tokens = [
        (match.lastgroup or "", match.group())
        for match in _token().finditer(_PREFIXED.sub(r"\1", _ELISION.sub("", _ASIDE.sub(" ", plain))))
    ]
    for kind, token in tokens:
        if kind == "other":
            raise NotAnAmount(f"{token!r} is not understood")
    _read_tokens(reader, [(kind, token) for kind, token in tokens if kind != "blank"])
    return reader.stated()


def _blank_emoji(character: str) -> str:
    is_emoji = unicodedata.category(character) in ("So", "Sk", "Mn", "Cf") and character > "\u2000"
    return " " if is_emoji and character not in signs() else character


def _add_myriads(found: re.Match[str]) -> str:
    """Return `1億2千万` as one number of myriads."""
    thousands = 1_000 if found[3][0] in "千천" else 1
    return f"{int(found[1]) * 10_000 + int(found[2].replace(',', '')) * thousands}万"


def _read_tokens(reader: Reader, tokens: list[tuple[str, str]]) -> None:
    place = 0
    while place < len(tokens):
        kind, token = tokens[place]
        taken = 1
        after_number = place > 0 and tokens[place - 1][0] == "number"
        if kind == "number":
            following = fold(tokens[place + 1][1]) if place + 1 < len(tokens) else ""
            is_count = _is(following, "payments") or (following in ("x", "×") and bool(reader.quantities))
            reader.take_number(token, payments=is_count)
        elif kind == "sign":
            reader.take_currencies(signs()[token])
        elif kind == "mark":
            reader.take_mark(token)
        elif token == "x":
            reader.times = not (reader.quantities and reader.quantities[-1].payments)
        else:
            taken = _read_words(reader, tokens, place, after_number=after_number)
        place += taken


def _is(name: str, kind: str) -> bool:
    return name in words() and words()[name].kind == kind


def _read_words(reader: Reader, tokens: list[tuple[str, str]], place: int, *, after_number: bool) -> int:
    """Read the longest run of words that is known, and return how many tokens it took."""
    run = []
    for kind, token in tokens[place : place + 3]:
        if kind != "word":
            break
        run.append(fold(token.replace(".", "")))
    if place and tokens[place - 1][1] in _PER and f"/{run[0]}" in words():
        reader.take_word(run[0], words()[f"/{run[0]}"], after_number=after_number)
        return 1
    for length in range(len(run), 0, -1):
        name = " ".join(run[:length])
        if name in words():
            reader.take_word(name, words()[name], after_number=after_number)
            return length
    for name, word in _split(run[0]):
        reader.take_word(name, word, after_number=after_number)
        after_number = False
    return 1


def _split(name: str) -> Iterator[tuple[str, Word]]:
    """Yield the parts of two words in one: a magnitude and what follows it ("keur", "万円")."""
    for cut in range(1, len(name)):
        first, rest = words().get(name[:cut]), words().get(name[cut:])
        if first and rest and first.kind in ("magnitude", "period"):
            yield name[:cut], first
            yield name[cut:], rest
            return
    raise NotAnAmount(f"{name!r} is not understood")
