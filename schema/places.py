"""What is above what, metros in regions in countries, and what people call them.

Countries are coded by ISO 3166-1 alpha-2, regions by ISO 3166-2, metros by ourselves. The CSVs were made from pycountry
(names) and GeoNames (centres, people, currencies; CC BY 4.0) and are edited by hand.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from schema.terms import load_terms


class Metro(NamedTuple):
    """A labour market around a city: what lies within `radius_km` of its centre belongs to it."""

    code: str
    label: str
    country: str
    region: str | None
    hub: bool
    latitude: float
    longitude: float
    radius_km: float


@cache
def metros() -> Mapping[str, Metro]:
    """Return the metros by code; `region` is that of the main city, since a metro may span several."""
    return MappingProxyType(
        {
            term.code: Metro(
                term.code,
                term.label,
                term.parent or "",
                term.extra["region"] or None,
                term.extra["hub"] == "1",
                float(term.extra["latitude"]),
                float(term.extra["longitude"]),
                float(term.extra["radius_km"]),
            )
            for term in load_terms("metro").values()
        }
    )


def is_hub(metro: str | None) -> bool:
    """Tell whether the metro is one of the major technology hubs."""
    known = metros().get(metro) if metro else None
    return known is not None and known.hub
