"""The labelled sets: what people type and what it should become, each row in the development or the held-out part.

A blank answer says that "unknown" is right; alternatives that are equally defensible are separated by ` / `, with
`unknown` spelled out among them; several codes at once by `|`; `*` is not examined. The part follows from the row's
input alone, so that no row can be moved to where it suits.
"""

import csv
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path

FOLDER = Path(__file__).parent / "labelled"
PARTS = ("development", "held_out")
ALTERNATIVES = " / "
NOT_EXAMINED = "*"
UNKNOWN = "unknown"

INPUTS: Mapping[str, tuple[str, ...]] = {
    "titles": ("text",),
    "levels": ("text", "company"),
    "places": ("text", "country_given", "region_given", "city_given"),
    "pay": ("text", "currency", "period"),
    "pay_whole": ("text",),
    "companies": ("text",),
    "sizes": ("text",),
    "industries": ("text",),
    "degrees": ("text",),
    "fields": ("text",),
    "skills": ("text",),
    "work": ("kind", "text"),
}
"""The columns of each set that are given; the others, except `part`, are expected."""

Row = Mapping[str, str]


def part_of(*given: str) -> str:
    """Return the part that a row with this input belongs to."""
    return PARTS[blake2b("\x1f".join(given).encode(), digest_size=1).digest()[0] & 1]


def read_set(name: str, part: str) -> Iterator[Row]:
    """Return the rows of one part of a set, in the file's order. Raises ValueError where a row is in the wrong part."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            right = part_of(*(row[column] for column in INPUTS[name]))
            if row["part"] != right:
                raise ValueError(f"{name}.csv: the row of {row['text']!r} belongs to the part `{right}`.")
            if right == part:
                yield row


def alternatives(expected: str) -> list[str]:
    """Return the answers that are right, of which the empty one stands for "unknown"."""
    return ["" if answer == UNKNOWN else answer for answer in expected.split(ALTERNATIVES)]
