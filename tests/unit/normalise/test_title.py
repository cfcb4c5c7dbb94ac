import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.title import join_specializations, read_specializations, read_title
from schema.terms import FOLDER, load_terms
from schema.vocabulary import Level, MatchKind

ROLES = [
    ("Sr. MLE II (NLP) - Remote US", "machine-learning-engineer", "senior"),
    ("Software Engineer, Machine Learning", "machine-learning-engineer", None),
    ("Sr. DE", "data-engineer", "senior"),
    ("AS II", "applied-scientist", "mid"),
    ("Sr DA", "data-analyst", "senior"),
    ("Fellow, AI Research", "research-scientist", None),
    ("EM ML", "manager", "manager"),
    ("Software Engineer I", "software-engineer", "entry"),
    ("EM, Data Platform", "manager", "manager"),
    ("Tech lead de dados", "data-engineer", "staff"),
    ("シニア機械学習エンジニア", "machine-learning-engineer", "senior"),
    ("推荐算法工程师", "machine-learning-engineer", None),
    ("AI Research Fellow", "research-scientist", None),
    ("Lead DE II, Payments", "data-engineer", "staff"),
    ("Data Scientist, DE", "data-scientist", None),
    ("SWE-ML", "machine-learning-engineer", None),
    ("AI/ML Engineer", "machine-learning-engineer", None),
    ("Engineer IV - Machine Learning", "machine-learning-engineer", "staff"),
    ("Ingénieur(e) Machine Learning H/F", "machine-learning-engineer", None),
    ("Inżynier uczenia maszynowego", "machine-learning-engineer", None),
    ("Staff Software Engineer, ML Infrastructure", "mlops-engineer", "staff"),
    ("DevOps Engineer - ML", "mlops-engineer", None),
    ("Generative AI Developer", "ai-engineer", None),
    ("KI-Entwickler:in (m/w/d)", "ai-engineer", None),
    ("Datenwissenschaftler/in", "data-scientist", None),
    ("Cientista de Dados Pleno", "data-scientist", "mid"),
    ("Vice President - Data Scientist", "data-scientist", None),
    ("Data & Applied Scientist 2", "applied-scientist", "mid"),
    ("Postdoctoral Researcher in Machine Learning", "research-scientist", None),
    ("Ingénieur R&D Deep Learning", "research-engineer", None),
    ("Software Engineer - Data Platform", "data-engineer", None),
    ("Starszy Inżynier Danych", "data-engineer", "senior"),
    ("Senior Data Analytics Engineer", "analytics-engineer", "senior"),
    ("Analista de Datos Jr", "data-analyst", "entry"),
    ("Software Engineer / Data Scientist", "data-scientist", None),
    ("Data Scientist/Engineer", "data-scientist", None),
    ("Chief Data & AI Officer", "executive", "executive"),
    ("Старший аналитик данных", "data-analyst", "senior"),
    ("算法工程师", "machine-learning-engineer", None),
    ("Power BI Developer", "bi-analyst", None),
    ("AI Solutions Architect", "architect", None),
    ("Quant Researcher", "quantitative-researcher", None),
    ("SDE3", "software-engineer", "senior"),
    ("Senior Member of Technical Staff", "software-engineer", "senior"),
    ("Full Stack Developer", "software-engineer", None),
    ("Software Engineer, Marketing", "software-engineer", None),
    ("Engineering Manager, ML Platform", "manager", "manager"),
    ("Teamleiter Machine Learning", "manager", "manager"),
    ("Head of Data Science", "manager", "director"),
    ("Senior Director of Machine Learning", "manager", "director"),
    ("Senior Product Manager, AI", "product-manager", "senior"),
    ("VP of Engineering, AI", "executive", "executive"),
    ("Co-Founder & CTO", "executive", "executive"),
    ("Data Science Intern", "data-scientist", "intern"),
    ("Stage - Data Scientist", "data-scientist", "intern"),
    ("Data Scientist at Google", "data-scientist", None),
    ("A.I. Engineer", "ai-engineer", None),
    ("Specjalista ds. uczenia maszynowego", "machine-learning-engineer", None),
    ("RAG Engineer", "ai-engineer", None),
    ("Fractional CTO", "executive", "executive"),
    ("Softwarearchitekt KI", "architect", None),
    ("Científica de datos senior", "data-scientist", "senior"),
]


@pytest.mark.parametrize(("title", "role", "level"), ROLES)
def test_a_title_tells_role_and_level(title: str, role: str, level: str | None) -> None:
    read = read_title(title)
    assert (read.role, read.level) == (role, level)
    assert read.match >= MatchKind.ALIAS


