"""Send a file or the demo to Kafka, with a progress bar, and say what became of it."""

import asyncio
import gzip
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.sources.ai_jobs import read_ai_jobs
from deploy.sources.demo import demo_events
from deploy.sources.events import STDIN, read_events, write_events
from deploy.sources.publish import Message, Summary, publish
from ingest.settings import IngestSettings
from ingest.topics import create_topics
from schema.errors import PaygaugeError
from schema.settings import read_settings

AUTO = "auto"
READERS: Mapping[str, Callable[[Path], Iterable[Message]]] = {"events": read_events, "ai-jobs": read_ai_jobs}


class Unreadable(PaygaugeError):
    """The file cannot be read."""


class Unwritable(PaygaugeError):
    """The file cannot be written."""


def send_file(path: Path, format_name: str, environ: Mapping[str, str], console: Console) -> Summary:
    """Send a file in one of the formats of READERS; `auto` is by its name.

    Raises Unreadable, Unavailable and what the reader raises.
    """
    name = format_of(path) if format_name == AUTO else format_name
    with reading(path):
        return send(READERS[name](path), count_lines(path), environ, console)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise Unreadable where reading the file fails."""
    try:
        yield
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path}: {error}.") from error


def format_of(path: Path) -> str:
    """Return the format that a file's name speaks for: `ai-jobs` for a CSV, else `events`."""
    return "ai-jobs" if path.suffix.lower() == ".csv" else "events"


def send_demo(reports: int, seed: int, environ: Mapping[str, str], console: Console) -> Summary:
    """Send the messages of the demo, which leave exactly this many live reports behind. Raises Unavailable."""
    return send(demo_events(reports, seed), reports, environ, console)


def write_demo(reports: int, seed: int, path: Path) -> str:
    """Write the demo to a file as `send` reads it, and return a sentence about it. Raises Unwritable."""
    try:
        written = write_events(demo_events(reports, seed), path)
    except OSError as error:
        raise Unwritable(f"{path}: {error.strerror}.") from error
    return f"Wrote {written:,} events to {path}."


def send(messages: Iterable[Message], total: int | None, environ: Mapping[str, str], console: Console) -> Summary:
    """Send messages, of which there are about `total`, and return what became of them. Raises Unavailable."""
    settings = read_settings(IngestSettings, environ)
    columns = TextColumn("sending"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(
        SpinnerColumn(), *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=total)

        async def create_and_publish() -> Summary:
            await create_topics(settings)
            return await publish(
                messages,
                settings,
                lambda summary: progress.update(task, completed=summary.sent + summary.failed),
            )

        return asyncio.run(create_and_publish())


def describe(summary: Summary) -> str:
    """Return one or two sentences about what was sent."""
    rate = summary.sent / summary.seconds if summary.seconds else 0.0
    events = "event" if summary.sent == 1 else "events"
    size = f"{summary.bytes / 1e6:.1f} MB in {summary.seconds:.1f} s, {rate:,.0f} a second"
    text = f"Sent {summary.sent:,} {events} ({size})."
    return f"{text}\n{summary.failed:,} failed; the first: {summary.first_failure}" if summary.failed else text


def count_lines(path: Path) -> int | None:
    """Return how many lines a file has; None for standard input."""
    if path == STDIN:
        return None
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
        return sum(1 for _ in lines)
