import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.industry import find_industry
from schema.terms import load_terms
from schema.vocabulary import MatchKind

ARTICLE = ("ai-products", "technology", "financial-services", "healthcare", "automotive", "e-commerce")
ISIC_SECTIONS = "ABCDEFGHIJKLMNOPQRSTU"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("AI/ML", "ai-products"),
        ("Generative AI startup", "ai-products"),
        ("Software Development", "technology"),
        ("Technology, Information and Internet", "technology"),
        ("IT Services and IT Consulting", "technology"),
        ("SaaS", "technology"),
        ("fintech", "financial-services"),
        ("Banking industry", "financial-services"),
        ("FinTech / Banking", "financial-services"),
        ("Versicherung", "financial-services"),
        ("Hospitals and Health Care", "healthcare"),
        ("BioTech/Pharma", "healthcare"),
        ("Autonomous Vehicles / Robotics", "automotive"),
        ("Online marketplace", "e-commerce"),
        ("Defense & Space", "aerospace-defense"),
        ("Oil & Gas", "energy-utilities"),
        ("Non-profit", "nonprofit"),
        ("Consulting", "professional-services"),
        ("教育", "education"),
    ],
)
def test_an_industry_is_read_as_people_call_it(text: str, code: str) -> None:
    assert find_industry(text, None)[0] == code


@pytest.mark.parametrize("text", [None, "", "Foo", "Other", "startup", "n/a"])
def test_what_is_no_industry_is_none(text: str | None) -> None:
    assert find_industry(text, None) == (None, MatchKind.NONE)


def test_a_known_employer_tells_its_industry_where_none_is_understood() -> None:
    assert find_industry(None, "openai") == ("ai-products", MatchKind.ALIAS)
    assert find_industry("Foo", "jpmorgan-chase") == ("financial-services", MatchKind.ALIAS)
    assert find_industry("healthcare", "jpmorgan-chase") == ("healthcare", MatchKind.EXACT)
    assert find_industry(None, "foo-bar") == (None, MatchKind.NONE)


def test_every_industry_stands_in_a_section_of_isic_and_of_naics() -> None:
    industries = load_terms("industry")
    assert set(ARTICLE) <= set(industries)
    assert [term.code for term in industries.values() if term.extra["isic"] not in ISIC_SECTIONS] == []
    assert [term.code for term in industries.values() if not term.extra["naics"].isdigit()] == []


@given(st.text(max_size=60))
def test_any_text_gives_an_industry_or_none_and_a_code_gives_itself(text: str) -> None:
    code, match = find_industry(text, None)
    assert (code is None) == (match is MatchKind.NONE)
    if code:
        assert find_industry(code, None) == (code, MatchKind.EXACT)
