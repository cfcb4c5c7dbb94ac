"""How far behind everything is can be seen in a terminal, by programs, and by Prometheus."""

import json
import subprocess
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

from tests.running import COMMAND, Up


def status(up: Up, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, "status", "--home", str(up.home), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=up.environ, timeout=60)


def test_the_status_says_what_was_read_set_aside_and_held(stack: Up) -> None:
    shown = status(stack, "--json")
    assert shown.returncode == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert len(found["kafka"]["partitions"]) == 6
    assert all(each["lag"] == each["end"] - each["committed"] for each in found["kafka"]["partitions"])
    assert sum(found["set_aside"]["reasons"].values()) > 0
    index = found["index"]
    assert index["reports"] == index["base"] - index["dead"] + index["delta"] >= 5_000
    assert index["following"]
    printed = status(stack).stdout
    for said in ("messages behind", "ingested", "Set aside: malformed", "following", "Freshness"):
        assert said in printed


def test_the_status_says_what_does_not_answer(stack: Up) -> None:
    shown = status(stack, "--json", "--url", "http://127.0.0.1:1")
    found = json.loads(shown.stdout)
    assert (shown.returncode, found["index"]) == (1, None)
    assert found["kafka"]
    assert "No service answers" in found["trouble"][0]


def test_prometheus_finds_what_ingest_read_and_rejected(stack: Up) -> None:
    with urllib.request.urlopen(stack.running.metrics, timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    measured = {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}
    assert measured["paygauge_ingest_messages_total",] > 5_000
    assert measured["paygauge_ingest_rejected_total", "malformed"] > 0
    assert measured["paygauge_ingest_commits_total", "done"] > 0
    assert [measured["paygauge_ingest_lag_messages", str(partition)] for partition in range(6)] == [0] * 6
