"""What a name may mean on the map: the names of countries, regions, metros and cities, each with its weight.

Countries, regions and metros are our own terms; the cities stand in `cities.tsv`, which `city_index` makes.
"""

from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from ingest.normalise.text import CACHED_STRINGS, NOT_FOUND, Lookup, fold
from schema.places import metros
from schema.terms import Term, load_terms
from schema.vocabulary import MatchKind

INDEX = Path(__file__).with_name("cities.tsv")

EDITORS_WEIGHT = 3.0
"""A name that stands in metro.csv was put there by an editor, for people who write about jobs: it outweighs people."""

ABBREVIATION_WEIGHT = 0.001
"""Outside the US and Canada the letters of a region (BE for Berlin) are only used beside a city of it."""

WITH_LONG_ABBREVIATIONS = frozenset({"AU", "GB", "MX"})
"""Where regions are abbreviated to more than two letters in addresses (NSW, CDMX); elsewhere such codes are unknown."""


LONGEST_NAME = 40
"""Characters beyond which a text is not compared with every name that it might be a slip of."""


class Kind(IntEnum):
    """What sort of place a name means, from the widest."""

    COUNTRY = 0
    REGION = 1
    METRO = 2
    CITY = 3


class Spot(NamedTuple):
    """One meaning of a name. `weight` is people; `match` is EXACT where the name is a code or label of ours.

    `letters` marks an abbreviation of two letters, which is a country to some and a state to others.
    """

    kind: Kind
    country: str
    region: str | None
    metro: str | None
    weight: float
    match: MatchKind
    letters: bool = False


class _Index(NamedTuple):
    """The index of cities as it stands in the file, unread until a name is asked for."""

    people: dict[str, float]
    regions: dict[str, frozenset[str]]
    names: dict[str, str]


@lru_cache(CACHED_STRINGS)
def spots_of(name: str) -> tuple[Spot, ...]:
    """Return what a folded name may mean, heaviest first."""
    spots = [*_terms().get(name, ()), *_cities_named(name)]
    best: dict[tuple[Kind, str, str | None, str | None], Spot] = {}
    for spot in sorted(spots, key=lambda spot: -spot.weight):
        best.setdefault(spot[:4], spot)
    return tuple(best.values())


def spans(metro: str, region: str) -> bool:
    """Tell whether a part of the metro lies in the region."""
    return region == metros()[metro].region or region in _regions_beyond(metro)


def closest_spot(name: str) -> Spot | None:
    """Return the country, region or metro whose name is only a slip of the fingers away, as FUZZY; None if unsure."""
    found = _spellings().find(name) if len(name) <= LONGEST_NAME else NOT_FOUND
    kind, _, code = (found.code or "").partition(":")
    if kind == "country":
        return Spot(Kind.COUNTRY, code, None, None, 0.0, MatchKind.FUZZY)
    if kind == "region":
        return Spot(Kind.REGION, code.partition("-")[0], code, None, 0.0, MatchKind.FUZZY)
    return Spot(Kind.METRO, metros()[code].country, None, code, 0.0, MatchKind.FUZZY) if kind else None


@cache
def _spellings() -> Lookup:
    kinds = {"country": load_terms("country"), "region": load_terms("region"), "metro": load_terms("metro")}
    return Lookup(
        (
            Term(f"{kind}:{term.code}", term.label, None, term.aliases)
            for kind, terms in kinds.items()
            for term in terms.values()
            if kind != "region" or term.parent in ("US", "CA")
        ),
        fuzzy=True,
    )


def _names_of(term: Term) -> Iterator[tuple[str, MatchKind]]:
    official = {fold(term.code), fold(term.label)}
    yield from ((name, MatchKind.EXACT) for name in official)
    yield from ((name, MatchKind.ALIAS) for name in {fold(alias) for alias in term.aliases} - official)


@cache
def _regions_beyond(metro: str) -> frozenset[str]:
    stated = {region for region, _ in _names_beyond(load_terms("metro")[metro])}
    return _index().regions.get(metro, frozenset()) | stated


def _countries() -> Iterator[tuple[str, Spot]]:
    terms = load_terms("country")
    city_states = {
        metro.country: metro.code for metro in metros().values() if metro.label == terms[metro.country].label
    }
    for term in terms.values():
        people, metro = float(term.extra["population"] or 0), city_states.get(term.code)
        for name, match in _names_of(term):
            yield name, Spot(Kind.COUNTRY, term.code, None, metro, people, match, len(name) == 2)


def _regions() -> Iterator[tuple[str, Spot]]:
    for term in load_terms("region").values():
        country, _, short = term.code.partition("-")
        spot = Spot(Kind.REGION, country, term.code, None, _index().people.get(term.code, 0.0), MatchKind.ALIAS)
        for name, match in _names_of(term):
            yield name, spot._replace(match=match, letters=len(name) == 2)
        if len(short) == 2 or country in WITH_LONG_ABBREVIATIONS:
            weight = spot.weight if country in ("US", "CA") else spot.weight * ABBREVIATION_WEIGHT
            yield fold(short), spot._replace(weight=weight, letters=len(short) == 2)


def _metros() -> Iterator[tuple[str, Spot]]:
    for term in load_terms("metro").values():
        weight = _index().people.get(term.code, 0.0) * EDITORS_WEIGHT
        for name, match in _names_of(term):
            state = f"{term.parent}-{name[-2:].upper()}" if name[-3:-2] == " " else ""
            region = state if state in load_terms("region") else None
            yield name, Spot(Kind.METRO, term.parent or "", region, term.code, weight, match)
        for region, name in _names_beyond(term):
            yield name, Spot(Kind.METRO, term.parent or "", region, term.code, weight, MatchKind.ALIAS)


def _names_beyond(term: Term) -> Iterator[tuple[str, str]]:
    """Yield the names within a metro that lie in another region than its main city ("Pangyo"), each with the region."""
    for part in filter(None, term.extra["beyond"].split(";")):
        region, _, names = part.partition(":")
        yield from ((region, fold(name)) for name in names.split("|"))


def _cities_named(name: str) -> Iterator[Spot]:
    for meaning in _index().names.get(name, "").split(";"):
        if meaning:
            people, within, metro = meaning.split(" ")
            region = within if "-" in within else None
            yield Spot(Kind.CITY, within[:2], region, metro or None, float(people), MatchKind.ALIAS)


@cache
def _terms() -> dict[str, list[Spot]]:
    names: defaultdict[str, list[Spot]] = defaultdict(list)
    for name, spot in (*_countries(), *_regions(), *_metros()):
        names[name].append(spot)
    names.pop("", None)
    return dict(names)


@cache
def _index() -> _Index:
    index = _Index({}, {}, {})
    with INDEX.open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            name, _, meanings = line.rstrip("\n").partition("\t")
            if name == "#":
                code, people, regions = meanings.split("\t")
                index.people[code], index.regions[code] = float(people), frozenset(regions.split())
            else:
                index.names[name] = meanings
    return index
