"""The command that shows what normalisation makes of texts and events."""

import sys
from pathlib import Path

import click

from deploy.commands.options import FAILED, file_argument, format_option

SUBJECTS = [
    *("title", "level", "specialization", "place", "pay", "company", "size", "industry", "degree", "field", "skill"),
    *("work-mode", "employment", "pay-policy"),
]
"""What `normalise` reads; a test holds them against deploy.normalise, which takes a second to import."""


@click.command()
@file_argument
@click.option("--as", "subject", type=click.Choice(SUBJECTS), help="What each line is, where they are free text.")
@format_option("What whole reports are written in, as for `send`; auto: by the file's name.")
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
