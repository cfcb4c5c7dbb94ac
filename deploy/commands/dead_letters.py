"""Commands on the messages that were set aside."""

from pathlib import Path

import click

from deploy.commands.options import home_option, reason_option, servers_of


@click.group("dead-letters")
def dead_letters() -> None:
    """Look at messages that were set aside."""


@dead_letters.command("list")
@home_option
@reason_option
@click.option(
    "--last", type=click.IntRange(min=1), default=50, show_default=True, help="At most this many, the newest."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with the message itself.")
def list_(home: Path | None, reason: tuple[str, ...], last: int, as_json: bool) -> None:
    """List dead letters, the newest last."""
    from deploy.dead_letters import json_lines, print_list, read

    letters = read(servers_of(home), reason)[-last:]
    if as_json:
        for line in json_lines(letters):
            click.echo(line)
    else:
        print_list(letters)


@dead_letters.command()
@home_option
@click.argument("place")
def show(place: str, home: Path | None) -> None:
    """Show all of one dead letter.

    PLACE is topic/partition/offset, as `list` prints it.
    """
    from deploy.dead_letters import print_one, read

    print_one(place, read(servers_of(home)))


@dead_letters.command()
@home_option
@reason_option
def stats(home: Path | None, reason: tuple[str, ...]) -> None:
    """Count dead letters by reason and source."""
    from rich.console import Console

    from deploy.dead_letters import print_stats, read

    print_stats(read(servers_of(home), reason), Console())


@dead_letters.command()
@home_option
@reason_option
def replay(home: Path | None, reason: tuple[str, ...]) -> None:
    """Send dead letters again.

    They go to the topic of reports, each once, however often this runs: what a better vocabulary now accepts becomes a
    report, what is still wrong becomes a dead letter of its new place.
    """
    from deploy.dead_letters import replay as run

    click.echo(run(servers_of(home), reason))
