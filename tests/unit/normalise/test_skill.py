from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.skill import find_skills
from schema.terms import load_terms
from schema.vocabulary import MatchKind


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("pyTorch lightning", ("pytorch-lightning",)),
        ("Python 3.11", ("python",)),
        ("PCA", ("machine-learning",)),
        ("Terraform Cloud", ("terraform",)),
        ("torch geometric", ("graph-ml",)),
        ("5+ years of Python", ("python",)),
        ("Strong communication skills", ("communication",)),
        ("k8s", ("kubernetes",)),
        ("C/C++", ("c", "cpp")),
        ("C", ("c",)),
        ("R", ("r",)),
        ("CI/CD", ("ci-cd",)),
        ("A/B testing", ("ab-testing",)),
        ("Docker & Kubernetes", ("docker", "kubernetes")),
        ("TensorFlow/Keras; SQL", ("keras", "sql", "tensorflow")),
        ("Python (pandas, numpy)", ("numpy", "pandas", "python")),
        ("dbt (core & cloud)", ("dbt",)),
        ("Python/pandas", ("pandas", "python")),
        ("built dashboards with Power BI for clients", ("power-bi",)),
        ("Teamfähigkeit", ("teamwork",)),
        ("kubernates", ("kubernetes",)),
        ("Rust removal", ()),
        ("flask of coffee", ()),
        ("Python automation scripts", ("python",)),
        ("Java coffee", ()),
        ("C ++", ("cpp",)),
        ("jvaa", ()),
        ("ready to go the extra mile, r u?", ()),
        ("underwater basket weaving", ()),
        ("", ()),
    ],
)
def test_an_entry_names_its_skills(typed: str, codes: tuple[str, ...]) -> None:
    assert find_skills([typed])[0] == codes


def test_the_match_of_a_list_is_its_weakest() -> None:
    assert find_skills(["Python", "sklearn"])[1] is MatchKind.ALIAS
    assert find_skills(["Python", "kubernates"])[1] is MatchKind.FUZZY
    assert find_skills(["Python", "basket weaving"])[1] is MatchKind.EXACT
    assert find_skills(["basket weaving"])[1] is MatchKind.NONE


@pytest.mark.parametrize("code", load_terms("skill"))
def test_a_skill_of_ours_is_exactly_itself(code: str) -> None:
    for name in (code, load_terms("skill")[code].label):
        assert find_skills([name]) == ((code,), MatchKind.EXACT)


@given(st.lists(st.sampled_from([*load_terms("skill"), "py", "sklearn, sql", "nonsense"]), max_size=9), st.randoms())
def test_order_and_repetition_do_not_matter(skills: list[str], random: Random) -> None:
    shuffled = [*skills, *skills]
    random.shuffle(shuffled)
    assert find_skills(shuffled) == find_skills(skills)


@given(st.lists(st.text(), max_size=5))
def test_any_texts_are_skills_of_ours_or_none(texts: list[str]) -> None:
    codes, match = find_skills(texts)
    assert set(codes) <= set(load_terms("skill"))
    assert bool(codes) == (match is not MatchKind.NONE)
    assert find_skills(codes) == (codes, MatchKind.EXACT if codes else MatchKind.NONE)
