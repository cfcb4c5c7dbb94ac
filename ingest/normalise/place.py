"""Place: free text, structured fields or both -> country, region and metro, with roll-up.

A text is cut into alternatives ("Austin or Dallas") and each of these into names ("Austin", "TX"), which the gazetteer
knows in all their meanings. What several alternatives have in common is known; the rest is not.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from ingest.normalise.gazetteer import Kind, Spot, closest_spot, spots_of
from ingest.normalise.reading import WITH_STATES, common, merge, read
from ingest.normalise.text import CACHED_STRINGS, fold
from schema import event
from schema.places import metros
from schema.terms import load_terms
from schema.vocabulary import MatchKind

MAX_NAMES = 6
MAX_SEGMENTS = 12
"""What stands behind so many parts is no address any more; the bound keeps hostile text from costing milliseconds."""

MAX_WORDS_OF_NAME = 5
LONGEST_UNSPACED = 14

SEVERAL_REGIONS = ""
"""The region of a spot whose alternatives lie in one metro, but in several regions ("Gurgaon/Noida")."""

_ALTERNATIVES = re.compile(r"[;|\n\r•/]|\s(?:or|oder|ou|and|und|et|o)\s|\s[&+]\s", re.IGNORECASE)
_SEPARATORS = re.compile(r"[,()\[\]{}:·>–—]|\s-+\s|\s-|-\s")
_SLASHED = re.compile(r"(?<=\w{4})/(?=[A-Z]{2}\b)")
"""A city's state or country after a slash ("Campinas/SP", "Remote/US") and not another place."""

_STATES = re.compile(r"\b([A-Z]{2})((?:-[A-Z]{2})+)$")
"""The states of a metropolitan area of the US ("NY-NJ-PA"), of which its main city lies in the first."""

_UNSPACED = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff]")
"""Hangul (as folding takes it apart), kana and Chinese characters."""

_CODE = re.compile("[A-Z]{2}(-[A-Z0-9]{1,3})?")
_REMOTE = re.compile(
    r"\b(?:remot\w*|wfh|work from (?:home|anywhere)|home ?(?:office|based)|tele(?:commut|travail|trabajo|work)\w*"
    r"|anywhere|world ?wide|global(?:ly)?|distributed|virtual)\b"
)
_NOT_REMOTE = re.compile(r"\b(?:no|not|non|nicht|kein|without)\s+(?:\w+\s+)?remot\w*|\b(?:hybrid|hibrid)\w*")


class FoundPlace(NamedTuple):
    """Codes of ISO 3166-1, ISO 3166-2 and ours; what is not known is None. `remote` where the text says so."""

    country: str | None = None
    region: str | None = None
    metro: str | None = None
    match: MatchKind = MatchKind.NONE
    remote: bool = False


NOWHERE = FoundPlace()


def find_place(place: event.Place | str | None) -> FoundPlace:
    """Return what is known of a place. Structured fields outrank free text, a stated country outranks a city's fame."""
    if place is None:
        return NOWHERE
    if isinstance(place, str):
        return _find(place, None, None, None)
    return _find(place.text, place.country, place.region, place.city)


@lru_cache(CACHED_STRINGS)
def _find(text: str | None, country: str | None, region: str | None, city: str | None) -> FoundPlace:
    stated = _stated(country, Kind.COUNTRY, None)
    within = _stated(region, Kind.REGION, stated)
    known = (merge(stated, within) or stated) if stated and within else stated or within
    words = ", ".join(word for word in (city, region if not within else "", country if not stated else "") if word)
    for said in (words, text):
        news = _resolve(said, known) if said else None
        known = (merge(known, news) or known) if known and news else known or news
    return _found(known, _is_remote(" ".join(word for word in (text, country, region, city) if word)))


def _found(spot: Spot | None, remote: bool) -> FoundPlace:
    if spot is None:
        return NOWHERE._replace(remote=remote)
    return FoundPlace(spot.country, _region_of(spot) or None, spot.metro, spot.match, remote)


def _region_of(spot: Spot) -> str | None:
    """Return the region of a spot: where none is named, that of the metro's main city."""
    return metros()[spot.metro].region if spot.region is None and spot.metro else spot.region


def _stated(said: str | None, kind: Kind, within: Spot | None) -> Spot | None:
    """Return the only meaning of this kind that a structured field can have."""
    spots = [
        spot
        for spot in spots_of(fold(said or ""))
        if spot.kind is kind and (within is None or spot.country == within.country)
    ]
    return (
        spots[0]
        if spots and (len({spot.country for spot in spots}) == 1 or spots[0].match is MatchKind.EXACT)
        else None
    )


def _is_remote(text: str) -> bool:
    folded = fold(text)
    return bool(_REMOTE.search(folded)) and not _NOT_REMOTE.search(folded)


