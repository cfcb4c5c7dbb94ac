"""Official statistics by occupation and area: a table that ships, and a release of BLS's survey where one is given.

What ships is national. BLS's figures by state and metropolitan area are in the public domain; whoever wants to see
theirs downloads the release (bls.gov/oes/tables.htm) and names the file: no copy of it is kept here.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from schema.errors import PaygaugeError
from schema.terms import load_terms

TABLE = Path(__file__).with_name("official.csv")
COUNTRY = "US"
ALL_INDUSTRIES = "000000"
NATION, STATE, METRO = "N", "S", "M"
COLUMNS = (
    "release",
    "soc",
    "area_type",
    "area",
    "naics_like",
    "employment",
    *(f"a_p{p}" for p in (10, 25, 50, 75, 90)),
)


class NoRelease(PaygaugeError):
    """The file of official figures cannot be read: give it the columns that docs/operators.md names, or unset it."""


@dataclass(frozen=True)
class Official:
    """What a statistic says of an occupation in a place, US dollars a year, and the roles that come nearest to it."""

    source: str
    occupation: str
    area: str
    place: str
    as_of: str
    median: float
    p10: float | None
    p25: float | None
    p75: float | None
    p90: float | None
    roles: frozenset[str]
    soc: str = ""
    employment: float = field(default=0.0, compare=False)


@cache
def shipped() -> tuple[Official, ...]:
    """Return the table that ships."""
    with TABLE.open(encoding="utf-8", newline="") as rows:
        return tuple(
            Official(
                row["source"],
                f"{row['occupation']} ({row['soc']})",
                row["area"],
                COUNTRY,
                row["as_of"],
                float(row["median"]),
                _amount(row["p10"]),
                _amount(row["p25"]),
                _amount(row["p75"]),
                _amount(row["p90"]),
                frozenset(row["roles"].split("|")),
                row["soc"],
            )
            for row in csv.DictReader(rows)
        )


def read_release(path: Path) -> tuple[Official, ...]:
    """Return what a release says of our occupations by nation, state and metro, without amounts that are not released.

    Of two areas that are one metro here, the one where more are employed. Raises NoRelease.
    """
    try:
        with path.open(encoding="utf-8", newline="") as rows:
            found = list(_in_release(csv.DictReader(rows)))
    except (OSError, KeyError, ValueError) as cause:
        raise NoRelease(f"{path.name}: {cause!r}.") from cause
    largest = sorted(found, key=lambda each: each.employment)
    return tuple({(each.place, each.soc): each for each in largest}.values())


def _in_release(rows: Iterator[dict[str, str]]) -> Iterator[Official]:
    ours = {each.soc: each for each in shipped()}
    for row in rows:
        _, soc, kind, area, industry, employed, *amounts = (row[name] for name in COLUMNS)
        place = place_of(kind, area) if soc in ours and industry == ALL_INDUSTRIES else None
        p10, p25, median, p75, p90 = map(_amount, amounts)
        if place and median:
            like, as_of = ours[soc], datetime.strptime(row["release"], "%B %Y").strftime("%Y-%m")
            named = (like.source, like.occupation, area, place, as_of)
            yield Official(*named, median, p10, p25, p75, p90, like.roles, soc, _amount(employed) or 0.0)


def place_of(kind: str, area: str) -> str | None:
    """Return the code of the country, region or metro that an area of the survey is; None where it is none of ours."""
    if kind == NATION:
        return COUNTRY
    if kind == STATE:
        return _regions().get(area)
    cities, _, states = area.rpartition(", ")
    for name in (cities, cities.split("-")[0]):
        metro = _metros().get(name.casefold())
        if metro and metro[1] in states.split("-"):
            return metro[0]
    return None


@cache
def _regions() -> Mapping[str, str]:
    return {term.label: code for code, term in load_terms("region").items() if term.parent == COUNTRY}


@cache
def _metros() -> Mapping[str, tuple[str, str]]:
    """Return the code and the state of each metro of the country, by what it is called."""
    held = [(code, term) for code, term in load_terms("metro").items() if term.parent == COUNTRY]
    return {
        name.partition(" (")[0].casefold(): (code, term.extra["region"].removeprefix(f"{COUNTRY}-"))
        for code, term in held
        for name in (*term.aliases, term.label)
    }


def _amount(text: str) -> float | None:
    plain = text.replace(",", "")
    return float(plain) if plain.replace(".", "", 1).isdigit() else None
