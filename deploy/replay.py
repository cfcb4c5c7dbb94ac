"""`paygauge replay`: the whole topic once more, with a progress bar, and what it changed."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ingest.normalise import NORMALISER_VERSION
from ingest.reprocess import Reprocessed, Reprocessing
from ingest.settings import IngestSettings
from schema.errors import Unavailable
from schema.settings import read_settings

STOP_SECONDS = 8.0
GO_ON = "`paygauge replay` goes on there"


def replay_topic(environ: Mapping[str, str], console: Console, *, afresh: bool) -> Reprocessed:
    """Read the whole topic again until its end, SIGINT or SIGTERM. Raises Unavailable and IngestStopped."""
    reprocessing = Reprocessing(read_settings(IngestSettings, environ))
    done = reprocessing.done
    columns = TextColumn("reading again"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=None)

        async def run() -> None:
            stop, working = asyncio.Event(), asyncio.current_task()

            def end() -> None:
                stop.set()
                if working:  # a server that does not answer must not keep anybody here
                    asyncio.get_running_loop().call_later(STOP_SECONDS, working.cancel)

            for told in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(told, end)
            await reprocessing.run(
                stop, lambda: progress.update(task, completed=done.read, total=done.total), afresh=afresh
            )

        try:
            with suppress(asyncio.CancelledError):
                asyncio.run(run())
        except Unavailable as error:
            raise Unavailable(f"{error.detail} {GO_ON} when it answers again.") from error
    return done


def describe(done: Reprocessed) -> str:
    """Return what a replay did, for people."""
    fields = ", ".join(f"{name} {count:,}" for name, count in done.fields.most_common())
    what = [f"{done.changed:,} documents changed" + (f" ({fields})" if fields else "")]
    what += [f"{done.added:,} were added"] if done.added else []
    what += [f"{done.rejected:,} messages are rejected and changed nothing"] if done.rejected else []
    if done.left:
        return f"Stopped at {done.read:,} of {done.total:,} messages; {GO_ON}. So far {'; '.join(what)}."
    return f"Read {done.total:,} messages with normaliser {NORMALISER_VERSION}: {'; '.join(what)}."
