"""Logs must be readable by machines and must not be flooded by a client whose server is away."""

import io
import json
import logging
import sys

import pytest

from ingest.log import REPEAT_SECONDS, JsonFormatter, RepeatFilter


def record(line: int = 1, message: str = "Lost %s", *arguments: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka.conn", logging.ERROR, "conn.py", line, message, arguments or ("it",), None)


def test_a_line_of_code_speaks_once_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    repeats = RepeatFilter()

    assert [repeats.filter(record()) for _ in range(4)] == [True, False, False, False]

    now += REPEAT_SECONDS
    again = record()
    assert repeats.filter(again)
    assert again.getMessage() == "Lost it (and 3 more like this)"


def test_another_line_of_code_is_not_silenced_with_it() -> None:
    repeats = RepeatFilter()

    assert repeats.filter(record(line=1))
    assert repeats.filter(record(line=2))


def test_json_lines_hold_the_message_and_the_traceback() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    try:
        raise ValueError("München")
    except ValueError:
        handler.handle(logging.LogRecord("a.b", logging.ERROR, "f.py", 1, "Broke at %d", (7,), sys.exc_info()))

    line = json.loads(stream.getvalue())
    assert (line["level"], line["logger"], line["message"]) == ("error", "a.b", "Broke at 7")
    assert "ValueError: München" in line["traceback"]


def test_json_lines_name_the_report_that_is_at_fault() -> None:
    at_fault = record()
    at_fault.__dict__ |= {"report": "0a1b", "subject": "s-1", "other": "not ours"}
    line = json.loads(JsonFormatter().format(at_fault))
    assert {name: line.get(name) for name in ("report", "subject", "source", "other")} == {
        "report": "0a1b",
        "subject": "s-1",
        "source": None,
        "other": None,
    }
