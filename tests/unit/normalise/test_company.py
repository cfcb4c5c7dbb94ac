import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.company import find_company, find_size, ml_of
from ingest.normalise.text import fold
from schema.terms import load_terms
from schema.vocabulary import CompanySize, MatchKind

JPMORGAN = [
    "JPMorgan",
    "JP Morgan",
    "J.P. Morgan",
    "J.P.Morgan",
    "J P Morgan",
    "JPMorgan Chase",
    "JPMorgan Chase & Co.",
    "JPMorganChase",
    "JPMC",
    "JP Morgan Chase Bank, N.A.",
    "Chase",
]


@pytest.mark.parametrize("name", JPMORGAN)
def test_jpmorgan_in_its_eleven_spellings_is_one_employer(name: str) -> None:
    assert find_company(name)[0] == "jpmorgan-chase"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Google LLC", "google"),
        ("株式会社メルカリ", "mercari"),
        ("Alphabet Inc.", "google"),
        ("Google DeepMind", "google"),
        ("Google India Pvt. Ltd.", "google"),
        ("google.com", "google"),
        ("https://www.openai.com/", "openai"),
        ("Meta (Facebook)", "meta"),
        ("Facebook/Meta", "meta"),
        ("LinkedIn (Microsoft)", "linkedin"),
        ("AWS", "amazon"),
        ("I.B.M.", "ibm"),
        ("IBM Research - Zurich", "ibm"),
        ("Intel Technology India Pvt Ltd", "intel"),
        ("Databricks Amsterdam", "databricks"),
        ("HuggingFace", "hugging-face"),
        ("The Boston Consulting Group", "bcg"),
        ("ООО Яндекс", "yandex"),
        ("Contractor at Google", "google"),
        ("Mircosoft", "microsoft"),
        ("Amazon EU SARL", "amazon"),
        ("Deloitte & Touche LLP", "deloitte"),
        ("BNP Paribas CIB", "bnp-paribas"),
        ("KPMG Advisory S.p.A.", "kpmg"),
        ("VW AG Wolfsburg", "volkswagen"),
        ("Univ. of Washington", "university-of-washington"),
        ("U of Toronto", "university-of-toronto"),
        ("Google Photos", "google"),
        ("AWS Professional Services", "amazon"),
        ("Apple Siri team", "apple"),
        ("北京字节跳动科技有限公司", "bytedance"),
        ("百度在线网络技术（北京）有限公司", "baidu"),
        ("Amazon Luxembourg S.à r.l.", "amazon"),
        ("Zeta Global Research", "zeta-global"),
        ("NUS School of Computing", "nus"),
        ("Agoda Services Co Ltd", "booking"),
        ("TikTok SG", "bytedance"),
        ("Wayve Technologies Ltd", "wayve"),
        ("Target - Data Science", "target"),
        ("Uber [contract]", "uber"),
        ("Zalando Berlin office", "zalando"),
    ],
)
def test_legal_forms_places_divisions_and_spellings_lead_to_the_employer(name: str, code: str) -> None:
    assert find_company(name)[0] == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Apple Bank", "apple-bank"),
        ("Compass Group", "compass-group"),
        ("Axos Bank", "axos-bank"),
        ("Discovery", "discovery"),
        ("Target Solutions", "target-solutions"),
        ("Sky Solutions", "sky-solutions"),
        ("Cambridge Technologies", "cambridge-technologies"),
        ("Google partner", "google-partner"),
        ("Euronet", "euronet"),
        ("Adobe Population Health", "adobe-population-health"),
        ("Penn Mutual", "penn-mutual"),
        ("Booking Solutions", "booking-solutions"),
        ("Apple School of Dance", "apple-school-of-dance"),
        ("Block.one", "block-one"),
        ("Siemens Energy", "siemens-energy"),
        ("Boston Scientific", "boston-scientific"),
        ("Paris Saint-Germain", "paris-saint-germain"),
        ("Waymo", "waymo"),
        ("Banco do Brasil S.A.", "banco-do-brasil"),
        ("Blackstone", "blackstone"),
        ("BlackRock", "blackrock"),
    ],
)
def test_another_employer_of_a_like_name_stays_another(name: str, code: str) -> None:
    assert find_company(name)[0] == code


