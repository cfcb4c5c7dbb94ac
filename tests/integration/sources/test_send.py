"""`paygauge send` ends with 0 only where Kafka has acknowledged everything."""

import subprocess
from pathlib import Path

import pytest

from tests.running import COMMAND

MEGABYTE = 1024 * 1024


def send(path: Path, kafka: str, topic: str) -> subprocess.CompletedProcess[str]:
    environ = {"PAYGAUGE_TOPIC": topic, "PAYGAUGE_DEAD_LETTER_TOPIC": f"{topic}.dead-letter", "PATH": "/usr/bin"}
    command = [COMMAND, "send", path, "--kafka", kafka]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("line", "exit_code", "said"),
    [
        (b'{"source":"s","subject":"r-2"}', 0, ["Sent 2 events"]),
        (b"x" * 18 * MEGABYTE, 1, ["Sent 1 event ", "1 failed; the first: "]),
    ],
    ids=["all", "not all"],
)
def test_it_counts_what_was_acknowledged(
    kafka: str, topic: str, tmp_path: Path, line: bytes, exit_code: int, said: list[str]
) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"broken\n" + line + b"\n")
    ended = send(path, kafka, topic)
    assert (ended.returncode, ended.stderr) == (exit_code, "")
    assert [words for words in said if words not in ended.stdout] == []


def test_a_csv_of_another_kind_is_refused_in_one_sentence(kafka: str, topic: str, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    ended = send(path, kafka, topic)
    assert ended.returncode == 2
    assert ended.stderr.startswith(
        "Error: The file is not an ai-jobs CSV. other.csv lacks the columns company_location,"
    )
