"""A service over a database of the test's own."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection
from starlette.testclient import TestClient

from schema.document import COLLECTION
from service.app import create_app
from service.settings import ServiceSettings

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


def until(holds: Callable[[], bool], seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until something holds; fails where it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.02)
