"""What several commands take, and how they find the servers that they work on."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

FAILED, REFUSED = 1, 2  # exit codes: something ended that should run; what was asked for cannot be done
SEED = 7

home_option = click.option(
    "--home",
    envvar="PAYGAUGE_HOME",
    type=click.Path(path_type=Path),
    help="Folder of the data and logs. Default: paygauge in the user's data directory. [env: PAYGAUGE_HOME]",
)

kafka_option = click.option(
    "--kafka", metavar="HOST:PORT", help="Kafka to send to. Default: that of the running stack. [env: PAYGAUGE_KAFKA]"
)


file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))


def format_option(text: str) -> Callable[[Command], Command]:
    """Return the option that says what reports in a file are written in; its help says what that means here."""
    formats = click.Choice(["auto", "events", "ai-jobs"])
    return click.option("--format", "format_name", type=formats, default="auto", show_default=True, help=text)


reason_option = click.option("--reason", multiple=True, help="Only this reason; may be given more than once.")
url_option = click.option("--url", help="Address of the service. Default: that of the stack that runs on the home.")


def given_environ(**options: object) -> dict[str, str]:
    """Return the environment with these options, where they were given, as variables."""
    given = {f"PAYGAUGE_{name.upper()}": str(value) for name, value in options.items() if value is not None}
    return {**os.environ, **given}


def servers_of(home: Path | None) -> dict[str, str]:
    """Return the environment with the addresses of Kafka and MongoDB. Raises NothingRuns where there are none."""
    from deploy.home import environ_with_stack

    return environ_with_stack(given_environ(home=home))
