"""The command `paygauge`: parse, call, answer."""

import logging
from typing import Any

import click

from deploy.commands import dead_letters, keys, looking, normalising, running, sending
from deploy.commands.options import FAILED, REFUSED
from schema.errors import PaygaugeError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


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


for command in (
    *(running.up, running.serve, running.ingest),
    *(sending.send, sending.demo, sending.replay_all, normalising.normalise),
    *(dead_letters.dead_letters, keys.keys),
    *(looking.figures, looking.status, looking.contracts),
):
    main.add_command(command)


if __name__ == "__main__":
    main()
