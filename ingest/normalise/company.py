"""Company: a name as people write it -> one code per employer.

One employer is whoever sets the pay: divisions and rebrandings count with it (AWS is Amazon, Facebook is Meta, DeepMind
is Google), companies of the same owner with ladders of their own do not (LinkedIn is not Microsoft, Waymo not Google).
The code of an employer that company.csv does not know is its name without the legal form, in lower case: EXACT where
it is written so up to case and punctuation, ALIAS where a legal form was left out.
"""

import re
from functools import cache, lru_cache

from ingest.normalise.company_description import is_generic, refuses
from ingest.normalise.company_size import find_size
from ingest.normalise.company_words import behind_a_division, behind_a_name, listed
from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Found, Lookup, fold
from schema.terms import load_terms
from schema.vocabulary import MatchKind, MlCentrality

__all__ = ["find_company", "find_size", "ml_of"]

MOST_WORDS = 7
"""Beyond them a text describes an employer ("a large bank in the middle of a merger ...") and does not name one."""

_WEB = re.compile(r"^(?:https?://)?(?:www\.)?([\w-]+)\.(?:com|net|org|io|co\.uk|co\.in|de|fr)(?:/\S*)?$", re.IGNORECASE)
_INITIALS = re.compile(r"\b(?:\w\.){2,}")
_ASIDE = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|\bvia\b.*$|^(?:contractor|consultant|vendor|employee|working) (?:at|for|with)\b",
    re.IGNORECASE,
)
"""What is said beside the employer's name: who owns it, who sent the person there."""

_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_PIECES = re.compile(r"[()\[\]/|,;>→]|\s[-–—]\s")
_FORMER = re.compile(r"^(?:ex|former|formerly|previously|ehemals|anciennement)\b[\s:-]*(?=\w)", re.IGNORECASE)
_UNSPACED_FORM = re.compile("(株式会社|有限会社|合同会社|주식회사|股份有限公司|有限责任公司|有限公司|集团)")
_UNSPACED_TRADE = re.compile(
    r"^(?:北京|上海|深圳|杭州|广州|南京|成都|武汉|西安|苏州|中国)(?=.{2})|[（(].*?[）)]"
    r"|(?:股份有限公司|有限责任公司|有限公司|集团|控股|在线|信息|网络|电子|计算机|云计算|软件|服务|商务|科技|技术|银行|公司|研究院)+$"
)
"""What Chinese registers put around a name: the city in front, the trade behind, a second city in brackets."""

_SHORT_WORDS = {
    "univ": "university",
    "uni": "university",
    "inst": "institute",
    "intl": "international",
    "natl": "national",
    "labs": "laboratory",
    "lab": "laboratory",
    "dept": "department",
    "ctr": "center",
    "tech": "technology",
    "hosp": "hospital",
    "assn": "association",
    "mgmt": "management",
    "svcs": "services",
    "sys": "systems",
}


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
    found = found if found.code else _spelled_out(short)
    if found.code:
        return Found(found.code, MatchKind.ALIAS)
    if refuses(words) or is_generic(short) or (short != words and is_generic(words)):
        return NOT_FOUND
    found = _known_part(said, short)
    if found.code:
        return found
    outside = _BRACKETS.sub(" ", said)
    if len(_known_pieces(said) - {None}) > 1 or (outside != said and is_generic(fold(outside).split())):
        return NOT_FOUND
    return Found("-".join(short), MatchKind.EXACT if short == words else MatchKind.ALIAS)


@lru_cache(CACHED_STRINGS)
def ml_of(code: str | None) -> MlCentrality | None:
    """Return whether machine learning is `core` to a known employer's business or `supporting`; None where unknown."""
    term = load_terms("company").get(code or "")
    return MlCentrality(term.extra["ml"]) if term else None


def _known_part(said: str, short: list[str]) -> Found:
    """Return the known employer that the text names beside legal forms, places, divisions and its other names."""
    found = _known(" ".join(_without(short, behind_a_name())))
    found = found if found.code else _division(short)
    found = found if found.code else _before_legal_form(short)
    found = found if found.code else _faculty(short)
    found = found if found.code or _PIECES.search(said) else _part(short)
    found = found if found.code else _in_unspaced(said)
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
    beside = behind_a_division()
    return {_known(piece).code for piece in pieces if piece and piece not in beside}


