"""Which of the meanings of several names was meant: the reading in which most names agree, or what is common to all.

A reading picks one meaning for some of the names so that each lies within the others: "San Jose" and "CA" agree on
California and not on Canada. Where names contradict each other ("London, Paris"), only what they share is known.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ingest.normalise.gazetteer import Kind, Spot, spans

FAR = 3.0
"""How many times heavier one meaning must be than every other to be meant by the name alone."""

COUNTRY_BY_LETTERS = 50.0
"""Two letters that are a state of the US or Canada and a country (CO, MA, IN) alone mean the country only if it has
this many times more people: they are far more often typed by people who live in the state."""

STATE_AFTER_TOWN = 10.0
"""`Somewhere, XX` is how the US and Canada write a state: the country must have this many times more people to make
that doubtful."""

WITH_STATES = frozenset({"US", "CA"})

LEAST_ALONE = 50_000
LEAST_ALONE_IN_METRO = 15_000
"""People: the name of a smaller city, alone, may as well be that of one which is not known, or no name at all."""

MAX_MEANINGS = 12


class Reading(NamedTuple):
    """Names (as bits of `used`) that agree on one place, of which `spot` is what they say together."""

    used: int
    spot: Spot


def read(names: Sequence[tuple[Spot, ...]], *, after_town: bool) -> Spot | None:
    """Return the place that the names mean, given what each may mean; people write the widest last.

    `after_town` says that a name which nobody knows stood in front. None where nothing can be said.
    """
    readings = _readings(names)
    if not readings:
        return None
    most = max(reading.used.bit_count() for reading in readings)
    if most < len(names) and (around := _around(names)):
        return around
    best = [reading for reading in readings if reading.used.bit_count() == most]
    fair = [reading for reading in best if _is_fair(reading, names)]
    if not fair:
        return _shared([_heaviest(spots, alone=True) for spots in names if spots])
    if len({reading.used for reading in fair}) > 1:
        fair = [reading for reading in fair if reading.used >> (len(names) - 1)] or fair
    if len({reading.used for reading in fair}) > 1:
        return common([reading.spot for reading in fair])
    spots = [reading.spot for reading in fair]
    if most == 1:
        spots = _by_letters(spots, after_town=after_town or len(names) > 1)
    return _heaviest(spots, alone=most == 1) if spots else None


def _around(names: Sequence[tuple[Spot, ...]]) -> Spot | None:
    """Return the region or country, named last, in which each of the other names is a place ("Austin, Dallas, TX")."""
    wide = [
        spot
        for spot in names[-1]
        if spot.kind <= Kind.REGION and all(any(merge(spot, other) for other in spots) for spots in names[:-1])
    ]
    return wide[0] if len(wide) == 1 else None


def _shared(spots: Sequence[Spot | None]) -> Spot | None:
    known = [spot for spot in spots if spot]
    return common(known) if len(known) == len(spots) else None


def merge(a: Spot, b: Spot) -> Spot | None:
    """Return what two meanings say together, or None where they contradict each other."""
    if a.country != b.country or (a.region and b.region and a.region != b.region):
        return None
    if a.metro and b.metro and a.metro != b.metro:
        return None
    if a.kind >= Kind.METRO and b.kind >= Kind.METRO and not (a.metro and b.metro):
        return None  # two cities, not one within the other
    region, metro = a.region or b.region, a.metro or b.metro
    if region and metro and not spans(metro, region):
        return None
    narrow = a if a.kind >= b.kind else b
    return Spot(narrow.kind, a.country, region, metro, narrow.weight, min(a.match, b.match))


def common(spots: Sequence[Spot]) -> Spot | None:
    """Return what all the spots share, from the country down; None where not even the country."""
    first = spots[0]
    if any(spot.country != first.country for spot in spots):
        return None
    region = first.region if all(spot.region == first.region for spot in spots) else None
    metro = first.metro if all(spot.metro == first.metro for spot in spots) else None
    return first._replace(region=region, metro=metro, match=min(spot.match for spot in spots))


def _readings(names: Sequence[tuple[Spot, ...]]) -> list[Reading]:
    readings: dict[tuple[int, tuple[Kind, str, str | None, str | None]], Reading] = {}
    for place, spots in enumerate(names):
        news = [Reading(1 << place, spot) for spot in spots[:MAX_MEANINGS]]
        for known in tuple(readings.values()):
            within = known.spot.country
            merged = (merge(known.spot, spot) for spot in spots[:MAX_MEANINGS] if spot.country == within)
            news += [Reading(known.used | 1 << place, spot) for spot in merged if spot]
        for reading in sorted(news, key=lambda reading: -reading.spot.weight) if len(news) > 1 else news:
            readings.setdefault((reading.used, reading.spot[:4]), reading)
    return list(readings.values())


def _is_fair(reading: Reading, names: Sequence[tuple[Spot, ...]]) -> bool:
    """Tell whether the names that a reading leaves out take nothing from it.

    A town may bear the name of a metro ("Milan, Michigan"): fair where only a region or country is read, to its right.
    A region or country to the right may not be left out: the town before it is another one than the famous one.
    """
    left_out = [place for place in range(len(names)) if not reading.used >> place & 1]
    last_used = reading.used.bit_length() - 1
    if any(place > last_used and _names_state(names[place]) for place in left_out):
        return False
    if any(spot.kind is Kind.COUNTRY and not spot.letters for place in left_out for spot in names[place]):
        return False
    if not any(_names_metro(names[place]) for place in left_out):
        return True
    used = [names[place] for place in range(len(names)) if reading.used >> place & 1]
    only_letters = len(used) == 1 and used[0][0].letters
    return (
        reading.spot.kind <= Kind.REGION
        and not only_letters
        and not any(_names_metro(spots) for spots in used)
        and max(left_out) < last_used
    )


def _names_state(spots: Iterable[Spot]) -> bool:
    return any(spot.kind <= Kind.REGION for spot in spots)


def _names_metro(spots: Iterable[Spot]) -> bool:
    return any(spot.kind is Kind.METRO for spot in spots)


def _heaviest(spots: Sequence[Spot], *, alone: bool) -> Spot | None:
    ranked = sorted(spots, key=lambda spot: (-spot.weight, -spot.kind))
    top = ranked[0]
    if alone and top.kind is Kind.CITY and top.weight < (LEAST_ALONE_IN_METRO if top.metro else LEAST_ALONE):
        return None
    rivals = [spot for spot in ranked[1:] if not merge(top, spot) and spot.weight * FAR > top.weight]
    if rivals:
        return common([top, *rivals])
    for spot in ranked[1:]:
        merged = merge(top, spot) if top.metro and spot.metro == top.metro else None
        top = merged._replace(match=max(top.match, spot.match), weight=top.weight) if merged else top
    return top


def _by_letters(spots: list[Spot], *, after_town: bool) -> list[Spot]:
    # Elsewhere such letters count beside a city only
    spots = [spot for spot in spots if not (spot.letters and spot.kind is Kind.REGION) or spot.country in WITH_STATES]
    states = [spot for spot in spots if spot.kind is Kind.REGION and spot.country in WITH_STATES]
    countries = [spot for spot in spots if spot.kind is Kind.COUNTRY]
    if not any(spot.letters for spot in spots) or not states or not countries:
        return spots
    if _names_metro(spots) and not after_town:
        return spots
    state, country = states[0], countries[0]
    if after_town:
        return [state] if country.weight < STATE_AFTER_TOWN * state.weight else []
    if state.weight >= FAR * country.weight:
        return [state]
    return [country] if country.weight >= COUNTRY_BY_LETTERS * state.weight else []
