import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.level import find_level
from schema.ladders import find_equivalents, find_rung, load_ladders
from schema.vocabulary import Level, LevelSource, MatchKind


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        ("senior", "senior"),
        ("Sr.", "senior"),
        ("SE", "senior"),
        ("EN", "entry"),
        ("MI", "mid"),
        ("EX", "executive"),
        ("Entry-level / Junior", "entry"),
        ("Mid level", "mid"),
        ("Senior-level / Expert", "senior"),
        ("Executive-level / Director", "executive"),
        ("Staff Engineer", "staff"),
        ("Sr. Staff ML Engineer", "staff"),
        ("Lead", "staff"),
        ("Distinguished Engineer", "principal"),
        ("Head of Department", "director"),
        ("VP", "executive"),
        ("Werkstudent", "intern"),
        ("pleno", "mid"),
        ("II", "mid"),
    ],
)
def test_explicit_words_say_the_level(typed: str, level: str) -> None:
    found = find_level(typed, None, Level.PRINCIPAL, 1)
    assert (found.level, found.source) == (level, LevelSource.EXPLICIT)


@pytest.mark.parametrize(
    ("company", "typed", "level"),
    [
        ("google", "L5", "senior"),
        ("google", "level 5", "senior"),
        ("google", "5", "senior"),
        ("meta", "IC5", "senior"),
        ("meta", "E6", "staff"),
        ("amazon", "SDE II", "mid"),
        ("microsoft", "63", "senior"),
        ("apple", "ICT4", "senior"),
        ("uber", "L5a", "senior"),
        ("bytedance", "2-2", "senior"),
        ("jpmorgan-chase", "Vice President", "staff"),
    ],
)
def test_a_rung_of_the_employers_ladder_says_the_level(company: str, typed: str, level: str) -> None:
    found = find_level(typed, company, Level.INTERN, 30)
    assert (found.level, found.source) == (level, LevelSource.LADDER)


@pytest.mark.parametrize("typed", ["L5", "IC5", "63", "5", "E4", "whatever", ""])
def test_a_rung_without_its_employer_says_nothing(typed: str) -> None:
    assert find_level(typed, None, None, None).level is None


def test_sources_are_trusted_in_their_order() -> None:
    assert find_level("senior", "google", Level.STAFF, 1, "l4").source is LevelSource.EXPLICIT
    assert find_level("L4", "google", Level.STAFF, 1).source is LevelSource.LADDER
    assert find_level(None, "google", Level.SENIOR, 1, "iii") == (Level.MID, LevelSource.LADDER, MatchKind.ALIAS)
    assert find_level(None, "unheard-of", Level.SENIOR, 1, "iii").source is LevelSource.TITLE
    assert find_level("L9000", "google", None, 1.5) == (Level.ENTRY, LevelSource.EXPERIENCE, MatchKind.FUZZY)


@given(st.floats(min_value=0, max_value=80))
def test_years_alone_never_make_more_than_a_senior(years: float) -> None:
    assert find_level(None, None, None, years).level in (Level.ENTRY, Level.MID, Level.SENIOR)


@given(st.text(), st.sampled_from([None, "google", "microsoft", "jpmorgan-chase"]))
def test_any_text_is_a_level_or_none(text: str, company: str | None) -> None:
    found = find_level(text, company, None, None)
    assert (found.level is None) == (found.source is None) == (found.match is MatchKind.NONE)


@pytest.mark.parametrize("level", Level)
def test_a_level_of_ours_is_exactly_itself(level: Level) -> None:
    assert find_level(level.value, "deloitte", None, None) == (level, LevelSource.EXPLICIT, MatchKind.EXACT)


def test_at_least_25_employers_have_their_public_ladder() -> None:
    assert len(load_ladders()) >= 25
    assert all(rung.source.startswith("https://") for ladder in load_ladders().values() for rung in ladder)


def test_every_rung_is_found_by_its_own_code() -> None:
    rungs = [rung for ladder in load_ladders().values() for rung in ladder]
    assert [rung for rung in rungs if find_rung(rung.company, rung.code) != rung] == []


def test_equivalents_have_the_level_and_are_other_employers() -> None:
    equivalents = find_equivalents("google", "L5")
    assert ("microsoft", "63") in [(rung.company, rung.code) for rung in equivalents]
    assert {rung.level for rung in equivalents} == {Level.SENIOR}
    assert "google" not in {rung.company for rung in equivalents}
    assert find_equivalents("google", "L99") == ()
