"""Hostile bodies and hostile queries get a clear error, quickly."""

import time

import pytest
from graphql import parse
from starlette.testclient import TestClient

from service.graphql.errors import ClientError
from service.graphql.limits import check

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
    started = time.perf_counter()
    with pytest.raises(ClientError):
        check(document, {})
    # 2^22 visits would take seconds
    assert time.perf_counter() - started < 0.1


def test_a_fragment_that_spreads_itself_is_refused_by_validation(client: TestClient) -> None:
    query = "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }"
    errors = client.post("/graphql", json={"query": query}).json()["errors"]
    assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


def test_the_question_about_the_schema_passes(client: TestClient) -> None:
    from graphql import get_introspection_query

    query = get_introspection_query(input_value_deprecation=True)
    assert "errors" not in client.post("/graphql", json={"query": query}).json()
    assert "errors" not in client.post("/graphql", json={"query": QUESTION}).json()
