"""Commands that send to Kafka, or read again what is there."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from deploy.commands.options import (
    FAILED,
    SEED,
    file_argument,
    format_option,
    given_environ,
    home_option,
    kafka_option,
    servers_of,
)


@click.command()
@home_option
@kafka_option
@file_argument
@format_option(
    "events: one CloudEvent in JSON a line. ai-jobs: the CSV of ai-jobs.net salaries. auto: by the file's name."
)
def send(file: Path, format_name: str, home: Path | None, kafka: str | None) -> None:
    """Send the reports in FILE to Kafka.

    `-` is standard input, for events. Sending a file again counts nothing twice. Exits with 1 where Kafka refused
    some of them.
    """
    from deploy.send import send_file

    _answer(lambda environ, console: send_file(file, format_name, environ, console), home, kafka)


@click.command()
@home_option
@click.option(
    "--reports", type=click.IntRange(min=1), default=20_000, show_default=True, metavar="N", help="How many reports."
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="The same seed sends the same reports.")
@click.option(
    "--out", type=click.Path(path_type=Path, allow_dash=True), help="Write them to a file (`send` reads it) instead."
)
@kafka_option
def demo(reports: int, seed: int, out: Path | None, home: Path | None, kafka: str | None) -> None:
    """Send synthetic reports to Kafka.

    They are labelled so, and have the quirks of real ones.
    """
    from deploy.send import send_demo, write_demo

    if out:
        click.echo(write_demo(reports, seed, out), err=True)
    else:
        _answer(lambda environ, console: send_demo(reports, seed, environ, console), home, kafka)


def _answer(send: Callable[..., Any], home: Path | None, kafka: str | None) -> None:
    from rich.console import Console

    from deploy.home import environ_with_stack
    from deploy.send import describe

    summary = send(environ_with_stack(given_environ(home=home, kafka=kafka), needs=("kafka",)), Console(stderr=True))
    click.echo(describe(summary))
    sys.exit(FAILED if summary.failed else 0)


@click.command("replay")
@home_option
@click.option("--afresh", is_flag=True, help="Begin at the beginning, also where an interrupted replay would go on.")
def replay_all(home: Path | None, afresh: bool) -> None:
    """Read the whole topic again.

    What better vocabularies make of it replaces what is stored, while ingest and the service go on: a document gives
    way only to a newer version of its report, or to the same version as read by a newer normaliser, so nothing counts
    twice and no newer report is undone. It reads what is in the topic when it begins; after Ctrl-C the next replay goes
    on there. Where the normaliser's version is that of the documents, nothing changes.

    Exits with 1 where it was stopped before the end.
    """
    from rich.console import Console

    from deploy.replay import describe, replay_topic

    done = replay_topic(servers_of(home), Console(stderr=True), afresh=afresh)
    click.echo(describe(done))
    sys.exit(FAILED if done.left else 0)
