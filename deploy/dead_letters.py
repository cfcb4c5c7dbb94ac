"""`paygauge dead-letters`: what was set aside, why and how often, and once more from the start."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.dead_letters import DeadLetter, list_dead_letters
from ingest.replay import replay_dead_letters
from ingest.settings import IngestSettings
from schema.errors import PaygaugeError
from schema.settings import read_settings


class NoSuchDeadLetter(PaygaugeError):
    """There is no such dead letter: `paygauge dead-letters list` shows their places."""


JSON_FIELDS = ("place", "at", "reason", "path", "message")


def read(environ: Mapping[str, str], reasons: Collection[str] = ()) -> list[DeadLetter]:
    """Return the dead letters that are there now, oldest first, of these reasons or of all. Raises Unavailable."""

    async def gather() -> list[DeadLetter]:
        return [letter async for letter in list_dead_letters(read_settings(IngestSettings, environ), reasons)]

    return asyncio.run(gather())


def replay(environ: Mapping[str, str], reasons: Collection[str] = ()) -> str:
    """Send the dead letters of these reasons, or all, again and return what became of them. Raises Unavailable."""
    done = asyncio.run(replay_dead_letters(read_settings(IngestSettings, environ), reasons))
    return f"Sent {done.sent:,} again; {done.before:,} were sent before, {done.truncated:,} are not there as a whole."


def print_list(letters: list[DeadLetter]) -> None:
    """Print dead letters, one a line: place, when it was set aside, reason, where in the message, what."""
    for letter in letters:
        click.echo(f"{letter.place}  {letter.at:%Y-%m-%d %H:%M:%S}  {letter.reason:<16}  {_what(letter)}")


def json_lines(letters: list[DeadLetter]) -> Iterator[str]:
    """Yield each dead letter as one line of JSON; bytes that are no UTF-8 become U+FFFD."""
    for letter in letters:
        line = {name: getattr(letter, name) for name in JSON_FIELDS} | letter.names() | {"value": _text(letter.value)}
        yield msgspec.json.encode(line).decode()


def print_one(place: str, letters: list[DeadLetter]) -> None:
    """Print all of one dead letter: why, its headers and its bytes. Raises NoSuchDeadLetter."""
    letter = next((letter for letter in letters if letter.place == place), None)
    if letter is None:
        raise NoSuchDeadLetter(f"{place} is none.")
    click.echo(f"{letter.reason}: {_what(letter)}")
    click.echo(f"at {letter.place}, {letter.at.isoformat()}, by normaliser {letter.normaliser}")
    for name, value in letter.headers:
        click.echo(f"{name}: {_text(value)}")
    click.echo()
    click.echo(_text(letter.value))
    if letter.is_truncated:
        click.echo("(only its beginning was kept)", err=True)


def print_stats(letters: list[DeadLetter], console: Console) -> None:
    """Print how many dead letters there are by reason and source, the most first."""
    table = Table("Count", "Reason", "Source", box=None, pad_edge=False)
    counts = Counter((letter.reason, letter.names()["source"] or "(unreadable)") for letter in letters)
    for (reason, source), count in counts.most_common():
        table.add_row(f"{count:,}", Text(reason), Text(source))
    console.print(table)
    console.print(f"{len(letters):,} dead letters.")


def _what(letter: DeadLetter) -> str:
    return f"{letter.path}: {letter.message}" if letter.path else letter.message


def _text(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")
