"""What people type into the API, read by the same function that reads streamed reports."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from schema.event import SUBMITTED, Event, convert_data, decode_event
from schema.report import SalaryReport

NAME = "typed"


def read_typed(fields: Mapping[str, Any]) -> SalaryReport:
    """Return what a report with these fields of `data` would be if it were sent now.

    None stands for a field that is left out, at any depth; the pay takes effect today unless it says when. Raises
    Rejection.
    """
    now = datetime.now(UTC)
    data = convert_data({"effective": now.date().isoformat(), **given(fields)})
    return _normalised(Event(id=NAME, source=NAME, subject=NAME, type=SUBMITTED, time=now, data=data), now)


def read_event(value: bytes) -> SalaryReport:
    """Return what ingest will make of an event in structured mode that submits a report. Raises Rejection."""
    return _normalised(decode_event(value, {}), datetime.now(UTC))


def warm() -> None:
    """Have everything imported that reading needs, before anybody waits for it."""
    import ingest.normalise  # noqa: F401  not at the start, which does not need it


def _normalised(event: Event, received: datetime) -> SalaryReport:
    from ingest.normalise import normalise  # see warm

    report = normalise(event, received)
    if not isinstance(report, SalaryReport):
        raise TypeError("a submitted report was read as a withdrawal")
    return report


def given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are not None, at any depth; a group of which nothing is given is left out too."""
    kept = {name: given(value) if isinstance(value, Mapping) else value for name, value in fields.items()}
    return {name: value for name, value in kept.items() if value is not None and value != {}}
