"""`paygauge normalise` shows what ingest would make of texts and events, and what an editor may teach it."""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from deploy.command import main
from deploy.commands.normalising import SUBJECTS
from deploy.normalise import texts
from deploy.normalise.events import read_event
from deploy.normalise.printing import Rows, print_unknown
from deploy.sources.ai_jobs import COLUMNS
from deploy.sources.publish import message_of
from ingest.normalise import normalise
from schema.event import decode_event
from schema.report import SalaryReport

EXAMPLES = Path(texts.__file__).parents[2] / "schema" / "examples"
ACCEPTED = sorted(EXAMPLES.glob("accepted/*.json"))
REJECTED = sorted(EXAMPLES.glob("rejected/*/*.json"))


SHOWN = (
    *("role", "level", "specializations", "country", "region", "metro", "company", "industry", "company_size"),
    *("work_mode", "employment", "pay_policy", "education", "field", "skills", "pay", "flags"),
)
"""The words of a report that are made of free text."""


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["normalise", *arguments], input=given)


def lines_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def one_line(path: Path) -> bytes:
    return json.dumps(json.loads(path.read_bytes())).encode()


def test_the_command_names_every_subject() -> None:
    assert list(texts.SUBJECTS) == SUBJECTS


@pytest.mark.parametrize(
    ("subject", "text", "found"),
    [
        (
            "title",
            "Sr. MLE II (NLP)",
            {"role": "machine-learning-engineer", "level": "senior", "specializations": "nlp"},
        ),
        ("level", "senior", {"level": "senior"}),
        ("specialization", "NLP", {"specializations": "nlp"}),
        ("place", "Bangalore", {"country": "IN", "region": "IN-KA", "metro": "bengaluru"}),
        ("place", "Remote - US", {"country": "US", "work_mode": "remote"}),
        ("pay", "120k", {"pay": "120,000 USD a year"}),
        ("company", "Google LLC", {"company": "google", "industry": "technology", "ml": "supporting"}),
        ("size", "51-200", {"company_size": "medium"}),
        ("industry", "healthcare", {"industry": "healthcare"}),
        ("degree", "M.Tech CSE", {"education": "master", "field": "computer-science"}),
        ("field", "Computer Science", {"field": "computer-science"}),
        ("skill", "pyTorch lightning", {"skills": "pytorch-lightning"}),
        ("work-mode", "WFH", {"work_mode": "remote"}),
        ("employment", "full time", {"employment": "full_time"}),
        ("pay-policy", "location", {"pay_policy": "location"}),
    ],
)
def test_a_text_of_every_subject_is_read(subject: str, text: str, found: dict[str, str]) -> None:
    (line,) = lines_of(run("-", "--as", subject, given=text + "\n"))
    values = {reading["field"]: reading["value"] for reading in line["readings"] if reading["value"]}
    assert {name: values.get(name) for name in found} == found


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_text_that_means_nothing_is_listed_with_its_subject_and_count(subject: str) -> None:
    result = run("-", "--as", subject, "--only-unknown", given="xqzzt vrk\nxqzzt vrk\n")
    assert lines_of(result) == [{"subject": subject, "text": "xqzzt vrk", "count": 2}]


def test_the_most_frequent_unknown_texts_come_first_and_no_more_than_asked_for() -> None:
    given = "aqqz\nbqqz\nbqqz\ncqqz\ncqqz\ncqqz\n"
    found = lines_of(run("-", "--as", "skill", "--only-unknown", "--top", "2", given=given))
    assert [(line["text"], line["count"]) for line in found] == [("cqqz", 3), ("bqqz", 2)]


def test_an_employer_with_a_name_that_company_csv_lacks_is_known_and_yet_news_to_an_editor() -> None:
    result = run("-", "--as", "company", given="Xqzzt GmbH\n")
    (line,) = lines_of(result)
    assert line["readings"][0]["value"] == "xqzzt"
    assert "company.csv does not have it" in line["readings"][0]["source"]
    assert "Xqzzt GmbH" in result.stderr


def test_a_level_is_read_as_the_named_employers() -> None:
    def level(*more: str) -> Any:
        return lines_of(run("-", "--as", "level", *more, given="L5\n"))[0]["readings"][0]

    assert level()["value"] is None
    assert level("--company", "Google") | {"given": ""} == {
        "field": "level",
        "given": "",
        "value": "senior",
        "match": "EXACT",
        "source": "ladder",
    }


