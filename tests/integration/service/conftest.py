"""A service over a database of the test's own."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from random import Random
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
from tests.unit.figures.reports import LEVELS, ROLES, SKILL_SETS, document

Ask = Callable[..., Any]
Held = list[dict[str, Any]]

DEADLINE_SECONDS = 10


@pytest.fixture
def reports(mongo: str, database: str) -> Iterator[Collection[dict[str, Any]]]:
    """The collection that the service reads."""
    with MongoClient[dict[str, Any]](mongo) as client:
        yield client[database][COLLECTION]
        client.drop_database(database)


@pytest.fixture
def held(reports: Collection[dict[str, Any]]) -> Held:
    """Documents in MongoDB: asked for before `ask`, so that the service loads them."""
    choose = Random(3)
    metros = (
        ("berlin", "DE-BE", "DE"),
        ("san-francisco-bay-area", "US-CA", "US"),
        (None, "US-CA", "US"),
        (None, None, "FR"),
    )
    drawn = []
    for number in range(400):
        metro, region, country = choose.choice(metros)
        base = round(choose.lognormvariate(11.8, 0.4), 2)
        bonus = round(base * choose.random() / 5, 2) if choose.random() < 0.6 else None
        total = base + (bonus or 0)
        pay = {"total": total, "first_year": total + 10_000, "base": base} | ({"bonus": bonus} if bonus else {})
        drawn.append(
            document(
                str(number),
                total,
                pay=pay,
                role=choose.choice(ROLES),
                level=choose.choice(LEVELS),
                metro=metro,
                region=region,
                country=country,
                skills=choose.choice(SKILL_SETS),
                company=choose.choice(("alpha", "beta", "gamma")),
                experience_years=choose.choice((1.0, 3.0, 8.0)),
                effective=datetime(choose.choice((2024, 2025)), choose.randint(1, 12), 1),
                verification=choose.choice(("none", "document")),
            )
        )
    reports.insert_many(drawn)
    return drawn


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