@pytest.mark.parametrize(
    "title",
    [
        "Sales Engineer",
        "Machine Learning Recruiter",
        "Learning and Development Specialist",
        "CNC Programmer",
        "Account Executive, AI",
        "Hardware Engineer, AI",
        "AI Program Manager",
        "Business Analyst",
        "UX Researcher",
        "AI Trainer",
        "Chef de projet data",
        "Data Center Technician",
        "Senior Scientist",
        "Store Manager",
        "Head Chef",
        "Ads Manager",
        "Audio Engineer",
        "Architect (Residential Buildings)",
        "Assistant to the VP of Data",
        "ML",
        "asdf",
        "",
        "数据",
    ],
)
def test_what_is_not_of_this_field_or_not_understood_is_other(title: str) -> None:
    assert read_title(title).role == "other"


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Senior/Lead Data Scientist", None),
        ("Junior / Mid Data Engineer", None),
        ("Junior to Senior Data Engineer", None),
        ("Mid-Senior Data Analyst", None),
        ("Data Engineer II/III", None),
        ("Data Science Associate", None),
        ("Machine Learning Engineer - Level 4", None),
        ("Data Science Fellow", None),
        ("Executive Assistant to the CTO", None),
        ("Staff Accountant", None),
        ("International Sales Lead", None),
        ("Staff Engineer", "staff"),
        ("Associate Data Scientist", "entry"),
        ("Sr Staff Engineer", "staff"),
        ("Senior Manager", "manager"),
        ("Technical Staff", None),
        ("Chief Data Scientist", "principal"),
        ("Machine Learning Engineer (5 years)", None),
        ("Senior Data Scientist II", "senior"),
        ("EM", "manager"),
    ],
)
def test_a_level_that_a_title_leaves_open_is_not_guessed(title: str, level: str | None) -> None:
    assert read_title(title).level == level


@pytest.mark.parametrize(
    ("title", "grade"),
    [
        ("Data Scientist (L5)", "l5"),
        ("Software Engineer - Level 4", "level4"),
        ("Machine Learning Engineer 5", "5"),
        ("Applied Scientist II", "ii"),
        ("Vice President, Data Scientist", "vice-president"),
        ("Senior Associate, Data Science", "senior-associate"),
        ("Data Scientist", None),
    ],
)
def test_what_may_be_a_rung_of_the_employers_ladder_is_kept(title: str, grade: str | None) -> None:
    assert read_title(title).grade == grade


@pytest.mark.parametrize(
    ("title", "specializations"),
    [
        ("Senior Data Scientist - NLP & Computer Vision", ("computer-vision", "nlp")),
        ("LLM Engineer", ("generative-ai",)),
        ("Machine Learning Engineer, Autonomous Driving", ("robotics",)),
        ("Researcher", ()),
        ("Vision Care Specialist", ()),
        ("Fraud Investigator", ()),
        ("Robotics Engineer", ("robotics",)),
        ("Senior Prompt Engineer", ("generative-ai",)),
        ("Generalist ML Engineer (Search)", ("search-ads",)),
    ],
)
def test_a_title_tells_specialisations(title: str, specializations: tuple[str, ...]) -> None:
    assert read_title(title).specializations == specializations


def test_specialisations_of_title_and_field_are_joined_in_order_of_code() -> None:
    assert join_specializations(("nlp",), ("CV, LLM",)) == (
        ("computer-vision", "generative-ai", "nlp"),
        MatchKind.ALIAS,
    )
    assert join_specializations((), ("speech",)) == (("speech",), MatchKind.EXACT)
    assert join_specializations((), ("knitting",)) == ((), MatchKind.NONE)


@pytest.mark.parametrize("title", ["Machine Learing Enginer", "Data Scientst", "Sofware Engineer (ML)"])
def test_a_slip_of_the_fingers_is_read_and_said_to_be_fuzzy(title: str) -> None:
    assert read_title(title).role != "other"
    assert read_title(title).match is MatchKind.FUZZY


@pytest.mark.parametrize("code", load_terms("role"))
def test_a_code_and_a_label_of_ours_are_exactly_themselves(code: str) -> None:
    for name in (code, load_terms("role")[code].label.upper()):
        assert (read_title(name).role, read_title(name).match) == (code, MatchKind.EXACT)


@pytest.mark.parametrize("code", load_terms("specialization"))
def test_a_specialisation_of_ours_is_exactly_itself(code: str) -> None:
    assert read_specializations(code) == ((code,), MatchKind.EXACT)


def test_every_role_in_the_grid_of_titles_is_a_role() -> None:
    with (FOLDER / "title_role.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    roles = {role.removesuffix("?") for row in rows for head, role in row.items() if head != "topic" and role}
    assert roles - {"outside"} <= set(load_terms("role"))


@given(st.text())
def test_any_text_has_a_role(text: str) -> None:
    assert read_title(text).role in load_terms("role")


WORDS = st.lists(
    st.sampled_from(
        [
            "senior",
            "jr",
            "lead",
            "staff",
            "ii",
            "3",
            "data",
            "ml",
            "ai",
            "science",
            "scientist",
            "engineer",
            "manager",
            "/",
            "-",
            ",",
            "(",
            ")",
            "of",
            "de",
            "vp",
        ]
    ),
    max_size=8,
).map(" ".join)


@given(WORDS)
def test_case_accents_and_spaces_do_not_matter(title: str) -> None:
    assert read_title(f"  {title.upper()} ")[:3] == read_title(title)[:3]


@given(WORDS)
def test_reading_a_role_again_gives_the_same_role(title: str) -> None:
    role = read_title(title).role
    assert read_title(role).role == role


@given(WORDS)
def test_an_intern_is_an_intern_whatever_else_is_said(title: str) -> None:
    assert read_title(f"{title} intern").level is Level.INTERN
