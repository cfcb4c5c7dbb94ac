"""Hostile bodies and hostile queries get a clear error, quickly."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from graphql import parse
from starlette.testclient import TestClient

from service.app import create_app
from service.graphql import context
from service.graphql.documents import LONG, Documents, Prepared
from service.graphql.errors import ClientError
from service.graphql.limits import Limits, check
from service.settings import ServiceSettings
from tests.integration.service.conftest import until
from tests.integration.service.sockets import opened

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUESTION = "{ about { reports } }"


def doubling(times: int) -> str:
    fragments = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(times)]
    return " ".join(["{ ...f0 }", *fragments, f"fragment f{times} on Query {{ about {{ reports }} }}"])


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"null", JSON, 400, "MALFORMED"),
        (b"1", JSON, 400, "MALFORMED"),
        (b'"x"', JSON, 400, "MALFORMED"),
        (b"[]", JSON, 400, "MALFORMED"),
        (b"", JSON, 400, "MALFORMED"),
        (b"{", JSON, 400, "MALFORMED"),
        (b"\xff\xfe{\x00}\x00", JSON, 400, "MALFORMED"),
        (b'{"query": "\xff"}', JSON, 400, "MALFORMED"),
        (b"[" * 100_000, JSON, 400, "MALFORMED"),
        (b'{"query": "' + b" " * 300_000 + b'"}', JSON, 413, "TOO_LARGE"),
        (
            b"query={about{reports}}",
            {"Content-Type": "application/x-www-form-urlencoded"},
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (b'{"query": "{about{reports}}"}', {"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{about{reports}}"}', {"Content-Type": "application/jsonx"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"\x1f\x8b", {**JSON, "Content-Encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (
            '{"query": "{about{reports}}"}'.encode("utf-16"),
            {"Content-Type": "application/json; charset=utf-16"},
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ('{"query": "{about{reports}}"}'.encode("utf-16"), JSON, 400, "MALFORMED"),
        (b'{"query": "\\ud800"}', JSON, 400, "MALFORMED"),
        (b'{"query": "{about{reports}}", "variables": {"n": NaN}}', JSON, 400, "MALFORMED"),
        (
            b'{"query": "{about{reports}}", "variables": ' + b'{"a":' * 3_000 + b"1" + b"}" * 3_001,
            JSON,
            400,
            "MALFORMED",
        ),
        (b'[{"query": "{about{reports}}"}]', JSON, 400, "MALFORMED"),
        (b'{"query": null}', JSON, 400, "MALFORMED"),
        (b'{"query": 1}', JSON, 400, "MALFORMED"),
        (b'{"query": "{about{reports}}", "variables": []}', JSON, 400, "MALFORMED"),
        (b'{"query": "{about{reports}}", "operationName": {}}', JSON, 400, "MALFORMED"),
        (b'{"query": "{about{reports}}", "extensions": "x"}', JSON, 400, "MALFORMED"),
        (b'{"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "ab"}}}', JSON, 400, "BAD_PERSISTED_QUERY"),
        (b'{"extensions": {"persistedQuery": [1]}}', JSON, 400, "BAD_PERSISTED_QUERY"),
    ],
)
def test_a_wrong_body_is_refused_in_json_with_a_code(
    client: TestClient, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    response = client.post("/graphql", content=body, headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (status, code)


def test_a_number_of_5000_digits_is_no_error_of_ours(client: TestClient) -> None:
    body = b'{"query": "{ about { reports } }", "variables": {"n": ' + b"9" * 5_000 + b"}}"
    assert client.post("/graphql", content=body, headers=JSON).status_code < 500


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (doubling(22), "QUERY_TOO_LARGE"),
        ("{ " + " ".join(f"a{n}: about {{ reports }}" for n in range(101)) + " }", "QUERY_TOO_LARGE"),
        ("{ " + "about { reports } " * 1_100 + "}", "QUERY_TOO_LARGE"),
        (
            "{ cohort " + "{ trend { points { cohort " * 9 + "{ sample { reports } }" + " } } }" * 9 + " }",
            "QUERY_TOO_DEEP",
        ),
        (
            "{ cohort { breakdown(by: [LEVEL], first: 500) { nodes { cohort { breakdown(by: [METRO], first: 500) "
            "{ nodes { keys { code } } } } } } } }",
            "QUERY_TOO_DEAR",
        ),
    ],
)
def test_a_query_that_asks_too_much_is_refused(client: TestClient, query: str, code: str) -> None:
    (error,) = client.post("/graphql", json={"query": query}).json()["errors"]
    assert error["extensions"]["code"] == code


def test_a_length_in_a_variable_counts_too(client: TestClient) -> None:
    query = """query ($n: Int!) { cohort { breakdown(by: [LEVEL], first: $n) { nodes { cohort {
        breakdown(by: [METRO], first: $n) { nodes { keys { code } } } } } } } }"""
    (error,) = client.post("/graphql", json={"query": query, "variables": {"n": 400}}).json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_DEAR"
    assert "errors" not in client.post("/graphql", json={"query": query, "variables": {"n": 5}}).json()


def test_doubling_fragments_are_refused_by_visiting_each_once() -> None:
    document = parse(doubling(22))
    started = time.process_time()
    with pytest.raises(ClientError):
        check(document)
    # 2^22 visits would take seconds
    assert time.process_time() - started < 0.1


def test_a_fragment_that_spreads_itself_is_refused_by_validation(client: TestClient) -> None:
    query = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
    errors = client.post("/graphql", json={"query": query}).json()["errors"]
    assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_the_question_about_the_schema_passes(client: TestClient) -> None:
    from graphql import get_introspection_query

    query = get_introspection_query(input_value_deprecation=True)
    assert "errors" not in client.post("/graphql", json={"query": query}).json()
    assert "errors" not in client.post("/graphql", json={"query": QUESTION}).json()


RESPONSE = {"Accept": "application/graphql-response+json"}
INTROSPECTION = "__schema { types { fields { args { name } } } }"
NOTS = '{"not":' * 30 + "{}" + "}" * 30


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        ("{ " + "a " * 5_000 + "}", "tokens"),
        ("{ about { " + "reports " * 1_001 + "} }", "fields"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(21)) + " }", "root_fields"),
        ("{ about { " + " ".join(f"a{n}: reports" for n in range(101)) + " } }", "aliases"),
        ("{ about { reports " + "@include(if: true) " * 51 + "} }", "directives"),
        ("{ about { " + "...f " * 101 + "} } fragment f on About { reports }", "fragments"),
        ("{ about { " + "reports " * 52 + "} }", "repeats"),
    ],
)
def test_each_limit_names_itself_and_what_it_allows(client: TestClient, query: str, limit: str) -> None:
    response = client.post("/graphql", json={"query": query}, headers=RESPONSE)
    (error,) = response.json()["errors"]
    assert (response.status_code, "data" in response.json()) == (400, False)
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("QUERY_TOO_LARGE", limit)
    assert f"{error['extensions']['maximum']:,}" in error["message"]


@pytest.mark.parametrize(
    "query",
    [
        "{ " + " ".join(f"a{n}: {INTROSPECTION}" for n in range(20)) + " }",
        "query ($n: Int = 500) { cohort { breakdown(by: [LEVEL], first: $n) { nodes { cohort { "
        "breakdown(by: [METRO], first: $n) { nodes { keys { code } } } } } } } }",
        "{ cohort { breakdown(by: [LEVEL], first: 2000000000) { nodes { keys { code } } } } }",
    ],
    ids=["introspection", "default", "most"],
)
def test_what_an_answer_may_come_to_is_refused_before_it_is_computed(client: TestClient, query: str) -> None:
    (error,) = client.post("/graphql", json={"query": query}).json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_DEAR"
    assert error["extensions"]["requested"] > error["extensions"]["maximum"]


def test_every_answer_says_what_it_was_counted_as(client: TestClient) -> None:
    query = "{ cohort { breakdown(by: [LEVEL], first: 30) { nodes { keys { code } } } } }"
    extensions = client.post("/graphql", json={"query": query}).json()["extensions"]
    assert extensions == {"cost": {"requested": 91, "maximum": 15_000}}


def test_variables_are_no_deeper_than_a_document_may_be(client: TestClient) -> None:
    query = "query ($where: CohortFilter!) { cohort(where: $where) { sample { reports } } }"
    body = f'{{"query": "{query}", "variables": {{"where": {NOTS}}}}}'
    (error,) = client.post("/graphql", content=body, headers=JSON).json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_DEEP"


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ("{a:", "}")])
def test_a_document_nested_beyond_the_parser_is_refused(client: TestClient, open_: str, close: str) -> None:
    query = "{ cohort(where: " + open_ * 900 + close * 900 + ") { sample { reports } } }"
    (error,) = client.post("/graphql", json={"query": query}).json()["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_DEEP"


def test_refusing_the_dearest_documents_takes_no_longer_than_a_blink(client: TestClient) -> None:
    """Each of these took graphql-core's validation 0.1 to 2 seconds."""
    spread = range(300)
    hostile = [
        "{ " + "about { reports } " * 300 + "}",
        "{ cohort(where: { " + " ".join(f"a{n}: 1" for n in range(1_000)) + " }) { sample { reports } } }",
        "{ "
        + " ".join(f"...f{n}" for n in spread)
        + " }"
        + " ".join(f"fragment f{n} on Query {{a{n}: x}}" for n in spread),
        "{ cohort(where: { level: [" + "SENIORR " * 3_900 + "] }) { sample { reports } } }",
    ]

    def seconds(query: str) -> float:
        started = time.process_time()
        assert client.post("/graphql", json={"query": query}).json()["errors"]
        return time.process_time() - started

    for query in hostile:
        assert min(seconds(query) for _ in range(3)) < 0.25  # the collector may run in one of them


