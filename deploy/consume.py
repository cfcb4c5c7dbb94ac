"""Run ingest until it is told to stop."""

import asyncio
import gc
import signal
from collections.abc import Mapping

from ingest.consumer import run_ingest
from ingest.metrics import served_metrics
from ingest.settings import IngestSettings
from schema.settings import read_settings

GARBAGE_OBJECTS = 50_000
"""A batch makes tens of thousands of objects and no cycles: looking for those every 700 takes a fifth of the time."""


def consume(environ: Mapping[str, str]) -> None:
    """Consume until SIGINT or SIGTERM, and finish what is in flight. Raises SettingsError on a wrong variable."""
    gc.set_threshold(GARBAGE_OBJECTS)
    settings = read_settings(IngestSettings, environ)
    with served_metrics(settings):
        asyncio.run(_until_told(settings))


async def _until_told(settings: IngestSettings) -> None:
    stop = asyncio.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, stop.set)
    await run_ingest(settings, stop)
