"""Commands that show what is there."""

import sys
from pathlib import Path

import click

from deploy.commands.options import FAILED, given_environ, home_option, servers_of, url_option


@click.command()
@home_option
@url_option
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

    found = ask_figures(url or url_of_service(given_environ(home=home)), currency)
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print_figures(found, Console())


@click.command()
@home_option
@url_option
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

    environ = servers_of(home)
    found = read_status(environ, url or url_of_service(environ))
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        print_status(found, Console(highlight=False, soft_wrap=True))
    sys.exit(FAILED if found.trouble else 0)


@click.command()
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