def test_about_shows_the_limits_in_force(mongo: str, database: str) -> None:
    with TestClient(
        create_app(ServiceSettings(mongo=mongo, database=database, query_depth=15, query_cost=70))
    ) as client:
        until(lambda: client.get("/health/ready").status_code == 200)
        ask = lambda query: client.post("/graphql", json={"query": query}).json()  # noqa: E731
        assert ask("{ about { limits { depth cost bodyBytes requestsPerMinute } } }")["data"]["about"]["limits"] == {
            "depth": 15,
            "cost": 70,
            "bodyBytes": 256 * 1024,
            "requestsPerMinute": 60_000,
        }
        (error,) = ask("{ cohort { breakdown(by: [LEVEL], first: 30) { nodes { keys { code } } } } }")["errors"]
        assert error["extensions"] == {"code": "QUERY_TOO_DEAR", "requested": 91, "maximum": 70}


def test_who_asks_too_often_is_told_when_to_come_again(mongo: str, database: str) -> None:
    with TestClient(create_app(ServiceSettings(mongo=mongo, database=database, requests_per_minute=60))) as client:
        until(lambda: client.get("/health/ready").status_code == 200)
        started = time.monotonic()
        answers = [client.post("/graphql", json={"query": QUESTION}) for _ in range(8)]
        while answers[-1].status_code == 200 and len(answers) < 100:  # a slow machine gives tokens back meanwhile
            answers.append(client.post("/graphql", json={"query": QUESTION}))
        answered = sum(answer.status_code == 200 for answer in answers)
        assert 5 <= answered <= 6 + (time.monotonic() - started)
        assert answers[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2


def test_an_answer_that_takes_too_long_is_given_up(mongo: str, database: str) -> None:
    settings = ServiceSettings(mongo=mongo, database=database, execution_seconds=1e-6)
    with TestClient(create_app(settings)) as client:
        until(lambda: client.get("/health/ready").status_code == 200)
        response = client.post("/graphql", json={"query": "{ ingestion { source } }"})
        assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (503, "TIMEOUT")


@pytest.mark.parametrize("kind", ["query", "subscription"])
def test_what_takes_too_long_is_given_up_on_a_socket_too(
    mongo: str, database: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "INLINE_ROWS", 0)  # what never leaves the loop is never late
    settings = ServiceSettings(mongo=mongo, database=database, execution_seconds=1e-6, subscriptions_per_client=1)
    with TestClient(create_app(settings)) as running:
        until(lambda: running.get("/health/ready").status_code == 200)
        with opened(running) as socket:
            for name in ("1", "2"):  # what the first has taken is given back
                socket.subscribe(name, f"{kind} {{ cohort {{ sample {{ contributors }} }} }}")
                message = socket.receive()
                assert (message["id"], message["type"]) == (name, "error"), message
                assert message["payload"][0]["extensions"]["code"] == "TIMEOUT"


def test_others_are_answered_while_long_documents_are_read(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    read, reading, answered, in_time = Documents._read, Event(), Event(), []

    def read_when_others_are_answered(documents: Documents, text: str, limits: Limits) -> Prepared:
        if len(text) >= LONG:
            reading.set()
            in_time.append(answered.wait(10))
        return read(documents, text, limits)

    monkeypatch.setattr(Documents, "_read", read_when_others_are_answered)
    long = "{ cohort(where: { level: [" + "SENIORR " * 3_900 + "] }) { sample { reports } } }"
    with ThreadPoolExecutor() as asking:
        hostile = [asking.submit(client.post, "/graphql", json={"query": long + " " * n}) for n in range(8)]
        assert reading.wait(10)
        assert "errors" not in client.post("/graphql", json={"query": QUESTION}).json()
        answered.set()
        assert all("errors" in each.result().json() for each in hostile)
    assert in_time == [True] * 8
