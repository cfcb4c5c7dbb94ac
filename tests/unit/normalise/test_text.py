import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.text import NOT_FOUND, Found, Lookup, fold
from schema.terms import Term
from schema.vocabulary import MatchKind

FRUIT = Lookup(
    [
        Term("red-apple", "Red apple", aliases=("Pomme rouge", "RA")),
        Term("pear-tree", "Pear tree", aliases=("Birnbaum", "C++")),
        Term("pear-trees", "Pear trees"),
    ],
    fuzzy=True,
)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Sr. MLE II (NLP) - Remote US", "sr mle ii nlp remote us"),
        ("Ingénieur d'études", "ingenieur d etudes"),
        ("Master’s Degree", "masters degree"),
        ("R&D", "r and d"),
        ("C++/C#", "c++ c#"),
        ("5+ yrs", "5 yrs"),
        ("Łódź, Straße, Århus, İzmir", "lodz strasse arhus izmir"),
        ("ＭＬ_ops", "ml ops"),
        (" \t\n-", ""),
    ],
)
def test_the_same_words_fold_to_the_same_string(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("red-apple", Found("red-apple", MatchKind.EXACT)),
        ("RED APPLE", Found("red-apple", MatchKind.EXACT)),
        ("pomme-rouge", Found("red-apple", MatchKind.ALIAS)),
        ("pommerouge", Found("red-apple", MatchKind.ALIAS)),
        ("c++", Found("pear-tree", MatchKind.ALIAS)),
        ("Birnbuam", Found("pear-tree", MatchKind.FUZZY)),
        ("brinbaum tree", NOT_FOUND),
        ("Birnbauum x", NOT_FOUND),
        ("pomme ruoge", Found("red-apple", MatchKind.FUZZY)),
        ("rb", NOT_FOUND),
        ("pear treez", NOT_FOUND),
        ("pear tree 2", NOT_FOUND),
        ("", NOT_FOUND),
        (None, NOT_FOUND),
    ],
)
def test_a_match_says_how_it_was_found(typed: str | None, found: Found) -> None:
    assert FRUIT.find(typed) == found


def test_a_lookup_without_fuzzy_takes_no_slips() -> None:
    assert Lookup([Term("red-apple", "Red apple")]).find("red appel") == NOT_FOUND


def test_a_scan_takes_the_longest_name_first() -> None:
    assert [name for name, _ in FRUIT.scan("a pear tree beside ra and red apple")] == ["pear tree", "ra", "red apple"]


@given(st.text())
def test_a_lookup_answers_any_text(text: str) -> None:
    assert FRUIT.find(text) in {NOT_FOUND} | {
        Found(c, m) for c in ("red-apple", "pear-tree", "pear-trees") for m in MatchKind
    }
