"""How a dry run is shown: rows for people, lines of JSON for programs, and what was not understood at the end."""

from collections import Counter
from collections.abc import Iterator

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.normalise import Tally
from deploy.normalise.texts import Outcome, Reading
from schema.vocabulary import MatchKind

FIELD_WIDTH, MATCH_WIDTH = 15, 5
SHARES = {"Given": 5, "Becomes": 4, "From": 4}
"""Of the terminal's width that is left: fixed, so that rows can be printed as they come and still stand in columns."""
STYLES = {MatchKind.EXACT: "green", MatchKind.ALIAS: "cyan", MatchKind.FUZZY: "yellow", MatchKind.NONE: "red"}


class Rows:
    """Prints outcomes as rows of one table, each as soon as it is there."""

    def __init__(self, console: Console) -> None:
        self._console, self._begun = console, False

    def __call__(self, outcome: Outcome) -> None:
        """Print one outcome; a whole event has its name above its rows."""
        table = Table(box=None, show_header=not self._begun, pad_edge=False, expand=True, header_style="bold")
        table.add_column("Given", ratio=SHARES["Given"], overflow="fold")
        table.add_column("Field", width=FIELD_WIDTH)
        table.add_column("Becomes", ratio=SHARES["Becomes"], overflow="fold")
        table.add_column("Match", width=MATCH_WIDTH)
        table.add_column("From", ratio=SHARES["From"], overflow="fold")
        self._begun = True
        before = outcome.name
        if any(reading.given != outcome.name for reading in outcome.readings) or not outcome.readings:
            table.add_row(Text(outcome.name, style="bold"))
        for reading in outcome.readings:
            given = "" if reading.given == before and reading is not outcome.readings[0] else reading.given
            table.add_row(Text(given), *_cells(reading))
            before = reading.given
        if outcome.rejection:
            table.add_row("", Text("rejected", style="red"), Text(str(outcome.rejection.reason)))
        self._console.print(table)
        if outcome.rejection:
            self._console.print(Text(f"  {outcome.rejection}", style="red"))


def _cells(reading: Reading) -> Iterator[Text]:
    yield Text(reading.field)
    yield Text(reading.value or "not known", style="" if reading.value else "red")
    yield Text("") if reading.match is None else Text(reading.match.name, style=STYLES[reading.match])
    yield Text(reading.source, style="dim")


def json_line(outcome: Outcome) -> str:
    """Return an outcome as one line of JSON: `name`, `readings`, and `rejection` where ingest would set it aside."""
    line: dict[str, object] = {"name": outcome.name, "readings": [_json_reading(each) for each in outcome.readings]}
    if outcome.rejection:
        why = outcome.rejection
        line["rejection"] = {"reason": why.reason, "path": why.path, "message": why.detail}
    return msgspec.json.encode(line).decode()


def _json_reading(reading: Reading) -> dict[str, str | None]:
    confidence = None if reading.match is None else reading.match.name
    return {**reading._asdict(), "match": confidence}


def json_unknown(tally: Tally, most: int) -> Iterator[str]:
    """Yield each of the most frequent texts that were not understood as one line of JSON, subject by subject."""
    for subject, texts in _by_subject(tally.unknown).items():
        for text, count in texts.most_common(most):
            yield msgspec.json.encode({"subject": subject, "text": text, "count": count}).decode()


def print_unknown(tally: Tally, most: int, console: Console) -> None:
    """Print how many lines there were, and the most frequent texts that were not understood, subject by subject."""
    lines = "line" if tally.lines == 1 else "lines"
    set_aside = f", of which ingest would set {tally.rejected:,} aside" if tally.rejected else ""
    console.print(f"\n{tally.lines:,} {lines}{set_aside}.")
    for subject, texts in _by_subject(tally.unknown).items():
        console.print(f"\n{subject}: no word of ours for {texts.total():,}, {len(texts):,} of them different:")
        for text, count in texts.most_common(most):
            console.print(Text(f"{count:>9,}  {text}"), overflow="ellipsis", no_wrap=True)
        if len(texts) > most:
            console.print(f"{'':>9}  and {len(texts) - most:,} more (--top shows more)")


def _by_subject(unknown: Counter[tuple[str, str]]) -> dict[str, Counter[str]]:
    subjects: dict[str, Counter[str]] = {}
    for (subject, text), count in unknown.items():
        subjects.setdefault(subject, Counter())[text] = count
    return subjects
