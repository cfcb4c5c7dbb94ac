"""`paygauge normalise`: a dry run of the normaliser, and the texts that an editor may teach it."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from deploy.normalise.events import read_event
from deploy.normalise.texts import Circumstances, Outcome, read_text
from deploy.send import AUTO, READERS, format_of, reading
from deploy.sources.events import read_lines
from schema.errors import PaygaugeError

TEXT = "text"
EVENT_NAMES = (".jsonl", ".ndjson", ".json", ".csv")


class NotSaid(PaygaugeError):
    """What the lines are is not told by the file's name: say it with --as, or with --format for whole events."""


class Tally(NamedTuple):
    """How many lines there were, how many of them ingest would set aside, and which texts were not understood."""

    unknown: Counter[tuple[str, str]]
    lines: int = 0
    rejected: int = 0


def kind_of(path: Path, subject: str | None, format_name: str) -> str:
    """Return what the lines are: `text` where a subject is given, else one of READERS. Raises NotSaid."""
    if subject:
        return TEXT
    if format_name != AUTO:
        return format_name
    if not path.name.lower().removesuffix(".gz").endswith(EVENT_NAMES):
        raise NotSaid(f"{path}.")
    return format_of(path)


def read_outcomes(path: Path, kind: str, subject: str | None, beside: Circumstances) -> Iterator[Outcome]:
    """Yield what becomes of each line that is not blank. Raises Unreadable, and what the reader of a format raises."""
    with reading(path):
        if subject:
            for line in read_lines(path):
                yield read_text(subject, line.decode("utf-8-sig"), beside)
        else:
            for message in READERS[kind](path):
                yield read_event(message)


def dry_run(outcomes: Iterator[Outcome], show: Callable[[Outcome], None]) -> Tally:
    """Show each outcome as it comes and return what they add up to; only the texts that are unknown are remembered."""
    unknown: Counter[tuple[str, str]] = Counter()
    lines = rejected = 0
    for outcome in outcomes:
        lines, rejected = lines + 1, rejected + (outcome.rejection is not None)
        unknown.update(outcome.unknown)
        show(outcome)
    return Tally(unknown, lines, rejected)
