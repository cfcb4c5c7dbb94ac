"""Logs: lines of JSON for machines, plain lines for a terminal, and no flood from aiokafka while a broker is down."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from typing import TextIO

AIOKAFKA = "aiokafka"
REPEAT_SECONDS = 10.0
"""How often the same line of aiokafka's code may speak: while a broker is down it says thousands of times the same."""

OF_A_REPORT = ("report", "source", "subject", "place")
"""What a line may carry, as `extra`, where a report is at fault: `report` is its document's id, or its event's."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the report and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in OF_A_REPORT if name in record.__dict__}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class RepeatFilter(logging.Filter):
    """Lets a line of aiokafka's code speak once every REPEAT_SECONDS, and says how often it was silenced."""

    def __init__(self) -> None:
        super().__init__()
        self._spoken: dict[tuple[str, int], float] = {}
        self._silenced: dict[tuple[str, int], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record may pass."""
        if record.name.partition(".")[0] != AIOKAFKA:
            return True
        place, now = (record.name, record.lineno), time.monotonic()
        if now - self._spoken.get(place, -REPEAT_SECONDS) < REPEAT_SECONDS:
            self._silenced[place] = self._silenced.get(place, 0) + 1
            return False
        self._spoken[place] = now
        if repeated := self._silenced.pop(place, 0):
            record.msg = f"{record.msg} (and {repeated:,} more like this)"
        return True


def configure_logging(stream: TextIO | None = None) -> None:
    """Send logs to `stream` (stderr), unless somebody has configured logging already; quieten aiokafka in any case."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    if not stream.isatty():
        handler.setFormatter(JsonFormatter())
    else:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S"))
    if not logging.root.handlers:
        logging.root.addHandler(handler)
        logging.root.setLevel(logging.INFO)
    logging.getLogger(AIOKAFKA).setLevel(logging.WARNING)
    for present in logging.root.handlers:  # a logger's filter is not inherited
        if not any(isinstance(each, RepeatFilter) for each in present.filters):
            present.addFilter(RepeatFilter())
