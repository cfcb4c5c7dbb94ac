"""What is withheld is withheld in every field, says why, and says what can be asked instead."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from service.figures.privacy import POLICIES, Policy, PolicyName
from service.figures.snapshot import Snapshot
from service.graphql.schema import schema
from tests.unit.figures.reports import document, snapshot_of
from tests.unit.test_context import context_of

FIELDS = """
  distribution { median { value } mean { value low high } quantiles { estimate { value } }
    rank(amount: 150000) { value } histogram { from to reports } }
  base: distribution(of: BASE) { median { value } mean { value } }
  byCompany: distribution(weighting: COMPANY) { median { value } mean { value } rank(amount: 150000) { value } }
  byTrust: distribution(weighting: TRUST) { median { value } mean { value } }
  trend(interval: YEAR) { points { raw { value } adjusted { value } } growth { raw { value } adjusted { value } } }
  mix { share { value } }
  negotiation { negotiatedShare { value } upliftTotal { value } upliftBase { value } }
  mobility { switched { value } raised { value } promoted { value } difference { value } }
  premium(dimension: SKILL, value: "python") { raw { value } adjusted { value } }
  compare(with: {}) { difference { value } ratio { value } overlap }
  pooled(over: LEVEL) { estimate { value } weight }
  breakdown(by: [SKILL]) { nodes { cohort { distribution { median { value } mean { value } } } } }
  benchmark { median relativeGap }
"""
"""Every field of a cohort that is made of pay."""
TOLD = """query ($where: CohortFilter!) { cohort(where: $where) { sample { reports } distribution { median { value }
  blurredBy suppression { reason message suggestion { query description } } } } }"""


def people(count: int, **more: Any) -> Iterator[dict[str, Any]]:
    for n in range(count):
        pay = 1e5 + 1_000 * n
        parts = {"total": pay, "first_year": pay, "base": 0.8 * pay, "bonus": 0.2 * pay}
        yield document(
            f"{sorted(more.items())}{n}",
            pay,
            pay=parts,
            skills=["python"] if n % 2 else ["sql"],
            verification="none",
            **{"company": f"company-{n % 7}", "level": "senior", "country": "DE", **more},
        )


@pytest.fixture
def snapshot() -> Snapshot:
    return snapshot_of(
        [
            *people(40, metro="berlin", region="DE-BE", work_mode="remote"),
            *people(3, metro="berlin", region="DE-BE", work_mode="onsite"),
            *people(3, metro="munich", region="DE-BY", work_mode="onsite"),
            *people(30, metro="munich", region="DE-BY", work_mode="hybrid", level="mid"),
        ]
    )


def ask(snapshot: Snapshot, query: str, policy: Policy | None = None, **variables: Any) -> Any:
    policy = policy or Policy()
    context = replace(context_of(snapshot.aged(policy.minimum_age_days)), policy=policy)
    result = asyncio.run(schema.execute(query, variables, context))
    assert result.errors is None, result.errors
    return result.data


def amounts(answer: Any) -> Iterator[float]:
    if isinstance(answer, dict):
        for name, inner in answer.items():
            yield from amounts(inner) if name != "benchmark" else ([] if not inner else amounts(inner["relativeGap"]))
    elif isinstance(answer, list):
        for inner in answer:
            yield from amounts(inner)
    elif answer is not None:
        yield answer


FEW = {"place": ["munich"], "level": ["SENIOR"]}
COMPLEMENT = {"place": ["berlin"], "workMode": ["REMOTE"]}


@pytest.mark.parametrize(("where", "reason"), [(FEW, "TOO_FEW_CONTRIBUTORS"), (COMPLEMENT, "COMPLEMENT")])
def test_no_field_of_a_cohort_that_is_withheld_gives_an_amount(
    snapshot: Snapshot, where: dict[str, Any], reason: str
) -> None:
    told = ask(snapshot, TOLD, where=where)["cohort"]["distribution"]
    assert told["suppression"]["reason"] == reason
    fields = FIELDS if "level" in where else FIELDS.replace("pooled(over: LEVEL) { estimate { value } weight }", "")
    answer = ask(snapshot, f"query ($where: CohortFilter!) {{ cohort(where: $where) {{ {fields} }} }}", where=where)
    published = answer["cohort"].pop("breakdown")
    assert list(amounts(answer)) == []
    if reason == "TOO_FEW_CONTRIBUTORS":
        assert list(amounts(published)) == []


def test_the_same_fields_of_a_cohort_that_is_published_give_amounts(snapshot: Snapshot) -> None:
    answer = ask(snapshot, f"{{ cohort(where: {{level: [SENIOR]}}) {{ {FIELDS} }} }}")
    assert len(list(amounts(answer))) > 20


def test_what_is_suggested_contains_the_cohort_or_lacks_few_and_can_be_asked(snapshot: Snapshot) -> None:
    for where in (FEW, COMPLEMENT):
        told = ask(snapshot, TOLD, where=where)["cohort"]
        suggested = told["distribution"]["suppression"]["suggestion"]
        answer = ask(snapshot, suggested["query"])["cohort"]
        assert answer["distribution"]["median"] is not None
        assert answer["sample"]["reports"] > told["sample"]["reports"]
        assert suggested["description"]


def test_a_longer_list_is_suggested_without_the_value_of_few(snapshot: Snapshot) -> None:
    told = ask(snapshot, TOLD, where={"workMode": ["REMOTE", "HYBRID", "ONSITE"], "place": ["berlin"]})
    assert told["cohort"]["distribution"]["suppression"]["reason"] == "COMPLEMENT"
    suggested = told["cohort"]["distribution"]["suppression"]["suggestion"]
    assert ask(snapshot, suggested["query"])["cohort"]["distribution"]["median"] is not None


STRICT = POLICIES[PolicyName.EMPLOYER_STRICT]
OLD = datetime(2024, 1, 1)


@pytest.mark.parametrize(
    ("held", "reason", "word"),
    [
        ([each for c in "abcd" for each in people(9, company=c, effective=OLD)], "TOO_FEW_COMPANIES", "5 employers"),
        (
            [
                *people(20, company="a", effective=OLD),
                *(x for c in "bcde" for x in people(5, company=c, effective=OLD)),
            ],
            "DOMINATED",
            "25%",
        ),
        (list(people(30, effective=datetime(2025, 5, 1))), "TOO_RECENT", "90 days"),
    ],
    ids=["few employers", "a giant", "recent"],
)
def test_the_strict_policy_says_why_it_withholds(held: list[dict[str, Any]], reason: str, word: str) -> None:
    snapshot = snapshot_of([*held, *people(1, effective=datetime(2025, 6, 1))])
    where = {"level": ["SENIOR"]}
    told = ask(snapshot, TOLD, STRICT, where=where)["cohort"]["distribution"]
    assert (told["median"], told["suppression"]["reason"]) == (None, reason)
    assert word in told["suppression"]["message"]
    assert ask(snapshot, TOLD, where=where)["cohort"]["distribution"]["median"] is not None
