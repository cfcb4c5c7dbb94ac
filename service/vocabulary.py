"""The words of the API for people: labels, what lies under what, and look-up by free text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock

from schema import places
from schema.terms import load_terms
from service.figures.dimensions import PROPERTIES, Dimension
from service.spellings import Spellings

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

WORDS_KEPT = 16_384
"""Companies come with the data, and there may be any number of them."""

PLACES = (Dimension.METRO, Dimension.REGION, Dimension.COUNTRY)


@dataclass(frozen=True)
class Word:
    """A value of a dimension: `code` for filters, `label` for people, `parent` one step up."""

    dimension: Dimension
    code: str
    label: str
    parent: tuple[Dimension, str] | None = None


@lru_cache(WORDS_KEPT)
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
def spellings(dimension: Dimension) -> Spellings:
    """Return every way to write a known value of a dimension; nothing is to be added to it."""
    return _spellings(dimension)


def _spellings(dimension: Dimension) -> Spellings:
    return Spellings((name, code) for code, names in _names(dimension) for name in (code, *names))


def _names(dimension: Dimension) -> list[tuple[str, tuple[str, ...]]]:
    if subject := SUBJECTS.get(dimension):
        return [(code, (term.label, *term.aliases)) for code, term in load_terms(subject).items()]
    return [(code, (word_of(dimension, code).label,)) for code in PROPERTIES[dimension].closed or ()]


def search(dimension: Dimension, text: str, first: int, more: Sequence[str] = ()) -> list[str]:
    """Return the codes whose spellings are most like a text, best first; typos are forgiven.

    `more` are codes beyond the vocabulary, such as the companies that reports name.
    """
    if not more:
        return spellings(dimension).search(text, first)
    with _growing:
        return _grown_by(dimension, tuple(more)).search(text, first)


def warm() -> None:
    """Read every vocabulary, so that the first look-up does not wait for it."""
    for dimension in PROPERTIES:
        spellings(dimension)


def _grown_by(dimension: Dimension, more: tuple[str, ...]) -> Spellings:
    codes, known = _grown.get(dimension) or ((), _spellings(dimension))
    if codes != more[: len(codes)]:
        codes, known = (), _spellings(dimension)
    known.add((code, code) for code in more[len(codes) :])
    _grown[dimension] = more, known
    return known


_grown: dict[Dimension, tuple[tuple[str, ...], Spellings]] = {}
"""What was last searched with codes beyond the vocabulary: codes come one after another, and none ever goes."""
_growing = Lock()