def _resolve(text: str, known: Spot | None) -> Spot | None:
    if known is None and (spot := _coded(text)):
        return spot
    folded = fold(text)
    if folded in _words("nowhere"):
        return None
    whole = _meanings(folded, known)
    if whole and (spot := read([whole], after_town=False)):
        return spot
    alternatives = [part for part in _ALTERNATIVES.split(_SLASHED.sub(", ", text)) if part.strip()][:MAX_NAMES]
    spots = [_resolve_one(part, known) for part in alternatives]
    found = [spot for spot in spots if spot]
    others = [part for part, spot in zip(alternatives, spots, strict=True) if not spot and not _is_noise(part)]
    if not found or any(fold(part) in _words("macro") for part in others):
        return None
    # Where one of several places is not understood, no more than the country of the others is known
    shared = common(found)
    if shared and shared.metro and not shared.region and len({_region_of(spot) for spot in found}) > 1:
        return shared._replace(region=SEVERAL_REGIONS)
    return shared._replace(region=None, metro=None) if shared and others else shared


def _coded(text: str) -> Spot | None:
    """Return what an ISO code means; two letters that are a metro (LA) or a state of the US or Canada (MA) are none."""
    if not _CODE.fullmatch(text):
        return None
    spots = spots_of(fold(text))
    if any(spot.letters and spot.kind is Kind.REGION and spot.country in WITH_STATES for spot in spots):
        return None
    kind = Kind.REGION if "-" in text else Kind.COUNTRY
    coded = [spot for spot in spots if spot.kind is kind and spot.match is MatchKind.EXACT]
    return coded[0] if coded and not any(spot.kind is Kind.METRO for spot in spots) else None


def _resolve_one(text: str, known: Spot | None) -> Spot | None:
    whole = _meanings(fold(text), known)
    if whole and (spot := read([whole], after_town=False)):
        return spot
    names: list[tuple[Spot, ...]] = []
    unknown = False
    for segment in _SEPARATORS.split(_STATES.sub(_first_state, text.rstrip()))[:MAX_SEGMENTS]:
        found = _names_in(segment, known)
        unknown = unknown or found is None
        names += found or []
    return read(names[:MAX_NAMES], after_town=unknown) if names else None


def _first_state(found: re.Match[str]) -> str:
    states = found.group().split("-")
    return states[0] if all(f"US-{state}" in load_terms("region") for state in states) else found.group()


def _names_in(segment: str, known: Spot | None) -> list[tuple[Spot, ...]] | None:
    """Return the meanings of the names that a segment consists of: [] where it is noise, None where not understood."""
    words = _words_of(segment)
    names = _names_of_words(words, known)
    if names is None and len(words[-1]) == 1:
        names = _names_of_words(words[:-1], known)  # "Odense C": a district of the post
    if names is not None:
        return names
    pieces = [_names_of_words(_words_of(piece), known) or [] for piece in segment.split("-")]
    if any(pieces) and len(pieces) > 1:
        return [name for piece in pieces for name in piece]
    spelled = _names_unspaced(fold(segment), known)
    if spelled:
        return spelled
    close = closest_spot(" ".join(_words_of(segment)))
    return [(close,)] if close and (known is None or merge(known, close)) else None


def _names_of_words(words: Sequence[str], known: Spot | None) -> list[tuple[Spot, ...]] | None:
    names = []
    start = 0
    while start < len(words):
        for end in range(min(len(words), start + MAX_WORDS_OF_NAME), start, -1):
            name = " ".join(words[start:end])
            is_noise = name in _words("noise") or (name in _words("letters") and end < len(words))
            meanings = () if is_noise else _meanings(name, known)
            if meanings:
                names.append(meanings)
            if meanings or is_noise or name in _words("macro"):
                start = end
                break
        else:
            return None
    return names


def _names_unspaced(text: str, known: Spot | None) -> list[tuple[Spot, ...]]:
    """Return the meanings of the names in a text of a script without spaces ("北京市朝阳区"), the longest first."""
    names: list[tuple[Spot, ...]] = []
    start = 0
    while start < len(text) and _UNSPACED.search(text):
        for end in range(min(len(text), start + LONGEST_UNSPACED), start + 1, -1):
            meanings = _meanings(text[start:end], known)
            if meanings:
                names.append(meanings)
                start = end - 1
                break
        start += 1
    return names


def _is_noise(text: str) -> bool:
    return all(word in _words("noise") | _words("letters") for word in _words_of(text))


def _words_of(segment: str) -> list[str]:
    # Postal codes and floors
    return [word for word in fold(segment).split() if not any(character.isdigit() for character in word)]


def _meanings(name: str, known: Spot | None) -> tuple[Spot, ...]:
    if name in _words("macro"):
        return ()
    spots = spots_of(name)
    return tuple(spot for spot in spots if merge(known, spot)) if known else spots


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(fold(word) for word in load_terms("place_word")[kind].aliases)
