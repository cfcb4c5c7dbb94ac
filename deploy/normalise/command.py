"""The course of a dry run: where its rows, its lines of JSON, its progress and its end go."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.normalise import Tally, dry_run, kind_of, read_outcomes
from deploy.normalise.printing import Rows, json_line, json_unknown, print_unknown
from deploy.normalise.texts import Circumstances, Outcome
from deploy.send import count_lines, reading


class Choices(NamedTuple):
    """How a dry run is shown."""

    top: int
    only_unknown: bool
    as_json: bool


def run(path: Path, subject: str | None, format_name: str, beside: Circumstances, choices: Choices) -> Tally:
    """Show what becomes of each line, then what was not understood. Raises NotSaid, Unreadable, NotAiJobs."""
    outcomes = read_outcomes(path, kind_of(path, subject, format_name), subject, beside)
    stdout, stderr = Console(highlight=False, soft_wrap=False), Console(stderr=True, highlight=False)
    show: Callable[[Outcome], None] = Rows(stdout)
    if choices.only_unknown:
        show = _nothing
    elif choices.as_json:
        show = _print_json
    # rows on a terminal are their own progress
    quiet = not stderr.is_terminal or (stdout.is_terminal and not choices.only_unknown)
    tally = dry_run(outcomes if quiet else _with_progress(outcomes, path, stderr), show)
    if choices.only_unknown and choices.as_json:
        for line in json_unknown(tally, choices.top):
            click.echo(line)
    else:
        print_unknown(tally, choices.top, stderr if choices.as_json else stdout)
    return tally


def _with_progress(outcomes: Iterator[Outcome], path: Path, console: Console) -> Iterator[Outcome]:
    columns = TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with reading(path):
        total = count_lines(path)
    with Progress(*columns, console=console, transient=True) as progress:
        yield from progress.track(outcomes, total=total)


def _print_json(outcome: Outcome) -> None:
    click.echo(json_line(outcome))


def _nothing(_: Outcome) -> None:
    return