def test_pay_that_ingest_would_refuse_says_why_and_ends_with_1() -> None:
    result = run("-", "--as", "pay", given="120k\nlots\n")
    first, second = lines_of(result)
    assert "rejection" not in first
    assert second["rejection"]["reason"] == "wrong_type"
    assert result.exit_code == 1


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_every_field_of_an_event_is_what_ingest_would_store(path: Path) -> None:
    message = message_of(one_line(path))
    event = decode_event(message.value, {})
    outcome = read_event(message)
    report = normalise(event, event.time)
    assert outcome.name == f"{event.source} {event.subject}"
    assert outcome.rejection is None
    if not isinstance(report, SalaryReport):
        assert [reading.value for reading in outcome.readings] == ["withdrawn"]
        return
    fields = {reading.field: reading for reading in outcome.readings}
    for name, reading in fields.items():
        stored: object = getattr(report, name)
        if name == "pay":
            assert f"{report.pay.currency} a year" in (reading.value or "")
        else:
            assert reading.value == (", ".join(stored) if isinstance(stored, tuple) else stored)
        matched = {"region": "place", "country": "place", "metro": "place", "specializations": "specialization"}
        if reading.match is not None:
            assert reading.match == getattr(report.matches, matched.get(name, name))
    assert {name for name in SHOWN if getattr(report, name)} <= set(fields)


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_event_that_ingest_would_set_aside_has_the_reason(path: Path) -> None:
    outcome = read_event(message_of(path.read_bytes()))
    assert outcome.rejection
    assert outcome.rejection.reason == path.parent.name


def test_a_file_of_events_ends_with_1_where_some_would_be_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(one_line(ACCEPTED[0]) + b"\n\n{broken\n"))
    result = run(str(path))
    assert [("rejection" in line) for line in lines_of(result)] == [False, True]
    assert "2 lines, of which ingest would set 1 aside." in result.stderr
    assert result.exit_code == 1
    path.write_bytes(gzip.compress(one_line(ACCEPTED[0])))
    assert run(str(path)).exit_code == 0


def test_what_an_event_says_that_nobody_understands_is_listed_by_subject() -> None:
    event = json.loads((EXAMPLES / "accepted" / "everything.json").read_bytes())
    event["data"] |= {"title": "Xqzzt", "level": "vrk", "skills": ["Python", "qqzz"], "place": {"city": "Vrkzzt"}}
    event["data"]["company"] = {"name": "Vrk Xqzzt", "size": "qq", "industry": "xqzzt"}
    outcome = read_event(message_of(msgspec.json.encode(event)))
    assert dict(outcome.unknown) == {
        "title": "Xqzzt",
        "level": "vrk",
        "company": "Vrk Xqzzt",
        "industry": "xqzzt",
        "size": "qq",
        "skill": "qqzz",
        "place": "Vrkzzt",
    }


def test_the_ai_jobs_csv_is_read_as_send_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    made_up = "2024-01-07,2024,SE,FT,ML Engineer,123321,USD,123321,US,100,US,M"
    path.write_text(",".join(COLUMNS) + "\n" + made_up + "\n")
    (line,) = lines_of(run(str(path)))
    values = {reading["field"]: reading["value"] for reading in line["readings"]}
    assert (values["role"], values["level"], values["country"]) == ("machine-learning-engineer", "senior", "US")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["t.txt"], "Error: What the lines are is not told by the file's name: say it with --as"),
        (["-"], "Error: What the lines are is not told by the file's name: say it with --as"),
        (["t.txt", "--as", "colour"], "'colour' is not one of"),
        (["t.txt", "--as", "title", "--format", "events"], "give one of them"),
        (["none.txt", "--as", "title"], "does not exist"),
        (["latin.txt", "--as", "title"], "Error: The file cannot be read."),
        (["broken.jsonl.gz"], "Error: The file cannot be read."),
        (["other.csv"], "Error: The file is not an ai-jobs CSV."),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in (
        ("t.txt", b"a"),
        ("latin.txt", b"Ing\xe9nieur"),
        ("broken.jsonl.gz", b"x"),
        ("other.csv", b"a\n"),
    ):
        Path(name).write_bytes(content)
    result = run(*arguments)
    assert said in result.stderr
    assert result.exit_code == 2


def test_on_a_terminal_it_is_a_table_in_which_markup_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(file=sys.stdout, width=100)
    rows = Rows(console)
    rows(texts.read_text("title", "ML Engineer [/bold]", texts.Circumstances()))
    rows(texts.read_text("pay", "[red]", texts.Circumstances()))
    printed = capsys.readouterr().out
    head, first = printed.splitlines()[:2]
    assert head.split() == ["Given", "Field", "Becomes", "Match", "From"]
    assert first.index("role") == head.index("Field")
    assert "ML Engineer [/bold]" in first
    assert printed.count("Given") == 1
    assert "'[red]' is not an amount" in printed


def test_the_end_says_how_much_more_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    from collections import Counter

    from deploy.normalise import Tally

    unknown = Counter({("skill", "a"): 2, ("skill", "b"): 1, ("skill", "c"): 1})
    print_unknown(Tally(unknown, 4_000), 1, Console(file=sys.stdout, width=100))
    printed = capsys.readouterr().out
    assert "4,000 lines.\n" in printed
    assert "skill: no word of ours for 4, 3 of them different:\n        2  a\n" in printed
    assert "and 2 more" in printed
