"""Run ingest until it is told to stop, in this process or in several that share the partitions."""

import asyncio
import gc
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from deploy.embedded.process import POLL_SECONDS, Process, ProcessFailed
from ingest.consumer import run_ingest
from ingest.metrics import served_metrics
from ingest.settings import IngestSettings
from schema.settings import read_settings

GARBAGE_OBJECTS = 50_000
"""A batch makes tens of thousands of objects and no cycles: looking for those every 700 takes a fifth of the time."""
STOP_SECONDS = 9.0  # ingest promises 8


def consume(environ: Mapping[str, str], processes: int = 1) -> None:
    """Consume until SIGINT or SIGTERM, and finish what is in flight.

    Raises SettingsError on a wrong variable; with several processes ProcessFailed where one ends, and ends the others.
    """
    settings = read_settings(IngestSettings, environ)
    if processes > 1:
        _consume_together([_with_own_port(environ, settings, number) for number in range(processes)])
        return
    gc.set_threshold(GARBAGE_OBJECTS)
    with served_metrics(settings):
        asyncio.run(_until_told(settings))


async def _until_told(settings: IngestSettings) -> None:
    stop = asyncio.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, stop.set)
    await run_ingest(settings, stop)


def _with_own_port(environ: Mapping[str, str], settings: IngestSettings, number: int) -> Mapping[str, str]:
    """Return the environment of one of several processes: each tells Prometheus of itself, on the next port."""
    return {**environ, "PAYGAUGE_METRICS_PORT": str(settings.metrics_port and settings.metrics_port + number)}


def _consume_together(environs: Sequence[Mapping[str, str]]) -> None:
    stop = threading.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, lambda *_: stop.set())
    # -P: a folder called deploy where somebody happens to be is not ours
    argv = [sys.executable, "-P", "-m", "deploy.command", "ingest"]
    with ExitStack() as running:
        processes = [running.enter_context(Process("ingest", argv, None, environ)) for environ in environs]
        try:
            while not stop.wait(POLL_SECONDS):
                _check(processes)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.stop(STOP_SECONDS)


def _check(processes: Sequence[Process]) -> None:
    for number, process in enumerate(processes, 1):
        if not process.running:
            raise ProcessFailed(f"Process {number} of ingest ended with exit code {process.exit_code}.")
