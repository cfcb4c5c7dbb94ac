"""What a browser, a cache and a proxy see of the API: media types, methods, caching, origins, headers."""

import hashlib
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo.collection import Collection
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from service.app import create_app
from service.graphql import execution
from service.settings import ServiceSettings
from tests.integration.service.conftest import until
from tests.integration.service.sockets import PROTOCOL
from tests.unit.figures.reports import document

QUESTION = "{ about { reports } }"
DIGEST = hashlib.sha256(QUESTION.encode()).hexdigest()
PERSISTED = json.dumps({"persistedQuery": {"version": 1, "sha256Hash": DIGEST}})
RESPONSE = "application/graphql-response+json"
ORIGIN = "https://pay.example"

Reports = Collection[dict[str, Any]]


@pytest.fixture
def elsewhere(mongo: str, database: str) -> Iterator[TestClient]:
    """A service that pages of ORIGIN may ask."""
    settings = ServiceSettings(mongo=mongo, database=database, origins=f"{ORIGIN}, https://other.example")
    with TestClient(create_app(settings)) as running:
        until(lambda: running.get("/health/ready").status_code == 200)
        yield running


def code(response: Any) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("application/json; charset=utf-8, text/plain, */*", "application/json"),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, application/json;q=0.9", RESPONSE),
        (f"{RESPONSE};q=0.5, application/json", "application/json"),
        (f"{RESPONSE}, application/json", RESPONSE),
    ],
)
def test_the_client_chooses_the_media_type(client: TestClient, accept: str, kind: str) -> None:
    response = client.post("/graphql", json={"query": QUESTION}, headers={"Accept": accept})
    assert response.headers["Content-Type"] == f"{kind}; charset=utf-8"
    assert "Accept" in response.headers["Vary"]


@pytest.mark.parametrize("accept", ["image/png", "text/plain", "application/json;q=0", "application/xml"])
def test_who_takes_no_json_is_told_what_there_is(client: TestClient, accept: str) -> None:
    response = client.post("/graphql", json={"query": QUESTION}, headers={"Accept": accept})
    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize("query", ["{", "{ nothing }", "query ($n: Int!) { cohort { sample { reports } } }"])
def test_a_request_error_is_400_and_has_no_data_to_who_takes_the_new_media_type(client: TestClient, query: str) -> None:
    told = client.post("/graphql", json={"query": query}, headers={"Accept": RESPONSE})
    assert (told.status_code, "data" in told.json()) == (400, False)
    assert client.post("/graphql", json={"query": query}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"])
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    response = client.request(method, "/graphql")
    assert (response.status_code, response.headers["Allow"]) == (405, "GET, POST")


def test_nothing_is_sent_by_get(client: TestClient) -> None:
    mutation = 'mutation { submitReport(report: {source: "a", id: "b"}) { receipt { id } } }'
    valid = "mutation { __typename }"
    response = client.get("/graphql", params={"query": valid})
    assert (response.status_code, response.headers["Allow"], code(response)) == (405, "POST", "METHOD_NOT_ALLOWED")
    assert "errors" in client.get("/graphql", params={"query": mutation}).json()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_of_another_page_cannot_send_anything(client: TestClient, kind: str) -> None:
    """A browser sends these without asking first; application/json it sends only where CORS lets it."""
    response = client.post("/graphql", content=json.dumps({"query": QUESTION}), headers={"Content-Type": kind})
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "address",
    [
        "?query=%ff",
        "?query={about{reports}}&query={about{reports}}",
        "?query={about{reports}}&variables=[]",
        "?query={about{reports}}&variables={",
        "?query={about{reports}}&extensions=1",
        "?",
        "?" + "&".join(f"a{n}=1" for n in range(30)),
    ],
)
def test_a_wrong_address_is_refused_with_a_code(client: TestClient, address: str) -> None:
    response = client.get(f"/graphql{address}", headers={"Accept": "*/*"})
    assert (response.status_code, code(response)) == (400, "MALFORMED")


def test_an_answer_by_get_is_kept_until_a_report_changes_it(reports: Reports, client: TestClient) -> None:
    first = client.get("/graphql", params={"query": QUESTION})
    assert first.headers["Cache-Control"] == "public, max-age=1, must-revalidate"
    held = {"If-None-Match": f'"other", {first.headers["ETag"]}'}
    unchanged = client.get("/graphql", params={"query": QUESTION}, headers=held)
    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", first.headers["ETag"])
    other = client.get("/graphql", params={"query": "{ about { snapshot } }"}, headers=held)
    assert other.status_code == 200
    reports.insert_one(document("1", 100_000.0))
    until(lambda: client.get("/graphql", params={"query": QUESTION}, headers=held).status_code == 200)
    newer = client.get("/graphql", params={"query": QUESTION}, headers=held)
    assert newer.json()["data"] == {"about": {"reports": 1}}
    assert newer.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    "query",
    [
        "{ nothing }",
        "{ ingestion { source } }",
        "{ about { freshness { p99 } } }",
        "{ about { ...Now } } fragment Now on About { freshness { p99 } }",
        'query ($a: Int) { cohort(basis: {currency: "ABC"}) { distribution { reports } } }',
    ],
)
def test_what_may_change_by_itself_and_what_is_wrong_is_kept_by_nobody(client: TestClient, query: str) -> None:
    response = client.get("/graphql", params={"query": query})
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers


