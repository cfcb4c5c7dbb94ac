"""A service over a database of the test's own."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from starlette.testclient import TestClient

from deploy import keys
from schema.document import COLLECTION
from service.app import create_app
from service.keys import Scope
from service.settings import ServiceSettings
from tests.integration.service.sending import SECRET, Way
from tests.serving import running, served

Ask = Callable[..., Any]

DEADLINE_SECONDS = 10


@pytest.fixture
def reports(mongo: str, database: str) -> Iterator[Collection[dict[str, Any]]]:
    """The collection that the service reads."""
    with MongoClient[dict[str, Any]](mongo) as client:
        yield client[database][COLLECTION]
        client.drop_database(database)


@pytest.fixture
def client(mongo: str, database: str) -> Iterator[TestClient]:
    """A service that is ready. Fill `reports` before, by asking for it first."""
    with TestClient(create_app(ServiceSettings(mongo=mongo, database=database))) as running:
        until(lambda: running.get("/health/ready").status_code == 200)
        yield running


@pytest.fixture
def ask(client: TestClient) -> Ask:
    """Ask a query; the answer's data, or its errors where `errors` says so."""

    def ask(query: str, *, errors: bool = False, **variables: Any) -> Any:
        answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
        if errors:
            return answer["errors"]
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return ask


@pytest.fixture(scope="module")
def environ(kafka: str, mongo: str) -> dict[str, str]:
    name = uuid.uuid4().hex[:12]
    return {
        "PAYGAUGE_KAFKA": kafka,
        "PAYGAUGE_MONGO": mongo,
        "PAYGAUGE_DATABASE": f"reports-{name}",
        "PAYGAUGE_TOPIC": f"salary.reports-{name}",
        "PAYGAUGE_DEAD_LETTER_TOPIC": f"salary.reports.dead-letter-{name}",
        "PAYGAUGE_GROUP": f"ingest-{name}",
        "PAYGAUGE_JWT_SECRET": SECRET,
        "PAYGAUGE_JWT_AUDIENCE": "paygauge",
        "PAYGAUGE_JWT_ISSUER": "https://issuer.example.org",
    }


@pytest.fixture(scope="module")
def way(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("way")
    with ExitStack() as stack:
        log = stack.enter_context((folder / "ingest.log").open("wb"))
        stack.enter_context(running("ingest", environ=environ, log=log))
        url = stack.enter_context(served(environ, folder / "serve.log"))
        yield Way(url, environ, keys.create(environ, "a test's", [Scope.REPORTS_WRITE]))


def until(holds: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until something holds; fails where it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.02)
