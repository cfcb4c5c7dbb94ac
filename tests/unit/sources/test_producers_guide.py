"""docs/producers.md says what the code does."""

import json
import re
from pathlib import Path

import pytest

import schema
from schema.event import DEAD_LETTER_TOPIC, MAX_EVENT_BYTES, TOPIC
from schema.vocabulary import (
    EXCLUDING_FLAGS,
    AmountUnit,
    ChangeKind,
    MlCentrality,
    Period,
    QualityFlag,
    RejectionReason,
    SourceKind,
    Verification,
)

ROOT = Path(schema.__file__).parents[1]
GUIDE = (ROOT / "docs" / "producers.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"\(`(schema/examples/[^`]+)`\):\n\n```json\n(.*?)\n```", GUIDE, re.DOTALL)


def first_column(heading: str) -> list[str]:
    section = GUIDE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| (`\w+`(?: \*)?) \|", section, re.MULTILINE)


def test_every_reason_is_explained() -> None:
    assert first_column("What is set aside") == [f"`{reason}`" for reason in RejectionReason]


def test_flags_are_starred_where_they_leave_a_report_out() -> None:
    flags = first_column("What is flagged")
    assert {flag for flag in flags if flag.endswith("*")} == {f"`{flag}` *" for flag in EXCLUDING_FLAGS}
    assert {flag.strip("` *") for flag in flags} == set(QualityFlag) - {QualityFlag.NO_RATE}


@pytest.mark.parametrize(("path", "text"), EXAMPLES, ids=lambda value: value[:60])
def test_the_events_shown_are_the_example_messages(path: str, text: str) -> None:
    assert json.loads(text) == json.loads((ROOT / path).read_bytes())


@pytest.mark.parametrize("words", [SourceKind, Verification, MlCentrality, ChangeKind, Period])
def test_words_that_admit_no_other_are_all_named(words: type[SourceKind]) -> None:
    assert [word for word in words if f"`{word}`" not in GUIDE] == []


def test_names_and_limits_are_those_of_the_code() -> None:
    assert len(EXAMPLES) == 2
    assert f"`{TOPIC}`" in GUIDE
    assert f"`{DEAD_LETTER_TOPIC}`" in GUIDE
    assert f"At most {MAX_EVENT_BYTES // 1024} KiB" in GUIDE
    assert f'"unit": "{AmountUnit.PERCENT}"' in GUIDE


def test_links_lead_to_files() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", GUIDE)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