def test_a_document_is_sent_once_and_named_from_then_on(client: TestClient) -> None:
    unknown = client.get("/graphql", params={"extensions": PERSISTED})
    assert code(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    client.post("/graphql", json={"query": QUESTION})  # what others have asked already is taken all the same
    sent = client.post("/graphql", json={"query": QUESTION, "extensions": json.loads(PERSISTED)})
    named = client.get("/graphql", params={"extensions": PERSISTED})
    assert named.json() == sent.json()
    assert named.headers["ETag"]


def test_a_document_is_kept_under_its_own_name_and_only_where_it_can_be_answered(client: TestClient) -> None:
    other = {"persistedQuery": {"version": 1, "sha256Hash": DIGEST}}
    wrong = client.post("/graphql", json={"query": "{ __typename }", "extensions": other})
    assert code(wrong) == "PERSISTED_QUERY_MISMATCH"
    invalid = "{ nothing }"
    named = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(invalid.encode()).hexdigest()}}
    client.post("/graphql", json={"query": invalid, "extensions": named})
    assert code(client.post("/graphql", json={"extensions": named})) == "PERSISTED_QUERY_NOT_FOUND"


def test_the_same_question_is_computed_once_a_snapshot(
    reports: Reports, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed = []
    result = execution._result
    monkeypatch.setattr(execution, "_result", lambda *args: computed.append(1) or result(*args))
    query = "query { about { reports } }"
    for _ in range(3):
        client.post("/graphql", json={"query": query})
        client.get("/graphql", params={"query": query})
    assert len(computed) == 1
    reports.insert_one(document("1", 100_000.0))
    until(lambda: client.post("/graphql", json={"query": query}).json()["data"]["about"]["reports"] == 1)
    assert len(computed) == 2


def test_a_subscription_is_refused_to_who_takes_one_answer(client: TestClient) -> None:
    follow = {"query": "subscription { cohort(every: 100) { sample { reports } } }"}
    refused = client.post("/graphql", json=follow)
    assert (refused.status_code, code(refused)) == (406, "NOT_ACCEPTABLE")


def test_one_answer_comes_as_one_event(client: TestClient) -> None:
    response = client.post("/graphql", json={"query": QUESTION}, headers={"Accept": "text/event-stream"})
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.text == 'event: next\ndata: {"data":{"about":{"reports":0}}}\n\nevent: complete\ndata:\n\n'


def test_what_is_wrong_comes_as_an_event_too(client: TestClient) -> None:
    response = client.post("/graphql", json={"query": "{ nothing }"}, headers={"Accept": "text/event-stream"})
    assert "GRAPHQL_VALIDATION_FAILED" in response.text
    assert response.text.endswith("event: complete\ndata:\n\n")


def test_pages_elsewhere_may_ask_only_where_the_setting_names_them(client: TestClient, elsewhere: TestClient) -> None:
    asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert elsewhere.options("/graphql", headers=asks).headers["Access-Control-Allow-Origin"] == ORIGIN
    answer = elsewhere.post("/graphql", json={"query": QUESTION}, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for stranger, service in (("https://evil.example", elsewhere), (ORIGIN, client)):
        assert (
            "Access-Control-Allow-Origin"
            not in service.options("/graphql", headers={**asks, "Origin": stranger}).headers
        )
        answer = service.post("/graphql", json={"query": QUESTION}, headers={"Origin": stranger})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_pages_elsewhere_open_sockets_only_where_the_setting_names_them(elsewhere: TestClient) -> None:
    with elsewhere.websocket_connect("/graphql", subprotocols=[PROTOCOL], headers={"Origin": ORIGIN}) as session:
        session.send_json({"type": "connection_init"})
        assert session.receive_json() == {"type": "connection_ack"}
    with (
        pytest.raises(WebSocketDisconnect),
        elsewhere.websocket_connect("/graphql", subprotocols=[PROTOCOL], headers={"Origin": "https://evil.example"}),
    ):
        pass


@pytest.mark.parametrize("path", ["/graphql?query={about{reports}}", "/health/live", "/nothing", "/graphql"])
def test_every_answer_tells_browsers_to_trust_nothing_else(client: TestClient, path: str) -> None:
    headers = client.get(path, headers={"Accept": "*/*"}).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    assert "Server" not in headers


def test_an_error_of_ours_is_masked_and_logged_under_the_reference_that_is_shown(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(execution, "_result", fail)
    with caplog.at_level(logging.ERROR):
        response = client.post("/graphql", json={"query": "{ about { version } }"}, headers={"Authorization": ""})
    assert (response.status_code, code(response)) == (500, "INTERNAL")
    assert "hunter2" not in response.text
    reference = response.json()["errors"][0]["message"].split()[-1].strip(".")
    assert any(reference in record.getMessage() for record in caplog.records)


def test_a_key_that_is_not_valid_is_neither_answered_nor_logged(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "pk_" + "x" * 43
    with caplog.at_level(logging.DEBUG):
        response = client.post("/graphql", json={"query": QUESTION}, headers={"Authorization": f"Bearer {secret}"})
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert secret not in caplog.text
    assert secret not in response.text
