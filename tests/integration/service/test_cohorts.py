"""The figures of a cohort over HTTP, against numpy and scipy on the same documents."""

from datetime import datetime
from typing import Any

import numpy as np
import pytest
from pymongo.collection import Collection
from scipy import stats

from tests.integration.service.conftest import Ask, Held, until
from tests.unit.figures.reports import ROLES, document


def rounded(value: float) -> float:
    return float(f"{value:.2e}")


def totals(documents: Held) -> np.ndarray:
    return np.sort([each["pay"]["total"] for each in documents])


def test_quantiles_have_the_values_of_numpy_and_the_intervals_of_scipy(held: Held, ask: Ask) -> None:
    query = """query ($ps: [Float!]!) { cohort(where: {level: [SENIOR]}) {
        distribution { quantiles(ps: $ps) { p estimate { value low high kind } } median { value } } } }"""
    ps = [0.1, 0.25, 0.5, 0.75, 0.9]
    values = totals([each for each in held if each["level"] == "senior"])
    found = ask(query, ps=ps)["cohort"]["distribution"]
    for p, quantile in zip(ps, found["quantiles"], strict=True):
        low = int(stats.binom.ppf(0.025, len(values), p)) - 1
        high = int(stats.binom.ppf(0.975, len(values), p))
        assert quantile["estimate"] == {
            "value": rounded(np.quantile(values, p)),
            "low": rounded(values[low]),
            "high": rounded(values[high]),
            "kind": "OBSERVED",
        }
    assert found["median"]["value"] == rounded(np.median(values))


def test_every_filter_finds_the_reports_that_a_plain_loop_finds(held: Held, ask: Ask) -> None:
    query = "query ($where: CohortFilter!) { cohort(where: $where) { sample { reports } } }"
    cases: list[tuple[dict[str, Any], Any]] = [
        ({}, lambda _: True),
        ({"role": [ROLES[1], ROLES[2]]}, lambda d: d["role"] in ROLES[1:]),
        ({"level": ["ENTRY", "MID"]}, lambda d: d["level"] != "senior"),
        ({"place": ["US"]}, lambda d: d["country"] == "US"),
        ({"place": ["US-CA"]}, lambda d: d["region"] == "US-CA"),
        ({"place": ["berlin", "FR"]}, lambda d: d["metro"] == "berlin" or d["country"] == "FR"),
        ({"technologyHub": True}, lambda d: d["metro"] in ("san-francisco-bay-area", "berlin")),
        ({"skills": {"all": ["python", "sql"]}}, lambda d: {"python", "sql"} <= set(d["skills"])),
        ({"skills": {"any": ["python", "sql"]}}, lambda d: bool({"python", "sql"} & set(d["skills"]))),
        ({"skills": {"none": ["python"]}}, lambda d: "python" not in d["skills"]),
        ({"company": ["alpha"]}, lambda d: d["company"] == "alpha"),
        ({"experienceYears": {"min": 3, "max": 7}}, lambda d: 3 <= d["experience_years"] < 8),
        ({"minVerification": "EMPLOYER_EMAIL"}, lambda d: d["verification"] == "document"),
        ({"effective": {"from": "2025-01-01", "to": "2025-06-30"}}, lambda d: _half(d["effective"])),
        (
            {"not": {"level": ["SENIOR"], "company": ["beta"]}},
            lambda d: (d["level"], d["company"]) != ("senior", "beta"),
        ),
        ({"level": [], "not": {}}, lambda _: True),
    ]
    for where, meets in cases:
        expected = sum(1 for each in held if meets(each))
        assert ask(query, where=where)["cohort"]["sample"]["reports"] == expected, where


def _not_senior_with_sql(each: dict[str, Any]) -> bool:
    return each["level"] != "senior" or "sql" not in each["skills"]


def _half(day: datetime) -> bool:
    return day.year == 2025 and day.month <= 6


