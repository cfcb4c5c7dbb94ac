"""The example messages in schema/examples are what their folders say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import schema
from ingest.normalise import normalise
from schema.errors import Rejection
from schema.event import MAX_EVENT_BYTES, decode_event
from schema.report import SalaryReport
from schema.vocabulary import QualityFlag, RejectionReason

FOLDER = Path(schema.__file__).parent / "examples"
ACCEPTED = sorted((FOLDER / "accepted").iterdir())
REJECTED = sorted((FOLDER / "rejected").glob("*/*"))
RECEIVED = datetime(2026, 1, 1, tzinfo=UTC)


def reason_for(value: bytes) -> RejectionReason:
    with pytest.raises(Rejection) as caught:
        normalise(decode_event(value, {}), RECEIVED)
    return caught.value.reason


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_an_accepted_example_is_taken(path: Path) -> None:
    normalise(decode_event(path.read_bytes(), {}), RECEIVED)


@pytest.mark.parametrize(
    "path", [path for path in ACCEPTED if path.stem.startswith("flagged-")], ids=lambda path: path.stem
)
def test_a_flagged_example_is_flagged(path: Path) -> None:
    report = normalise(decode_event(path.read_bytes(), {}), RECEIVED)
    assert isinstance(report, SalaryReport)
    assert set(report.flags) - {QualityFlag.RANGE}


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_rejected_example_gets_the_reason_of_its_folder(path: Path) -> None:
    assert reason_for(path.read_bytes()) == path.parent.name


def test_a_message_that_is_too_large_gets_that_reason() -> None:
    value = (FOLDER / "accepted" / "the-least.json").read_bytes()
    assert len(value) < MAX_EVENT_BYTES
    assert reason_for(value + b" " * MAX_EVENT_BYTES) == RejectionReason.TOO_LARGE


def test_every_reason_has_an_example() -> None:
    made_here = {RejectionReason.TOO_LARGE}
    assert {path.parent.name for path in REJECTED} == set(RejectionReason) - made_here