@pytest.mark.parametrize(
    ("name", "code", "match"),
    [
        ("Foo Bar", "foo-bar", MatchKind.EXACT),
        ("  foo   BAR ", "foo-bar", MatchKind.EXACT),
        ("Foo Bar GmbH & Co. KG", "foo-bar", MatchKind.ALIAS),
        ("FOO BAR Private Limited", "foo-bar", MatchKind.ALIAS),
        ("The Foo Bar", "foo-bar", MatchKind.ALIAS),
        ("Foo Bar, Inc.", "foo-bar", MatchKind.ALIAS),
        ("Foo Bar S.p.A.", "foo-bar", MatchKind.ALIAS),
        ("Foo Bar Sp. z o.o.", "foo-bar", MatchKind.ALIAS),
    ],
)
def test_an_unknown_employer_has_its_name_without_the_legal_form(name: str, code: str, match: MatchKind) -> None:
    assert find_company(name) == (code, match)


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "ex-Google",
        "Google, Meta",
        "startup de logística",
        "großer Automobilzulieferer",
        "крупный банк",
        "大手SIer",
        "스타트업",
        "Google → Meta",
        "seed-stage startup (YC W22)",
        "-",
        "n/a",
        "confidential",
        "Stealth startup",
        "startup",
        "Series B startup",
        "a large bank",
        "FAANG",
        "Big Tech",
        "Fortune 500",
        "German automotive OEM",
        "self-employed",
        "Company X",
        "The",
        "xxx",
        "name@example.org",
        "I'd rather not say",
        "Between jobs",
        "keine Angabe",
        "prefiero no decirlo",
        "a startup in Berlin",
        "un'azienda di consulenza",
        "independiente",
        "une grande banque",
        "Grande banque française",
        "AI startup, SF",
        "ein DAX Konzern",
        "Danish fintech startup",
        "a very long story about somebody who works for a bank in the middle of a merger",
    ],
)
def test_what_only_describes_an_employer_names_none(name: str | None) -> None:
    assert find_company(name) == (None, MatchKind.NONE)


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from(["Foo", "AG", "The", "GmbH", "India", "Group"]), max_size=4).map(" ".join)
)
def test_a_code_given_again_is_the_same_code(name: str) -> None:
    code, match = find_company(name)
    assert (code is None) == (match is MatchKind.NONE)
    if code:
        assert find_company(code)[0] == code


def test_every_known_employer_is_found_by_its_code_and_its_label() -> None:
    for term in load_terms("company").values():
        assert find_company(term.code) == (term.code, MatchKind.EXACT)
        assert find_company(term.label)[0] == term.code


def test_there_are_at_least_150_employers_with_industry_and_centrality() -> None:
    companies = load_terms("company").values()
    assert len(companies) >= 150
    assert [term.code for term in companies if term.extra["industry"] not in load_terms("industry")] == []
    assert {term.extra["ml"] for term in companies} == {"core", "supporting"}
    assert (ml_of("openai"), ml_of("jpmorgan-chase"), ml_of("foo-bar"), ml_of(None)) == (
        "core",
        "supporting",
        None,
        None,
    )


@pytest.mark.parametrize("subject", ["company", "industry", "company_size", "metro", "country"])
def test_no_name_belongs_to_two_terms(subject: str) -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for term in load_terms(subject).values():
        for name in (term.code, term.label, *term.aliases):
            owners[fold(name)].add(term.code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


@pytest.mark.parametrize("subject", ["company", "industry", "metro"])
def test_every_code_is_a_slug(subject: str) -> None:
    assert [code for code in load_terms(subject) if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []


@pytest.mark.parametrize(
    ("size", "band"),
    [
        (1, "micro"),
        (9, "micro"),
        (10, "small"),
        (49, "small"),
        (50, "medium"),
        (249, "medium"),
        (250, "large"),
        (4_999, "large"),
        (5_000, "enterprise"),
        ("250", "large"),
        ("2-10", "micro"),
        ("11-50", "small"),
        ("51-200", "medium"),
        ("201-500 employees", "large"),
        ("1,001-5,000", "large"),
        ("5001-10,000", "enterprise"),
        ("10000+", "enterprise"),
        ("10.000+ Mitarbeiter", "enterprise"),
        ("10k+", "enterprise"),
        ("500+", "large"),
        ("<10", "micro"),
        ("Small (<50)", "small"),
        ("Medium (50-249)", "medium"),
        ("S", "small"),
        ("M", "medium"),
        ("L", "large"),
        ("startup", "small"),
        ("enterprise", "enterprise"),
        ("self-employed", "micro"),
    ],
)
def test_a_size_is_read_as_people_write_it(size: str | int, band: str) -> None:
    assert find_size(size) is CompanySize(band)


@pytest.mark.parametrize(
    "size",
    [
        None,
        "",
        0,
        -5,
        "-5",
        "unknown",
        "1-5000",
        "50+",
        "<500",
        "team of 12",
        "200 engineers",
        "$10M ARR",
        "100%",
        "SME",
    ],
)
def test_what_says_no_size_is_none(size: str | int | None) -> None:
    assert find_size(size) is None


@given(
    st.text(max_size=30)
    | st.integers()
    | st.from_regex(r"[<>~]?\d{1,6}( ?[-–] ?\d{1,6}|\+)?( people)?", fullmatch=True)
)
def test_any_size_is_a_band_or_none(size: str | int) -> None:
    assert find_size(size) is None or isinstance(find_size(size), CompanySize)


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_more_employees_are_never_a_smaller_band(one: int, other: int) -> None:
    bands = [list(CompanySize).index(band) for band in map(find_size, sorted((one, other))) if band]
    assert bands == sorted(bands)