def test_a_breakdown_pages_through_every_group_once_in_order(held: Held, ask: Ask) -> None:
    query = """query ($after: String) { cohort { breakdown(by: [LEVEL, COMPANY], first: 4, after: $after,
        orderBy: {field: MEDIAN, direction: ASC}) { totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
        nodes { keys { code label dimension } cohort { sample { reports } distribution { median { value } } } } } } }"""
    seen, after = [], None
    while True:
        page = ask(query, after=after)["cohort"]["breakdown"]
        seen += page["nodes"]
        assert page["totalCount"] == 9
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len({tuple(key["code"] for key in node["keys"]) for node in seen}) == 9
    medians = [node["cohort"]["distribution"]["median"]["value"] for node in seen]
    assert medians == sorted(medians)
    for node in seen:
        level, company = (key["code"] for key in node["keys"])
        group = [each for each in held if each["level"] == level.lower() and each["company"] == company]
        assert node["cohort"]["sample"]["reports"] == len(group)
        assert node["cohort"]["distribution"]["median"]["value"] == rounded(np.median(totals(group)))


def test_a_trend_is_the_cohort_cut_by_time(held: Held, ask: Ask) -> None:
    points = ask("{ cohort { trend(interval: YEAR) { points { period start raw { value } } } } }")
    expected = [
        {
            "period": str(year),
            "start": f"{year}-01-01",
            "raw": {"value": rounded(np.median(totals([d for d in held if d["effective"].year == year])))},
        }
        for year in (2024, 2025)
    ]
    assert points["cohort"]["trend"]["points"] == expected


def test_the_mix_is_shares_of_the_mean(held: Held, ask: Ask) -> None:
    parts = ask("{ cohort { mix { measure share { value low high } reportsWithIt } } }")["cohort"]["mix"]
    total = sum(each["pay"]["total"] for each in held)
    bonus = [each["pay"].get("bonus", 0) for each in held]
    found = {part["measure"]: part for part in parts}
    assert found["BONUS"]["share"]["value"] == pytest.approx(sum(bonus) / total, rel=0.006)
    assert found["BONUS"]["share"]["low"] < found["BONUS"]["share"]["value"] < found["BONUS"]["share"]["high"]
    assert found["BONUS"]["reportsWithIt"] == sum(1 for each in bonus if each)
    assert found["STOCK"] == {"measure": "STOCK", "share": {"value": 0, "low": 0, "high": 0}, "reportsWithIt": 0}


def test_other_figures_agree_with_numpy(held: Held, ask: Ask) -> None:
    query = """{ cohort { distribution { mean { value low high } rank(amount: 150000) { value low high }
        histogram(bins: 10) { from to reports share } }
        bonus: distribution(of: BONUS) { reports median { value } } } }"""
    cohort = ask(query)["cohort"]
    values, found = totals(held), cohort["distribution"]
    assert found["mean"]["value"] == rounded(values.mean())
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
    # outward, to two people's part of it: of 400 reports a thousand
    assert (found["mean"]["low"], found["mean"]["high"]) == (np.floor(low / 1e3) * 1e3, np.ceil(high / 1e3) * 1e3)
    # of 400 reports every twentieth is published, and ranks are read off these
    ps = np.arange(1, 20) / 20
    expected = np.interp(150_000, [rounded(value) for value in np.quantile(values, ps)], ps)
    assert found["rank"]["value"] == rounded(expected)
    assert found["rank"]["value"] == pytest.approx(np.mean(values <= 150_000), abs=0.01)
    assert found["rank"]["low"] < np.mean(values <= 150_000) < found["rank"]["high"]
    assert sum(bar["reports"] for bar in found["histogram"]) == len(values)
    assert min(bar["reports"] for bar in found["histogram"]) >= 5
    bonuses = [each["pay"]["bonus"] for each in held if "bonus" in each["pay"]]
    assert cohort["bonus"]["reports"] == len(bonuses)
    assert cohort["bonus"]["median"]["value"] == pytest.approx(rounded(np.median(bonuses)))


