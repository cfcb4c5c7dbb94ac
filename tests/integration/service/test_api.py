"""What the API says beside a cohort's distribution: samples, offers, words, errors, and what it is."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.integration.service.conftest import Ask, Held
from tests.unit.figures.reports import ROLES


def test_a_sample_says_what_it_rests_on(held: Held, ask: Ask) -> None:
    query = """query ($where: CohortFilter!) { cohort(where: $where) { sample { reports contributors companies effective
        from to sources { source kind reports share synthetic } } } }"""
    sample = ask(query, where={})["cohort"]["sample"]
    days = [each["effective"].date().isoformat() for each in held]
    assert sample == {
        "reports": 400,
        "contributors": 400,
        "companies": 3,
        "effective": 400,
        "from": min(days),
        "to": max(days),
        "sources": [{"source": "test", "kind": "SURVEY", "reports": 400, "share": 1, "synthetic": False}],
    }
    nobody = ask(query, where={"level": ["INTERN"]})["cohort"]["sample"]
    assert (nobody["reports"], nobody["from"], nobody["to"], nobody["sources"]) == (0, None, None, [])


def test_an_offer_is_read_as_typed_and_compared_with_the_narrowest_cohort(held: Held, ask: Ask) -> None:
    query = """query ($offer: OfferInput!) { evaluateOffer(offer: $offer) {
        percentile { value low high } verdict parts { measure amount percentile { value } }
        cohort { sample { reports } } comparedWith { description terms { code } query }
        widened { dimension from { code } to { code } reportsBefore reportsAfter }
        equivalents { company code level } } }"""
    offer = {
        "title": "Sr. Machine Learning Engineer (NLP)",
        "place": "Berlin, Germany",
        "currency": "USD",
        "base": 500_000,
        "bonus": 50_000,
    }
    found = ask(query, offer=offer)["evaluateOffer"]
    alike = [d for d in held if (d["metro"], d["level"], d["role"]) == ("berlin", "senior", ROLES[0])]
    assert found["cohort"]["sample"]["reports"] == len(alike)
    assert [term["code"] for term in found["comparedWith"]["terms"]] == ["berlin", ROLES[0], "SENIOR"]
    assert (found["verdict"], found["percentile"]["value"]) == ("ABOVE", 1)
    assert {part["measure"]: part["amount"] for part in found["parts"]} == {
        "TOTAL": 550_000,
        "BASE": 500_000,
        "BONUS": 50_000,
    }
    again = ask(found["comparedWith"]["query"])["cohort"]
    assert again["sample"]["reports"] == len(alike)
    # nobody in the store works in Lyon: the country is the narrowest place
    wider = ask(query, offer={**offer, "place": "Paris, France", "title": "Entry level Data Scientist"})[
        "evaluateOffer"
    ]
    assert [term["code"] for term in wider["comparedWith"]["terms"]] == ["FR", ROLES[1], "ENTRY"]
    google = ask(query, offer={**offer, "company": "Google LLC", "level": "L5"})["evaluateOffer"]
    assert {(each["company"], each["level"]) for each in google["equivalents"]} >= {("meta", "SENIOR")}
    (error,) = ask(query, errors=True, offer={**offer, "base": -5})
    assert error["extensions"]["code"] == "OUT_OF_RANGE"


@pytest.mark.usefixtures("held")
def test_a_trend_has_an_index_at_constant_mix_and_growth(ask: Ask) -> None:
    query = """{ cohort { trend(interval: YEAR) { points { period adjusted { value low high } }
        growth { raw { value } adjusted { value low high } mixEffect } } } }"""
    trend = ask(query)["cohort"]["trend"]
    assert trend["points"][0] == {"period": "2024", "adjusted": {"value": 100, "low": 100, "high": 100}}
    growth, last = trend["growth"], trend["points"][1]["adjusted"]
    assert growth["adjusted"]["value"] == pytest.approx(last["value"] / 100 - 1, abs=2e-3)
    assert growth["adjusted"]["low"] < growth["adjusted"]["value"] < growth["adjusted"]["high"]


def test_dimensions_and_terms_say_what_can_be_asked(held: Held, ask: Ask) -> None:
    query = """{ dimensions(where: {place: ["US"]}) {
            dimension label description open values(first: 2) { code label reports } }
        terms(dimension: METRO, search: "bangalor") { code label parent { code parent { code } } } }"""
    answer = ask(query)
    levels = next(each for each in answer["dimensions"] if each["dimension"] == "LEVEL")
    in_us = [each["level"].upper() for each in held if each["country"] == "US"]
    assert levels["values"][0]["reports"] == max(in_us.count(level) for level in set(in_us))
    assert (levels["open"], len(levels["values"])) == (False, 2)
    assert answer["terms"][0] == {
        "code": "bengaluru",
        "label": "Bengaluru",
        "parent": {"code": "IN-KA", "parent": {"code": "IN"}},
    }


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ("{ cohort", "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED", "Cannot query field"),
        (
            '{ cohort(where: {role: ["ML Enginer"]}) { sample { reports } } }',
            "UNKNOWN_TERM",
            "machine-learning-engineer",
        ),
        ('{ cohort(where: {place: ["Bangalore"]}) { sample { reports } } }', "UNKNOWN_TERM", "bengaluru"),
        ('{ cohort(where: {place: ["us"]}) { sample { reports } } }', "UNKNOWN_TERM", "'US'"),
        ('{ cohort(basis: {currency: "ZZZ"}) { sample { reports } } }', "UNKNOWN_CURRENCY", "ZZZ"),
        ("{ cohort { distribution { quantile(p: 1.5) { value } } } }", "BAD_USER_INPUT", "0 < p < 1"),
        ("{ cohort { distribution { histogram(bins: 0) { share } } } }", "BAD_USER_INPUT", "bins"),
        ("{ cohort { distribution { rank(amount: -1) { value } } } }", "BAD_USER_INPUT", "amount"),
        ("{ cohort { breakdown(by: []) { totalCount } } }", "BAD_USER_INPUT", "one, two or three"),
        ("{ cohort { breakdown(by: [LEVEL], first: 0) { totalCount } } }", "BAD_USER_INPUT", "first"),
        ('{ cohort { breakdown(by: [LEVEL], after: "Zm9v") { totalCount } } }', "BAD_CURSOR", "cursor"),
        ('{ cohort { breakdown(by: [LEVEL], after: "é") { totalCount } } }', "BAD_CURSOR", "cursor"),
        ('{ terms(dimension: SKILL, search: "x", first: 1000) { code } }', "BAD_USER_INPUT", "first"),
    ],
)
def test_what_a_client_asks_wrongly_is_answered_with_a_code_and_what_to_do(
    ask: Ask, query: str, code: str, says: str
) -> None:
    (error,) = ask(query, errors=True)
    assert error["extensions"]["code"] == code
    assert says in error["message"]


def test_a_wrong_variable_is_the_clients_error(ask: Ask) -> None:
    (error,) = ask(
        "query ($n: Int!) { cohort { breakdown(by: [LEVEL], first: $n) { totalCount } } }", errors=True, n="x"
    )
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_error_of_ours_is_masked_and_logged_with_its_reference(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr("service.figures.snapshot.Snapshot.cohort", fail)
    (error,) = client.post("/graphql", json={"query": "{ cohort { sample { reports } } }"}).json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in error["message"]
    reference = error["message"].rpartition(" ")[2].rstrip(".")
    assert [record for record in caplog.records if reference in record.getMessage() and record.exc_info]


def test_about_says_how_fresh_the_figures_are_and_by_what_rules(held: Held, ask: Ask) -> None:
    about = ask("{ about { version reports synthetic dataThrough privacy { name minimumContributors rounding } } }")[
        "about"
    ]
    assert about["reports"] == len(held)
    assert about["synthetic"] is False
    assert about["dataThrough"] == "2026-01-01T00:00:00+00:00"
    assert about["privacy"] == {
        "name": "WORKER_PUBLIC",
        "minimumContributors": 5,
        "rounding": "amounts to 3 significant digits",
    }
