"""Who may do what: keys, tokens and their scopes, over HTTP and WebSocket."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from httpx2 import Response
from pymongo import MongoClient
from starlette.testclient import TestClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from deploy import keys
from deploy.embedded.mongo import MongoServer
from service import access
from service.app import create_app
from service.keys import Scope
from service.settings import ServiceSettings
from tests.integration.service.conftest import until
from tests.integration.service.sending import REPORTS, SECRET, SPOKEN, STATUS, SUBMIT, Way, code_of, report, token
from tests.serving import post, served, stretched


def test_a_token_with_the_scope_may_write(way: Way) -> None:
    for scope in ("reports:write", "openid reports:write", ["reports:write"]):
        answer = post(way.url, SUBMIT, token(scope=scope), report=report())
        assert answer["data"]["submitReport"]["receipt"], answer


UNSIGNED = {"sub": "x", "exp": 2**40, "aud": "paygauge", "iss": "https://issuer.example.org", "scope": "reports:write"}


@pytest.mark.parametrize(
    ("credential", "code"),
    [
        (lambda: "", "UNAUTHENTICATED"),
        (lambda: "pk_nobody", "UNAUTHENTICATED"),
        (lambda: "pk_" + "x" * 9_000, "UNAUTHENTICATED"),
        (lambda: "nonsense", "UNAUTHENTICATED"),
        (lambda: token(scope=None), "FORBIDDEN"),
        (lambda: token(scope="figures:analyst"), "FORBIDDEN"),
        (lambda: token(scope="reports:writer reports"), "FORBIDDEN"),
        (lambda: token(scope={"reports:write": 1}), "FORBIDDEN"),
        (lambda: token(exp=1), "UNAUTHENTICATED"),
        (lambda: token(exp=None), "UNAUTHENTICATED"),
        (lambda: token(sub=None), "UNAUTHENTICATED"),
        (lambda: token(aud="another"), "UNAUTHENTICATED"),
        (lambda: token(aud=None), "UNAUTHENTICATED"),
        (lambda: token(iss="https://another.example.org"), "UNAUTHENTICATED"),
        (lambda: token(nbf=2**33), "UNAUTHENTICATED"),
        (lambda: token()[:-4] + "AAAA", "UNAUTHENTICATED"),
        (lambda: jwt.encode(UNSIGNED, None, algorithm="none"), "UNAUTHENTICATED"),
        (lambda: jwt.encode(UNSIGNED, "another secret, also long enough for it", algorithm="HS256"), "UNAUTHENTICATED"),
        (lambda: jwt.encode(UNSIGNED, SECRET * 2, algorithm="HS512"), "UNAUTHENTICATED"),
    ],
)
def test_nobody_else_may_write_or_follow(way: Way, credential: Callable[[], str], code: str) -> None:
    key = credential()
    assert code_of(post(way.url, SUBMIT, key, report=report())) == code
    assert code_of(post(way.url, STATUS, key, source="x", id="x")) == code


def test_a_key_works_until_it_is_revoked_and_is_kept_as_a_hash_only(way: Way) -> None:
    key = keys.create(way.environ, "to be revoked", [Scope.REPORTS_WRITE])
    assert post(way.url, SUBMIT, key, report=report())["data"]["submitReport"]["receipt"]
    with MongoClient[dict[str, Any]](way.environ["PAYGAUGE_MONGO"]) as client:
        held = list(client[way.environ["PAYGAUGE_DATABASE"]]["keys"].find())
    assert key not in str(held)
    (shown,) = (each["begins"] for each in keys.listed(way.environ) if each["name"] == "to be revoked")
    assert keys.revoke(way.environ, shown) == "to be revoked"
    started = time.monotonic()
    until(lambda: "errors" in post(way.url, SUBMIT, key, report=report()), 5)
    assert time.monotonic() - started < stretched(3)
    with pytest.raises(keys.NoSuchKey):
        keys.revoke(way.environ, shown)


def test_a_key_without_the_scope_may_read_only(way: Way) -> None:
    key = keys.create(way.environ, "an analyst's", [Scope.FIGURES_ANALYST])
    assert post(way.url, REPORTS, key)["data"]
    assert code_of(post(way.url, SUBMIT, key, report=report())) == "FORBIDDEN"


def test_reading_can_be_closed_by_one_setting(way: Way, tmp_path: Path) -> None:
    with served({**way.environ, "PAYGAUGE_READ": "key"}, tmp_path / "serve.log") as url:
        assert code_of(post(url, REPORTS)) == "UNAUTHENTICATED"
        assert post(url, REPORTS, way.key)["data"]
        assert post(url, REPORTS, token(scope=None))["data"]
        with connect(url.replace("http", "ws") + "/graphql", subprotocols=SPOKEN) as socket:
            socket.send(json.dumps({"type": "connection_init"}))
            with pytest.raises(ConnectionClosed, match="4403"):
                socket.recv(timeout=10)


def test_only_an_analyst_switches_the_strict_policy_off(way: Way, tmp_path: Path) -> None:
    question, public = "{ about { privacy { name minimumAgeDays } } }", {"Paygauge-Policy": "WORKER_PUBLIC"}
    with served({**way.environ, "PAYGAUGE_PRIVACY_POLICY": "EMPLOYER_STRICT"}, tmp_path / "serve.log") as url:

        def policy(key: str = "") -> Any:
            return post(url, question, key, public)

        assert code_of(policy()) == "UNAUTHENTICATED"
        assert code_of(policy(way.key)) == "FORBIDDEN"
        analyst = token(scope="figures:analyst")
        assert policy(analyst)["data"]["about"]["privacy"] == {"name": "WORKER_PUBLIC", "minimumAgeDays": 0}
        assert post(url, question, analyst)["data"]["about"]["privacy"]["name"] == "EMPLOYER_STRICT"
        with connect(url.replace("http", "ws") + "/graphql", subprotocols=SPOKEN) as socket:
            socket.send(
                json.dumps({"type": "connection_init", "payload": {**public, "authorization": f"Bearer {analyst}"}})
            )
            socket.recv()
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": question}}))
            answer = json.loads(socket.recv(timeout=10))["payload"]
            assert answer["data"]["about"]["privacy"]["name"] == "WORKER_PUBLIC"
    stricter = post(way.url, question, headers={"Paygauge-Policy": "EMPLOYER_STRICT"})
    assert stricter["data"]["about"]["privacy"] == {"name": "EMPLOYER_STRICT", "minimumAgeDays": 90}
    assert code_of(post(way.url, question, headers={"Paygauge-Policy": "none"})) == "UNKNOWN_POLICY"


def test_no_secret_is_logged(environ: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    with served(environ, log) as url:
        key = keys.create(environ, "not to be logged", [Scope.REPORTS_WRITE])
        assert post(url, SUBMIT, key, report=report())["data"]["submitReport"]["receipt"]
        post(url, SUBMIT, key + "x", report=report())
        post(url, SUBMIT, token()[:-4] + "AAAA", report=report())
        text = log.read_text()
    assert "Application startup complete" in text
    assert not [word for word in (key, SECRET, token().partition(".")[0]) if word in text]


def test_a_key_that_was_good_is_believed_while_mongod_is_away_but_not_for_ever(
    mongo_server: MongoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = keys.create({"PAYGAUGE_MONGO": mongo_server.uri}, "a reader's", [])
    monkeypatch.setattr(access, "KEY_SECONDS", 0.0)
    with TestClient(create_app(ServiceSettings(mongo=mongo_server.uri, read="key"))) as client:

        def ask() -> Response:
            return client.post("/graphql", json={"query": REPORTS}, headers={"Authorization": f"Bearer {key}"})

        until(lambda: ask().status_code == 200)
        mongo_server.kill()
        assert ask().status_code == 200
        monkeypatch.setattr(access, "AWAY_SECONDS", 0.0)
        refused = ask()
        assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
