import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.normalise.work import find_employment, find_pay_policy, find_work_mode
from schema.vocabulary import Employment, PayPolicy, WorkMode


@pytest.mark.parametrize(
    ("typed", "mode"),
    [
        ("Remote (US only)", "remote"),
        ("100", "remote"),
        ("100% remote", "remote"),
        ("WFH", "remote"),
        ("Télétravail", "remote"),
        ("zdalnie", "remote"),
        ("50", "hybrid"),
        ("Hybrid - 3 days in office", "hybrid"),
        ("3 days in office, 2 days remote", "hybrid"),
        ("hybrid (office or remote)", "hybrid"),
        ("0", "onsite"),
        ("2 Tage Homeoffice", "hybrid"),
        ("5 days in the office", "onsite"),
        ("in-office", "onsite"),
        ("vor Ort", "onsite"),
        ("not remote", "onsite"),
        ("remote or on-site", None),
        ("maybe", None),
        (None, None),
    ],
)
def test_words_say_where_the_work_is_done(typed: str | None, mode: str | None) -> None:
    assert find_work_mode(typed) == mode


@pytest.mark.parametrize(
    ("typed", "employment"),
    [
        ("Full-time", "full_time"),
        ("FTE (permanent)", "full_time"),
        ("CDI", "full_time"),
        ("Festanstellung, Vollzeit", "full_time"),
        ("CLT", "full_time"),
        ("Teilzeit", "part_time"),
        ("CT", "contract"),
        ("W2 contract", "contract"),
        ("B2B", "contract"),
        ("CDD", "contract"),
        ("Freelancer", "freelance"),
        ("Full-time internship", "internship"),
        ("Werkstudent", "internship"),
        ("permanent contract", "full_time"),
        ("Not employed", None),
        ("volunteer", None),
    ],
)
def test_words_say_the_kind_of_contract(typed: str, employment: str) -> None:
    assert find_employment(typed) == employment


@pytest.mark.parametrize(
    ("typed", "policy"),
    [
        ("Geo-adjusted", "location"),
        ("cost of living adjustment", "location"),
        ("location-agnostic", "flat"),
        ("same pay everywhere", "flat"),
        ("does not depend on location", "flat"),
        ("depends", None),
    ],
)
def test_words_say_whether_pay_depends_on_the_place(typed: str, policy: str) -> None:
    assert find_pay_policy(typed) == policy


@given(st.text())
def test_any_text_is_a_value_of_ours_or_none(text: str) -> None:
    assert find_work_mode(text) in {None, *WorkMode}
    assert find_employment(text) in {None, *Employment}
    assert find_pay_policy(text) in {None, *PayPolicy}
