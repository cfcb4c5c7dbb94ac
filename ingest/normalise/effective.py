"""Dates: when a report's pay took effect, and whether an event's time can be true. Nothing here asks the clock."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from ingest.normalise.text import CACHED_STRINGS
from schema.errors import Rejection
from schema.vocabulary import RejectionReason

EARLIEST = date(1990, 1, 1)
LATEST_AHEAD = timedelta(days=366)
"""An offer or a posting may be for a job that begins next year."""

CLOCK_SKEW = timedelta(days=1)
"""What a producer's clock may be ahead: an event from far in the future could never be corrected by a later one."""

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ]\S+)?)?)?\Z")
_PATH = "$.data.effective"


def check_time(time: datetime, received: datetime) -> None:
    """Raise Rejection OUT_OF_RANGE where an event says that it happened more than a day after it was received."""
    if time - received > CLOCK_SKEW:
        raise Rejection(RejectionReason.OUT_OF_RANGE, "$.time", f"{time.isoformat()} is after it was received")


def read_effective(text: str, time: datetime) -> date:
    """Return the day from YYYY (1 July), YYYY-MM (the 1st), YYYY-MM-DD or an RFC 3339 timestamp.

    Raises Rejection WRONG_TYPE where it is none of these, OUT_OF_RANGE where it is no day, before 1990, or more than
    366 days after `time`.
    """
    day = _read(text.strip())
    if day < EARLIEST or day - time.date() > LATEST_AHEAD:
        raise Rejection(RejectionReason.OUT_OF_RANGE, _PATH, f"{day}; from {EARLIEST} to a year after the event")
    return day


@lru_cache(CACHED_STRINGS)
def _read(text: str) -> date:
    written = _DATE.match(text)
    if not written:
        raise Rejection(RejectionReason.WRONG_TYPE, _PATH, f"{text!r} is not YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = written.groups()
    try:
        return date(int(year), int(month or 7), int(day or 1))
    except ValueError as error:
        raise Rejection(RejectionReason.OUT_OF_RANGE, _PATH, f"{text!r}: {error}") from error
