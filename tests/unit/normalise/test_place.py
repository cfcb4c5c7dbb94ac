from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.place import FoundPlace, find_place
from schema.event import Place
from schema.places import is_hub, metros
from schema.terms import load_terms
from schema.vocabulary import MatchKind

DATA = Path(__file__).parents[4] / "shared" / "data"

PLACES = [
    ("Bengaluru, India", "IN", "IN-KA", "bengaluru"),
    ("Bangalore", "IN", "IN-KA", "bengaluru"),
    ("NYC", "US", "US-NY", "new-york"),
    ("New York", "US", "US-NY", "new-york"),
    ("Jersey City, NJ", "US", "US-NJ", "new-york"),
    ("SF Bay Area", "US", "US-CA", "san-francisco-bay-area"),
    ("Mountain View, CA 94043", "US", "US-CA", "san-francisco-bay-area"),
    ("US-CA-Menlo Park", "US", "US-CA", "san-francisco-bay-area"),
    ("Greater Seattle Area", "US", "US-WA", "seattle"),
    ("Seattle, Washington", "US", "US-WA", "seattle"),
    ("austin tx", "US", "US-TX", "austin"),
    ("Vancouver, WA", "US", "US-WA", "portland"),
    ("Kansas City, MO-KS", "US", "US-MO", "kansas-city"),
    ("Muenchen", "DE", "DE-BY", "munich"),
    ("München, Deutschland", "DE", "DE-BY", "munich"),
    ("Frankfurt a. M.", "DE", "DE-HE", "frankfurt"),
    ("Greater London", "GB", "GB-ENG", "london"),
    ("UK wide", "GB", None, None),
    ("within 50 miles of London", "GB", "GB-ENG", "london"),
    ("Upper Peninsula of Michigan", "US", "US-MI", None),
    ("London, ON", "CA", "CA-ON", None),
    ("Cambridge, MA", "US", "US-MA", "boston"),
    ("Cambridge, UK", "GB", "GB-ENG", "cambridge-uk"),
    ("Paris, TX", "US", "US-TX", None),
    ("Paris, Île-de-France, France", "FR", "FR-IDF", "paris"),
    ("Genève", "CH", "CH-GE", "geneva"),
    ("Chennai, TN", "IN", "IN-TN", "chennai"),
    ("Nashville, TN", "US", "US-TN", "nashville"),
    ("Perth, WA", "AU", "AU-WA", "perth"),
    ("Hyderabad, Pakistan", "PK", "PK-SD", None),
    ("San Jose, Costa Rica", "CR", None, "san-jose-cr"),
    ("Tbilisi, Georgia", "GE", None, "tbilisi"),
    ("Atlanta, Georgia", "US", "US-GA", "atlanta"),
    ("São Paulo, SP, Brasil", "BR", "BR-SP", "sao-paulo"),
    ("BH, MG", "BR", "BR-MG", "belo-horizonte"),
    ("POA/RS", "BR", "BR-RS", "porto-alegre"),
    ("MG", "MG", None, None),
    ("Campinas/SP", "BR", "BR-SP", "campinas"),
    ("東京都渋谷区", "JP", "JP-13", "tokyo"),
    ("서울", "KR", "KR-11", "seoul"),
    ("Selangor", "MY", "MY-10", None),
    ("Petaling Jaya", "MY", "MY-10", "kuala-lumpur"),
    ("Gurgaon/Noida", "IN", None, "delhi-ncr"),
    ("Pangyo", "KR", "KR-41", "seoul"),
    ("Jakarta Selatan", "ID", "ID-JK", "jakarta"),
    ("Odense C", "DK", "DK-83", None),
    ("Milano, MI", "IT", "IT-25", "milan"),
    ("Москва", "RU", "RU-MOW", "moscow"),
    ("Singapore", "SG", None, "singapore"),
    ("Munich or Berlin", "DE", None, None),
    ("San Francisco; New York", "US", None, None),
    ("Bengaluru/Bangalore", "IN", "IN-KA", "bengaluru"),
    ("Springfield", "US", None, None),
    ("Austin, Dallas, TX", "US", "US-TX", None),
    ("Foobar or London", "GB", None, None),
    ("Washington", "US", None, None),
    ("United States", "US", None, None),
    ("UK", "GB", None, None),
    ("UAE", "AE", None, None),
    ("Deutschland", "DE", None, None),
    ("Schweiz", "CH", None, None),
    ("DEU", "DE", None, None),
    ("Korea, Republic of", "KR", None, None),
    ("Northern Ireland", "GB", "GB-NIR", None),
    ("Upstate New York", "US", "US-NY", None),
    ("Somewhere, CA", "US", "US-CA", None),
]

NOT_KNOWN = [
    "Cambridge",
    "Georgia",
    "Richmond",
    "London, Paris",
    "New York, London",
    "USA or Europe",
    "US/UK",
    "Cuba, MO",
    "Crane, IN",
    "Europe",
    "North America",
    "Atlantis",
    "none",
    "n/a",
    "",
    "?",
    "94105",
]


@pytest.mark.parametrize(("text", "country", "region", "metro"), PLACES)
def test_a_place_rolls_up_to_its_metro_region_and_country(
    text: str, country: str, region: str | None, metro: str | None
) -> None:
    assert find_place(text)[:3] == (country, region, metro)


