"""Commands on the keys of clients."""

from pathlib import Path

import click

from deploy.commands.options import given_environ, home_option


@click.group()
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


def _mongo(home: Path | None) -> dict[str, str]:
    from deploy.home import environ_with_stack

    return environ_with_stack(given_environ(home=home), needs=("mongo",))
