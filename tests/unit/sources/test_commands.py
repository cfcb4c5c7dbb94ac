"""`paygauge send` and `paygauge demo` say what they do, and what to do where they cannot."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.command import main
from deploy.send import format_of
from deploy.sources.demo import demo_events


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("PAYGAUGE_KAFKA", "PAYGAUGE_MONGO"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAYGAUGE_HOME", str(tmp_path / "home"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_the_demo_can_be_written_to_a_file(tmp_path: Path) -> None:
    result = run("demo", "--reports", "50", "--seed", "3", "--out", str(tmp_path / "demo.jsonl"))
    messages = list(demo_events(50, seed=3))
    assert result.exit_code == 0
    assert result.stderr == f"Wrote {len(messages)} events to {tmp_path / 'demo.jsonl'}.\n"
    assert (tmp_path / "demo.jsonl").read_bytes().splitlines() == [message.value for message in messages]


def test_the_demo_can_be_piped_on() -> None:
    result = run("demo", "--reports", "1", "--out", "-")
    assert json.loads(result.stdout.splitlines()[0])["data"]["synthetic"]


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    result = run("demo", "--reports", "1", "--out", str(tmp_path / "none" / "demo.jsonl"))
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: The file cannot be written.")


@pytest.mark.parametrize(
    ("name", "format_name"),
    [("jobs.csv", "ai-jobs"), ("JOBS.CSV", "ai-jobs"), ("events.jsonl", "events"), ("e.gz", "events"), ("-", "events")],
)
def test_a_files_name_speaks_for_its_format(name: str, format_name: str) -> None:
    assert format_of(Path(name)) == format_name


@pytest.mark.parametrize("command", [("send", __file__), ("demo",)])
def test_where_no_kafka_is_known_it_says_how_to_have_one(command: tuple[str, ...]) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: No stack is running: start one with `paygauge up`")


@pytest.mark.parametrize("command", [("send", __file__), ("demo",)])
def test_a_kafka_that_is_named_is_enough(command: tuple[str, ...]) -> None:
    result = run(*command, "--kafka", "127.0.0.1:1")
    assert result.exit_code == 2
    assert "127.0.0.1" in result.stderr
    assert "No stack is running" not in result.stderr


def test_a_file_that_is_not_there_is_wrong_usage() -> None:
    result = run("send", "nowhere.jsonl")
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
