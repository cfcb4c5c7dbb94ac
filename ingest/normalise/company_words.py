"""The words of company_word.csv, and the places that stand in the names of employers."""

from functools import cache

from ingest.normalise.text import fold
from schema.terms import load_terms


@cache
def listed(kind: str) -> frozenset[str]:
    """Return the words of a row of company_word.csv, folded."""
    return frozenset(fold(alias) for alias in load_terms("company_word")[kind].aliases)


@cache
def behind_a_name() -> frozenset[str]:
    """Return the places and words that may stand behind the name of any employer."""
    return listed("holding") | towns()


@cache
def behind_a_division() -> frozenset[str]:
    """Return what may stand behind the name of a known employer's part."""
    return listed("group-word") | listed("division") | towns()


@cache
def towns() -> frozenset[str]:
    """Return the places and all names of metros."""
    return places() | {fold(alias) for term in load_terms("metro").values() for alias in term.aliases}


@cache
def places() -> frozenset[str]:
    """Return the names of countries, metros and parts of the world."""
    names = {fold(name) for term in load_terms("country").values() for name in (term.label, *term.aliases)}
    names |= {fold(term.label.partition(" (")[0]) for term in load_terms("metro").values()}
    regions = {"us", "uk", "emea", "europe", "apac", "latam", "asia", "americas", "north america", "asia pacific"}
    return frozenset(names | regions)
