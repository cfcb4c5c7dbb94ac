"""The command `paygauge`: parse, call, answer. Each sub-command imports what it needs, so that `--help` is quick."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from schema.errors import PaygaugeError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
FAILED, REFUSED = 1, 2  # exit codes: something ended that should run; what was asked for cannot be done
SEED = 7
SUBJECTS = [
    *("title", "level", "specialization", "place", "pay", "company", "size", "industry", "degree", "field", "skill"),
    *("work-mode", "employment", "pay-policy"),
]
"""What `normalise` reads; a test holds them against deploy.normalise, which takes a second to import."""

home_option = click.option(
    "--home",
    envvar="PAYGAUGE_HOME",
    type=click.Path(path_type=Path),
    help="Folder of the data and logs. Default: paygauge in the user's data directory. [env: PAYGAUGE_HOME]",
)

kafka_option = click.option(
    "--kafka", metavar="HOST:PORT", help="Kafka to send to. Default: that of the running stack. [env: PAYGAUGE_KAFKA]"
)


class Commands(click.Group):
    """A group whose commands end with one sentence where Paygauge knows what is wrong, and never with a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes a sentence on stderr and an exit code."""
        try:
            return super().invoke(ctx)
        except PaygaugeError as error:
            from deploy.embedded.process import ProcessFailed

            click.echo(f"Error: {error}", err=True)
            ctx.exit(FAILED if isinstance(error, ProcessFailed) else REFUSED)


@click.group(cls=Commands, context_settings=CONTEXT)
@click.version_option(package_name="paygauge")
def main() -> None:
    """What machine-learning engineers really earn: honest figures from streamed salary reports.

    `paygauge up` starts everything on this machine. The other commands work on the stack that runs on the same home,
    or on the servers that PAYGAUGE_KAFKA and PAYGAUGE_MONGO name.
    """
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it warns of, it also raises


@main.command()
@home_option
@click.option("--host", help="Address to answer on. Default: 127.0.0.1. [env: PAYGAUGE_HOST]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to answer on. Default: 8000. [env: PAYGAUGE_PORT]")
@click.option("--demo/--no-demo", default=True, help="Fill an empty store with synthetic reports. Default: --demo.")
@click.option(
    "--demo-reports",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    metavar="N",
    help="How many reports the demo has.",
)
@click.option("--seed", type=int, default=SEED, show_default=True, help="Seed of the demo.")
def up(home: Path | None, host: str | None, port: int | None, demo: bool, demo_reports: int, seed: int) -> None:
    """Start everything on this machine.

    That is Kafka, MongoDB, ingest and the service; Ctrl-C stops them. Where PAYGAUGE_KAFKA or PAYGAUGE_MONGO names a
    server, that one is used instead. Data and logs stay in the home; Kafka's jars are downloaded once, to
    PAYGAUGE_DOWNLOADS (default: paygauge in the user's cache directory).
    """
    from deploy.up import Demo, bring_up

    bring_up(_environ(home=home, host=host, port=port), Demo(demo_reports, seed) if demo else None)


@main.command()
def serve() -> None:
    """Answer GraphQL from what MongoDB holds.

    Runs until interrupted. Reads PAYGAUGE_MONGO, PAYGAUGE_DATABASE, PAYGAUGE_HOST and PAYGAUGE_PORT.
    """
    from deploy.serve import serve as run

    run(os.environ)


@main.command()
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="How many processes share the partitions; each uses one core.",
)
def ingest(processes: int) -> None:
    """Bring events from Kafka into MongoDB.

    Runs until interrupted. Reads PAYGAUGE_KAFKA, PAYGAUGE_MONGO, PAYGAUGE_DATABASE, PAYGAUGE_TOPIC, PAYGAUGE_GROUP
    and the PAYGAUGE_KAFKA_* options for SASL and TLS. Several may run at once: they share the topic's partitions.
    """
    from deploy.consume import consume

    consume(os.environ, processes)


@main.command()
@home_option
@kafka_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["auto", "events", "ai-jobs"]),
    default="auto",
    show_default=True,
    help="events: one CloudEvent in JSON a line. ai-jobs: the CSV of ai-jobs.net salaries. auto: by the file's name.",
)
def send(file: Path, format_name: str, home: Path | None, kafka: str | None) -> None:
    """Send the reports in FILE to Kafka.

    `-` is standard input, for events. Sending a file again counts nothing twice. Exits with 1 where Kafka refused
    some of them.
    """
    from deploy.send import send_file

    _answer(lambda environ, console: send_file(file, format_name, environ, console), home, kafka)


@main.command("replay")
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

    done = replay_topic(_servers(home), Console(stderr=True), afresh=afresh)
    click.echo(describe(done))
    sys.exit(FAILED if done.left else 0)


@main.command()
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


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--as", "subject", type=click.Choice(SUBJECTS), help="What each line is, where they are free text.")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["auto", "events", "ai-jobs"]),
    default="auto",
    show_default=True,
    help="What whole reports are written in, as for `send`; auto: by the file's name.",
)
@click.option("--company", help="Whose levels the titles and levels are, as in a report of this employer.")
@click.option("--currency", default="USD", show_default=True, help="The currency that pay as text is said to be in.")
@click.option(
    "--top", type=click.IntRange(min=0), default=20, show_default=True, help="How many unknown texts to list."
)
@click.option("--only-unknown", is_flag=True, help="List the texts that were not understood, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines on a terminal too, as they are in a pipe.")
def normalise(
    file: Path,
    subject: str | None,
    format_name: str,
    company: str | None,
    currency: str,
    top: int,
    only_unknown: bool,
    as_json: bool,
) -> None:
    """Show what becomes of texts and events.

    A dry run that needs no server: FILE has one text a line, of the subject that --as names, or whole reports as `send`
    takes them; `-` is standard input. Each field is shown with its value, how surely it was found (EXACT a word of
    ours, ALIAS another name of it, FUZZY a slip of the fingers away, NONE) and from what; then, by subject, the most
    frequent texts that were not understood, which an editor may add to schema/terms. On a terminal it is a table, in a
    pipe lines of JSON with what was not understood on stderr. Exits with 1 where ingest would set some aside.
    """
    from deploy.normalise.command import Choices, run
    from deploy.normalise.texts import Circumstances

    if subject and format_name != "auto":
        raise click.UsageError("--as is for free text and --format for whole reports: give one of them.")
    choices = Choices(top, only_unknown, as_json or not sys.stdout.isatty())
    tally = run(file, subject, format_name, Circumstances(company, currency), choices)
    sys.exit(FAILED if tally.rejected else 0)


@main.group("dead-letters")
def dead_letters() -> None:
    """Look at messages that were set aside."""


reason_option = click.option("--reason", multiple=True, help="Only this reason; may be given more than once.")


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

    letters = read(_servers(home), reason)[-last:]
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

    print_one(place, read(_servers(home)))


@dead_letters.command()
@home_option
@reason_option
def stats(home: Path | None, reason: tuple[str, ...]) -> None:
    """Count dead letters by reason and source."""
    from rich.console import Console

    from deploy.dead_letters import print_stats, read

    print_stats(read(_servers(home), reason), Console())


@dead_letters.command()
@home_option
@reason_option
def replay(home: Path | None, reason: tuple[str, ...]) -> None:
    """Send dead letters again.

    They go to the topic of reports, each once, however often this runs: what a better vocabulary now accepts becomes a
    report, what is still wrong becomes a dead letter of its new place.
    """
    from deploy.dead_letters import replay as run

    click.echo(run(_servers(home), reason))


@main.group()
def keys() -> None:
    """Make and revoke keys of clients."""


@keys.command("create")
@home_option
@click.option("--scope", "scopes", multiple=True, required=True, help="What it allows; may be given more than once.")
@click.option("--name", default="", help="Whose it is, for people.")
def create_key(home: Path | None, scopes: tuple[str, ...], name: str) -> None:
    """Make a key and print it, this once.

    Scopes are reports:write (send reports and follow them) and figures:analyst. Only the key's hash is kept.
    """
    from deploy.keys import create
    from service.keys import Scope

    known = {scope.value: scope for scope in Scope}
    if wrong := [scope for scope in scopes if scope not in known]:
        raise click.BadParameter(f"{wrong[0]!r} is none of {', '.join(known)}.", param_hint="--scope")
    click.echo(create(_mongo(home), name, [known[scope] for scope in dict.fromkeys(scopes)]))


@keys.command("list")
@home_option
def list_keys(home: Path | None) -> None:
    """List the keys by their beginnings."""
    from rich.console import Console

    from deploy.keys import listed, print_list

    print_list(listed(_mongo(home)), Console())


@keys.command("revoke")
@home_option
@click.argument("beginning")
def revoke_key(home: Path | None, beginning: str) -> None:
    """Revoke a key.

    The service refuses it within seconds. BEGINNING is what `list` shows of it.
    """
    from deploy.keys import revoke

    click.echo(f"Revoked: {revoke(_mongo(home), beginning) or beginning}")


@main.command()
@home_option
@click.option("--url", help="Address of the service. Default: that of the stack that runs on the home.")
@click.option("--currency", default="USD", show_default=True, help="Currency of the amounts, ISO 4217.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, each with the GraphQL query that reproduces it.")
def figures(home: Path | None, url: str | None, currency: str, as_json: bool) -> None:
    """Show the 32 figures of the field.

    The running service computes them from what it holds, each by the GraphQL query that --json shows.
    """
    import json

    from rich.console import Console

    from deploy.figures import ask_figures, print_figures
    from deploy.home import url_of_service

    found = ask_figures(url or url_of_service(_environ(home=home)), currency)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print_figures(found, Console())


@main.command()
@home_option
@click.option("--url", help="Address of the service. Default: that of the stack that runs on the home.")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def status(home: Path | None, url: str | None, as_json: bool) -> None:
    """Show how far behind everything is.

    That is the lag of each partition and the rates, what was set aside, what the service holds and how fresh it is.
    Exits with 1 where a server does not answer.
    """
    import msgspec
    from rich.console import Console

    from deploy.home import url_of_service
    from deploy.status import print_status, read_status

    environ = _servers(home)
    found = read_status(environ, url or url_of_service(environ))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_status(found, Console(highlight=False, soft_wrap=True))
    sys.exit(FAILED if found.trouble else 0)


@main.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to write to. Default: schema/, where the contracts are kept.",
)
def contracts(folder: Path | None) -> None:
    """Write the contracts from the code.

    They are GraphQL's SDL, the JSON Schema of an event, and the AsyncAPI document.
    """
    from deploy.contracts import write_contracts

    for path in write_contracts(folder):
        click.echo(path)


def _answer(send: Callable[..., Any], home: Path | None, kafka: str | None) -> None:
    from rich.console import Console

    from deploy.home import environ_with_stack
    from deploy.send import describe

    summary = send(environ_with_stack(_environ(home=home, kafka=kafka), needs=("kafka",)), Console(stderr=True))
    click.echo(describe(summary))
    sys.exit(FAILED if summary.failed else 0)


def _mongo(home: Path | None) -> dict[str, str]:
    from deploy.home import environ_with_stack

    return environ_with_stack(_environ(home=home), needs=("mongo",))


def _servers(home: Path | None) -> dict[str, str]:
    from deploy.home import environ_with_stack

    return environ_with_stack(_environ(home=home))


def _environ(**options: object) -> dict[str, str]:
    given = {f"PAYGAUGE_{name.upper()}": str(value) for name, value in options.items() if value is not None}
    return {**os.environ, **given}


if __name__ == "__main__":
    main()
