import re
from collections import defaultdict

import pytest

from ingest.normalise.text import fold
from ingest.normalise.title_words import merge_words, words_of
from schema.terms import load_terms
from schema.vocabulary import EducationLevel, Employment, Level, PayPolicy, WorkMode

SUBJECTS = (
    "role",
    "specialization",
    "skill",
    "field",
    "level",
    "degree",
    "work_mode",
    "employment",
    "pay_policy",
)
CLOSED = {
    "level": Level,
    "degree": EducationLevel,
    "work_mode": WorkMode,
    "employment": Employment,
    "pay_policy": PayPolicy,
}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_name_belongs_to_two_terms(subject: str) -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for term in load_terms(subject).values():
        for name in (term.code, term.label, *term.aliases):
            owners[fold(name)].add(term.code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}


@pytest.mark.parametrize("subject", [subject for subject in SUBJECTS if subject not in CLOSED])
def test_every_code_is_a_slug_and_no_term_is_unknown(subject: str) -> None:
    codes = load_terms(subject).keys()
    assert [code for code in codes if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code) or code == "unknown"] == []


@pytest.mark.parametrize("subject", CLOSED)
def test_every_value_of_a_closed_vocabulary_has_its_words(subject: str) -> None:
    assert set(load_terms(subject)) == {value.value for value in CLOSED[subject]}


def test_there_are_at_least_150_skills_and_soft_ones_among_them() -> None:
    kinds = [term.extra["kind"] for term in load_terms("skill").values()]
    assert len(kinds) >= 150
    assert kinds.count("soft") >= 10


def test_every_word_that_a_title_word_reads_as_reads_as_itself() -> None:
    reads = {word for term in load_terms("title_word").values() for word in term.extra["reads"].split()}
    reads |= {word for term in load_terms("specialization").values() for word in term.extra["topic"].split()}
    assert [word for word in sorted(reads) if merge_words((word,)) != (word,)] == []


def test_no_title_word_stands_in_two_rows() -> None:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for term in load_terms("title_word").values():
        for name in (term.code, *term.aliases):
            owners[" ".join(words_of(name))].add(term.code)
    assert {name: codes for name, codes in owners.items() if len(codes) > 1} == {}