def _slip(words: list[str]) -> Found:
    """Return the known employer whose name is a slip of the fingers away, unless that is an ordinary word."""
    found = _brands().find(" ".join(words))
    is_word = found.code and load_terms("company")[found.code].extra["common"]
    return NOT_FOUND if found.match is MatchKind.FUZZY and is_word else found


def _division(words: list[str]) -> Found:
    """Return the known employer of a part of it or the group, unless its name is an ordinary word ("Compass Group")."""
    while len(words) > 1:
        for length in range(1, min(5, len(words) - 1) + 1):
            if " ".join(words[-length:]) in behind_a_division():
                name = " ".join(_without_legal_form(words[:-length]))
                if (found := _known(name)).code:
                    return NOT_FOUND if _is_ordinary(name, found.code) else found
        bare = _without_one(words, behind_a_division())
        if len(bare) == len(words):
            break
        words = bare
    return NOT_FOUND


def _is_ordinary(name: str, code: str) -> bool:
    """Tell whether a name with a division behind it may be another's: one ordinary word, or half of a name."""
    if " " in name:
        return False
    employer = load_terms("company")[code]
    # Half of a name with a division behind it is another's: Goldman Systems
    label = fold(employer.label).split()
    is_half = len(label) == 2 and label[0] == name and label[1] not in listed("division")
    is_common = employer.extra["common"] == "1" and name in (label[0], employer.code)
    return is_common or name in listed("ordinary") or is_half


def _before_legal_form(words: list[str]) -> Found:
    """Return the known employer before a legal form that a town or a part follows ("VW AG Wolfsburg")."""
    for at in range(1, len(words) - 1):
        if words[at] in listed("legal-form-within"):
            return _known(" ".join(words[:at]))
    return NOT_FOUND


def _spelled_out(words: list[str]) -> Found:
    """Return the known employer whose name has some of its words shortened ("Univ. of Washington")."""
    full = [_SHORT_WORDS.get(word, word) for word in words]
    if words[:2] == ["u", "of"]:
        full[0] = "university"
    swapped = [*full[1:], full[0]] if full[0] == "university" and "of" not in full else full
    for variant in (full, swapped, ["university", "of", *full[:-1]] if full[-1] == "university" else full):
        if variant != words and (found := _known(" ".join(variant))).code:
            return found
    return NOT_FOUND


def _faculty(words: list[str]) -> Found:
    """Return the known university before the name of a school or an institute of it ("NUS School of Computing")."""
    for at in range(1, min(5, len(words) - 1)):
        if words[at] in listed("faculty") and words[at + 1] == "of":
            found = _known(" ".join(words[:at]))
            is_school = found.code and load_terms("company")[found.code].extra["industry"] == "education"
            return found if is_school else NOT_FOUND
    return NOT_FOUND


def _part(words: list[str]) -> Found:
    """Return the known employer whose name nobody else's begins with: what follows is a part of it ("Google Maps")."""
    if listed("not-part").intersection(words):
        return NOT_FOUND
    for length in (2, 1):
        name = " ".join(words[:length])
        if length < len(words) <= length + 3 and name in listed("sole"):
            beside = _known(" ".join(words[length:])).code
            return _known(name) if beside in (None, _known(name).code) else NOT_FOUND
    return NOT_FOUND


def _in_unspaced(said: str) -> Found:
    """Return the known employer in a Chinese registered name ("北京字节跳动科技有限公司")."""
    if said.isascii():
        return NOT_FOUND
    name = "".join(said.split())
    while (bare := _UNSPACED_TRADE.sub("", name)) != name and bare:
        name = bare
        if (found := _known(fold(name))).code:
            return found
    return NOT_FOUND


def _known(name: str) -> Found:
    return _brands().names.get(name, NOT_FOUND)


def _without_legal_form(words: list[str]) -> list[str]:
    for length in (2, 1):
        if len(words) > length and " ".join(words[:length]) in listed("legal-prefix"):
            return _without_legal_form(words[length:])
    return _without(words, listed("legal-form"))


def _without(words: list[str], endings: frozenset[str]) -> list[str]:
    """Return the words without all such endings, but never without any word."""
    bare = _without_one(words, endings)
    return words if len(bare) == len(words) else _without(bare, endings)


def _without_one(words: list[str], endings: frozenset[str]) -> list[str]:
    """Return the words without the longest such ending, of up to five words."""
    for length in range(min(5, len(words) - 1), 0, -1):
        if " ".join(words[-length:]) in endings:
            return words[:-length]
    return words


@cache
def _brands() -> Lookup:
    return Lookup(load_terms("company").values(), fuzzy=True)
