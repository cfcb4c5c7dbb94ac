"""The words of the API for people: labels, what lies under what, and look-up by free text."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz, process, utils

from schema import places
from schema.terms import load_terms
from service.figures.dimensions import PROPERTIES, Dimension

SUBJECTS = {
    Dimension.ROLE: "role",
    Dimension.SPECIALIZATION: "specialization",
    Dimension.METRO: "metro",
    Dimension.REGION: "region",
    Dimension.COUNTRY: "country",
    Dimension.INDUSTRY: "industry",
    Dimension.COMPANY: "company",
    Dimension.FIELD: "field",
    Dimension.SKILL: "skill",
}
"""The dimensions whose words are a CSV in schema/terms."""

PLACES = (Dimension.METRO, Dimension.REGION, Dimension.COUNTRY)

LEAST_SIMILARITY = 80
"""Of 100; below it a term is not offered. One typo in five letters still finds a word; Barcelona is no Bangalore."""


@dataclass(frozen=True)
class Word:
    """A value of a dimension: `code` for filters, `label` for people, `parent` one step up."""

    dimension: Dimension
    code: str
    label: str
    parent: tuple[Dimension, str] | None = None


def word_of(dimension: Dimension, code: str) -> Word:
    """Return the word for a code; a code that no vocabulary knows is its own label."""
    if subject := SUBJECTS.get(dimension):
        term = load_terms(subject).get(code)
        return Word(dimension, code, term.label if term else code.replace("-", " ").title(), _above(dimension, code))
    closed = PROPERTIES[dimension].closed or ()
    return Word(dimension, code, code.replace("_", " ").capitalize() if code in closed and code.isupper() else code)


def _above(dimension: Dimension, code: str) -> tuple[Dimension, str] | None:
    if dimension is Dimension.METRO and (metro := places.metros().get(code)) and metro.region:
        return Dimension.REGION, metro.region
    term = load_terms(SUBJECTS[dimension]).get(code)
    if term is None or term.parent is None:
        return None
    return (Dimension.COUNTRY if dimension in PLACES else dimension), term.parent


def dimension_of_place(code: str) -> Dimension | None:
    """Return whether a place code is a metro's, a region's or a country's; None where it is none of them."""
    return next((dimension for dimension in PLACES if code in codes(dimension)), None)


def codes(dimension: Dimension) -> Mapping[str, object]:
    """Return the vocabulary of a dimension that has a CSV, by code."""
    return load_terms(SUBJECTS[dimension])


@cache
def spellings(dimension: Dimension) -> Mapping[str, str]:
    """Return every way to write a known value of a dimension, as it is compared, with the value's code."""
    found: dict[str, str] = {}
    for code, names in _names(dimension):
        for name in (code, *names):
            found.setdefault(utils.default_process(name), code)
    return found


def _names(dimension: Dimension) -> list[tuple[str, tuple[str, ...]]]:
    if subject := SUBJECTS.get(dimension):
        return [(code, (term.label, *term.aliases)) for code, term in load_terms(subject).items()]
    return [(code, (word_of(dimension, code).label,)) for code in PROPERTIES[dimension].closed or ()]


def search(dimension: Dimension, text: str, first: int, more: tuple[str, ...] = ()) -> list[str]:
    """Return the codes whose spellings are most like a text, best first; typos are forgiven.

    `more` are codes beyond the vocabulary, such as the companies that reports name.
    """
    wanted = utils.default_process(text)
    if not wanted:
        return []
    choices = {**{utils.default_process(code): code for code in more}, **spellings(dimension)}
    exact = [code for name, code in choices.items() if name == wanted]
    begun = [code for name, code in choices.items() if name.startswith(wanted)]
    alike = process.extract(wanted, choices.keys(), scorer=fuzz.WRatio, limit=5 * first, score_cutoff=LEAST_SIMILARITY)
    return list(dict.fromkeys([*exact, *begun, *(choices[name] for name, _, _ in alike)]))[:first]
