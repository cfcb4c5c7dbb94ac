import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.education import find_degree, find_education, find_field
from schema.terms import load_terms
from schema.vocabulary import EducationLevel, MatchKind


@pytest.mark.parametrize(
    ("typed", "degree"),
    [
        ("M.Tech", "master"),
        ("BS Math / MS Stats", "master"),
        ("大学院修士課程修了", "master"),
        ("B.E. (CSE)", "bachelor"),
        ("BS/MS", "master"),
        ("MS in CS", "master"),
        ("Ph. D.", "doctorate"),
        ("Dipl.-Ing.", "master"),
        ("Diplom (FH)", "bachelor"),
        ("Licence", "bachelor"),
        ("Bac+5", "master"),
        ("Pós-graduação", "master"),
        ("mgr inż.", "master"),
        ("Laurea triennale", "bachelor"),
        ("Abitur", "secondary"),
        ("Udacity Nanodegree", "bootcamp"),
        ("currently working, BSc in CS", "bachelor"),
        ("AS level", "secondary"),
        ("Associate degree (A.A., A.S., etc.)", "associate"),
        ("Bachelor’s degree (B.A., B.S., B.Eng., etc.)", "bachelor"),
        ("Bachlor's degree", "bachelor"),
        ("硕士", "master"),
        ("Diplom", "master"),
        ("Diploma", None),
        ("Laurea", None),
        ("self-taught", None),
        ("I prefer not to answer", None),
        ("none", None),
        ("master electrician", None),
        ("Postgraduate certificate", None),
        ("Coursera certificate", None),
        ("Stanford MS", "master"),
        ("data science bootcamp + BA", "bachelor"),
        ("Boston, MA", None),
    ],
)
def test_a_degree_has_its_level(typed: str, degree: str | None) -> None:
    assert find_degree(typed)[0] == degree


@pytest.mark.parametrize(
    ("typed", "degree"),
    [
        ("PhD student", "master"),
        ("博士在读", "master"),
        ("大学中退", "secondary"),
        ("석사 재학", "bachelor"),
        ("Mestranda em IA", "bachelor"),
        ("PhD (ABD)", "master"),
        ("Doktorand", "master"),
        ("Master's, PhD in progress", "master"),
        ("Masters (in progress)", "bachelor"),
        ("Some college, no degree", "secondary"),
        ("Some college/university study without earning a bachelor’s degree", "secondary"),
        ("College dropout", "secondary"),
        ("Maestría (trunca)", "bachelor"),
        ("PhD, withdrew after 3 years", "master"),
        ("3rd year BSc", "secondary"),
        ("graduate student", "bachelor"),
        ("Masters coursework", "bachelor"),
        ("student", None),
    ],
)
def test_a_degree_that_is_not_finished_is_not_counted(typed: str, degree: str | None) -> None:
    assert find_degree(typed)[0] == degree


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("CSE", "computer-science"),
        ("Fin. Eng.", "finance"),
        ("Eng. Elétrica", "electrical-engineering"),
        ("Comp Ling", "linguistics"),
        ("Computer Engg", "computer-engineering"),
        ("ECE", "electrical-engineering"),
        ("Wirtschaftsinformatik", "information-systems"),
        ("Mathématiques appliquées", "mathematics"),
        ("Ciência da Computação", "computer-science"),
        ("Mathmatics", "mathematics"),
        ("Ingeniería Mecatrónica", "robotics"),
        ("Elektro- und Informationstechnik", "electrical-engineering"),
        ("Automatyka i robotyka", "robotics"),
        ("计算机科学", "computer-science"),
        ("Textile Engineering", "other-engineering"),
        ("Physics (theoretical)", "physics"),
        ("Another engineering discipline (such as civil, electrical, mechanical, etc.)", "other-engineering"),
        ("undecided", None),
        ("other", None),
    ],
)
def test_a_field_of_study_is_found(typed: str, field: str | None) -> None:
    assert find_field(typed).code == field


def test_the_text_of_a_degree_may_name_the_field_and_a_field_that_is_given_comes_first() -> None:
    assert find_education("M. Tech CSE", None).field == "computer-science"
    assert find_education("Master of Science in Electrical Engineering", None).field == "electrical-engineering"
    assert find_education("MSc from a French university", None).field is None
    assert find_education("MSc Physics", "economics").field == "economics"
    assert find_education("MSc Physics", "gibberish").field == "physics"
    assert find_education("Master of Engineering", None).field is None
    assert find_education(None, "maths") == (None, MatchKind.NONE, "mathematics", MatchKind.ALIAS)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("MSCS", "computer-science"),
        ("BSc, Fin. Eng.", "finance"),
        ("BSc IT", "information-systems"),
        ("MS OR", "operations-research"),
        ("Ingeniería en Sistemas", "computer-science"),
        ("Master of Engineering", None),
        ("Bachelor of Arts", None),
    ],
)
def test_the_name_of_a_degree_may_say_the_field_itself(typed: str, field: str | None) -> None:
    assert find_education(typed, None).field == field


@pytest.mark.parametrize("level", EducationLevel)
def test_a_level_of_ours_is_exactly_itself(level: EducationLevel) -> None:
    assert find_degree(level.value) == (level, MatchKind.EXACT)


@pytest.mark.parametrize("code", load_terms("field"))
def test_a_field_of_ours_is_exactly_itself(code: str) -> None:
    assert find_field(code) == (code, MatchKind.EXACT)


@given(st.text(), st.text())
def test_any_text_is_an_education_or_none(degree: str, field: str) -> None:
    found = find_education(degree, field)
    assert (found.degree is None) == (found.degree_match is MatchKind.NONE)
    assert (found.field is None) == (found.field_match is MatchKind.NONE)