@pytest.mark.parametrize("text", NOT_KNOWN)
def test_what_may_be_several_countries_or_none_is_not_known(text: str) -> None:
    assert find_place(text)[:4] == (None, None, None, MatchKind.NONE)


@pytest.mark.parametrize(
    ("text", "country", "remote"),
    [
        ("Remote - US", "US", True),
        ("USA (remote)", "US", True),
        ("Remote (EMEA)", None, True),
        ("Remote, CA", None, True),
        ("Remote - DE", "DE", True),
        ("Télétravail, France", "FR", True),
        ("WFH - Pune", "IN", True),
        ("Anywhere", None, True),
        ("Hybrid remote in Austin, TX", "US", False),
        ("No remote", None, False),
        ("London", "GB", False),
    ],
)
def test_remote_is_told_apart_from_the_place(text: str, country: str | None, remote: bool) -> None:
    found = find_place(text)
    assert (found.country, found.remote) == (country, remote)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(country="US", region="CA", city="San Jose"), ("US", "US-CA", "san-francisco-bay-area")),
        (Place(country="Costa Rica", city="San Jose"), ("CR", None, "san-jose-cr")),
        (Place(country="CA", city="London"), ("CA", "CA-ON", None)),
        (Place(country="GE"), ("GE", None, None)),
        (Place(city="Cambridge", region="MA"), ("US", "US-MA", "boston")),
        (Place(text="Bengaluru, India", country="IN", city="Bangalore"), ("IN", "IN-KA", "bengaluru")),
        (Place(text="Remote", country="DE"), ("DE", None, None)),
        (Place(), (None, None, None)),
    ],
)
def test_structured_fields_and_text_are_read_together(place: Place, expected: tuple[str | None, ...]) -> None:
    assert find_place(place)[:3] == expected


def test_a_stated_country_outranks_a_citys_fame() -> None:
    assert find_place(Place(text="Paris, France", country="US"))[0] == "US"
    assert find_place(Place(text="London", country="US")).metro != "london"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("Berlin", MatchKind.EXACT),
        ("bengaluru", MatchKind.EXACT),
        ("US", MatchKind.EXACT),
        ("Bangalore", MatchKind.ALIAS),
        ("Philidelphia", MatchKind.FUZZY),
        ("Switzerlnd", MatchKind.FUZZY),
    ],
)
def test_a_place_says_how_it_was_found(text: str, match: MatchKind) -> None:
    assert find_place(text).match is match


def test_no_place_is_no_place() -> None:
    assert find_place(None) == FoundPlace()


@pytest.mark.parametrize("code", load_terms("country"))
def test_a_country_code_in_its_field_is_the_country(code: str) -> None:
    assert find_place(Place(country=code))[::3] == (code, MatchKind.EXACT)


def test_codes_given_again_give_the_same_codes() -> None:
    assert [code for code in load_terms("country") if find_place(Place(country=code)).country != code] == []
    # As text, LA is Los Angeles, and the letters of a state of the US or Canada may mean that
    others = [code for code in load_terms("country") if not {f"US-{code}", f"CA-{code}"} & load_terms("region").keys()]
    assert [code for code in others if find_place(code).country != code] == []
    assert [code for code in load_terms("region") if find_place(code).region != code] == []
    assert [code for code in metros() if find_place(code).metro != code] == []


@pytest.mark.parametrize("text", ["CA", "MA", "CO", "PA", "SC", "ME", "NE", "AL"])
def test_two_letters_of_a_state_are_not_taken_for_a_country_alone(text: str) -> None:
    assert find_place(text).country in (None, "US")


def test_labels_of_metros_are_their_names() -> None:
    assert [code for code in metros() if find_place(metros()[code].label).metro != code] == []


@given(st.text(max_size=80) | st.lists(st.sampled_from([row[0] for row in PLACES]), max_size=4).map(", ".join))
def test_any_text_gives_codes_that_fit_each_other(text: str) -> None:
    found = find_place(text)
    assert (found.country is None) == (found.match is MatchKind.NONE)
    assert found.metro is None or metros()[found.metro].country == found.country
    assert found.region is None or load_terms("region")[found.region].parent == found.country


@given(st.builds(Place, *[st.none() | st.text(max_size=20) | st.sampled_from(["US", "London", "CA", "Berlin"])] * 4))
def test_any_fields_give_a_place_or_none(place: Place) -> None:
    assert find_place(place) == find_place(place)


def test_there_are_at_least_120_metros_and_hubs_among_them() -> None:
    assert len(metros()) >= 120
    assert 50 <= sum(is_hub(code) for code in metros()) <= len(metros()) / 2
    assert is_hub("san-francisco-bay-area")
    assert not is_hub("atlantis")
    assert not is_hub(None)


def test_everything_lies_within_something_that_is_known() -> None:
    for metro in metros().values():
        assert metro.country in load_terms("country")
        assert metro.region is None or load_terms("region")[metro.region].parent == metro.country
    for region in load_terms("region").values():
        assert region.parent == region.code.partition("-")[0]
        assert region.parent in load_terms("country")
