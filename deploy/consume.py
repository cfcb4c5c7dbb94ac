"""Run ingest until it is told to stop."""

import asyncio
import signal
from collections.abc import Mapping

from ingest.consumer import run_ingest
from ingest.settings import IngestSettings
from schema.settings import read_settings


def consume(environ: Mapping[str, str]) -> None:
    """Consume until SIGINT or SIGTERM, and finish what is in flight. Raises SettingsError on a wrong variable."""
    asyncio.run(_until_told(read_settings(IngestSettings, environ)))


async def _until_told(settings: IngestSettings) -> None:
    stop = asyncio.Event()
    for told in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(told, stop.set)
    await run_ingest(settings, stop)