def test_the_first_years_basis_and_another_currency_change_the_money_and_say_so(held: Held, ask: Ask) -> None:
    query = """{ first: cohort(basis: {pay: FIRST_YEAR}) {
            distribution { median { value } money { currency rate pay } } }
        euro: cohort(basis: {currency: "EUR", ratesOf: "2024-01-02"}) {
            distribution { median { value } money { currency rate rateDate rateSource pay } } } }"""
    answer = ask(query)
    values = totals(held)
    assert answer["first"]["distribution"]["median"]["value"] == pytest.approx(np.median(values) + 10_000, rel=0.005)
    assert answer["first"]["distribution"]["money"] == {"currency": "USD", "rate": None, "pay": "FIRST_YEAR"}
    money = answer["euro"]["distribution"]["money"]
    assert (money["currency"], money["rateDate"]) == ("EUR", "2024-01-02")
    assert answer["euro"]["distribution"]["median"]["value"] == rounded(np.median(values) * money["rate"])


def test_four_people_are_too_few_and_five_are_enough(ask: Ask, reports: Collection[dict[str, Any]]) -> None:
    reports.insert_many([document(str(n), 100_000.0, level="mid", contributor=f"{1 + n % 4:016x}") for n in range(8)])
    reports.insert_many([document(f"s{n}", 100_000.0, level="senior") for n in range(5)])
    reports.insert_many([document(f"e{n}", 90_000.0, level="entry") for n in range(5)])
    query = """query ($level: Level!) { cohort(where: {level: [$level]}) {
        sample { reports contributors } mix { share { value } }
        distribution { median { value } mean { value } quantile(p: 0.1) { value } rank(amount: 1) { value }
            histogram { reports } suppression { reason message } } } }"""
    until(lambda: ask("{ about { reports } }")["about"]["reports"] == 18)
    few = ask(query, level="MID")["cohort"]
    assert few["sample"] == {"reports": 8, "contributors": 4}
    assert few["distribution"]["suppression"]["reason"] == "TOO_FEW_CONTRIBUTORS"
    figures = {name: few["distribution"][name] for name in ("median", "mean", "quantile", "rank", "histogram")}
    assert figures == {"median": None, "mean": None, "quantile": None, "rank": None, "histogram": []}
    assert all(part["share"] is None for part in few["mix"])
    enough = ask(query, level="SENIOR")["cohort"]["distribution"]
    assert (enough["suppression"], enough["median"]) == (None, {"value": 100_000})
    assert enough["quantile"] is None, "a tenth of five is nobody"


def test_a_premium_and_a_comparison_name_what_they_rest_on(held: Held, ask: Ask) -> None:
    query = """{ cohort { premium(dimension: SKILL, value: "python") {
            raw { value low high } adjusted { value low high kind } controls verdict
            sample { reports } against { reports } suppression { reason } }
        compare(with: {level: [SENIOR]}) { ratio { value } overlap verdict other { sample { reports } } } } }"""
    cohort = ask(query)["cohort"]
    named = sum("python" in each["skills"] for each in held)
    assert (cohort["premium"]["sample"]["reports"], cohort["premium"]["against"]["reports"]) == (named, 400 - named)
    assert cohort["premium"]["controls"] == ["ROLE", "LEVEL", "COUNTRY", "INDUSTRY", "COMPANY_SIZE", "YEAR"]
    assert cohort["premium"]["adjusted"]["kind"] == "MODELLED"
    assert cohort["premium"]["verdict"] == "NOT_DISTINGUISHABLE"
    seniors = totals([each for each in held if each["level"] == "senior"])
    # of the medians as they are published: with digits of its own it would say more than these do
    ratio = rounded(float(np.median(totals(held)))) / rounded(float(np.median(seniors))) - 1
    assert cohort["compare"]["ratio"]["value"] == round(ratio, 3)
    assert cohort["compare"]["other"]["sample"]["reports"] == len(seniors)
    (error,) = ask('{ cohort { premium(dimension: SKILL, value: "Pyton") { verdict } } }', errors=True)
    assert error["extensions"]["code"] == "UNKNOWN_TERM"
    assert "'python'" in error["message"]
