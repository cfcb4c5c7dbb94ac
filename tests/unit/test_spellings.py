"""Words are found by what people type, in time for each key that is pressed."""

import random
import statistics
import time

import pytest

from service import vocabulary
from service.figures.dimensions import Dimension
from service.spellings import Spellings

COMPANIES = tuple(
    f"{first} {second} {number}"
    for first in ("Alpha", "Quant")
    for second in ("Labs", "Works")
    for number in range(5_000)
)


@pytest.mark.parametrize(
    ("dimension", "typed", "code"),
    [
        (Dimension.METRO, "bangalore", "bengaluru"),
        (Dimension.METRO, "bangalor", "bengaluru"),
        (Dimension.METRO, "bnagalore", "bengaluru"),
        (Dimension.METRO, "Sna Francisco", "san-francisco-bay-area"),
        (Dimension.ROLE, "Sr. MLE", "machine-learning-engineer"),
        (Dimension.ROLE, "machne lerning enginer", "machine-learning-engineer"),
        (Dimension.SKILL, "pytroch", "pytorch"),
        (Dimension.SKILL, "pytorch lightning", "pytorch"),
        (Dimension.COUNTRY, "Germny", "DE"),
        (Dimension.COUNTRY, "Deutschland", "DE"),
        (Dimension.LEVEL, "senoir", "SENIOR"),
    ],
)
def test_typos_are_forgiven(dimension: Dimension, typed: str, code: str) -> None:
    assert code in vocabulary.search(dimension, typed, 3)


def test_what_is_like_nothing_finds_nothing() -> None:
    for typed in ("", " ", "\x00", "zzzzqqqq", "💰💰💰", "?!"):
        assert vocabulary.search(Dimension.METRO, typed, 10) == []


def test_an_exact_spelling_comes_first_then_what_begins_so_then_what_is_alike() -> None:
    words = Spellings((word, word) for word in ("java", "javascript", "jaava", "guava", "kotlin"))
    assert words.search("Java", 10) == ["java", "javascript", "jaava"]
    assert words.search("Java", 1) == ["java"]


def test_words_that_are_added_are_found_and_none_is_lost() -> None:
    words = Spellings([("alpha", "a")])
    assert words.search("betta", 3) == []
    words.add([("beta", "b"), ("alpha", "another")])
    assert words.search("betta", 3) == ["b"]
    assert words.search("alpha", 3) == ["a"]


def test_codes_of_other_data_are_not_found_any_more() -> None:
    assert "Quant Works 1" in vocabulary.search(Dimension.COMPANY, "Quant Works 1", 5, COMPANIES)
    assert vocabulary.search(Dimension.COMPANY, "Zyxel Quux", 1, ("Zyxel Quux",)) == ["Zyxel Quux"]
    assert "Quant Works 1" not in vocabulary.search(Dimension.COMPANY, "Quant Works 1", 5, ("Zyxel Quux",))


@pytest.mark.parametrize("dimension", [Dimension.COUNTRY, Dimension.REGION, Dimension.SKILL, Dimension.COMPANY])
def test_a_typo_is_forgiven_within_10_milliseconds(dimension: Dimension) -> None:
    more = COMPANIES if dimension is Dimension.COMPANY else ()
    choose, took, found = random.Random(1), [], 0
    codes = more or tuple(vocabulary.codes(dimension))
    labels = [code for code in codes if len(code) > 4] or [vocabulary.word_of(dimension, code).label for code in codes]
    vocabulary.search(dimension, "warm", 1, more)
    for _ in range(100):
        right = choose.choice(labels)
        at = choose.randrange(1, max(len(right) - 1, 2))
        started = time.perf_counter()
        found += bool(vocabulary.search(dimension, right[:at] + right[at + 1 :], 10, more))
        took.append(time.perf_counter() - started)
    assert found >= 97
    # the median: what it takes, and not what else the machine does
    assert statistics.median(took) < 0.01
