"""Ask the running service how it is, over HTTP as anybody would."""

import http.client
import json
from typing import Any

TIMEOUT_SECONDS = 5.0
COUNT = "{ about { reports } }"  # a cohort leaves out the reports that are flagged as implausible


def is_ready(host: str, port: int) -> bool:
    """Return whether the service says that MongoDB answers and the columns are loaded."""
    return _ask(host, port, "GET", "/health/ready") is not None


def visible_reports(host: str, port: int) -> int:
    """Return how many reports the service holds now; 0 where it does not answer."""
    answer = _ask(host, port, "POST", "/graphql", {"query": COUNT})
    return int(answer["data"]["about"]["reports"]) if answer and answer.get("data") else 0


def _ask(host: str, port: int, method: str, path: str, body: object = None) -> Any:
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"content-type": "application/json"})
        response = connection.getresponse()
        text = response.read()
        return json.loads(text or "{}") if response.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
