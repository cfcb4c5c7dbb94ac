"""Run the service under uvicorn."""

from collections.abc import Mapping

import uvicorn

from schema.settings import read_settings
from service.app import create_app
from service.settings import ServiceSettings

DRAIN_SECONDS = 2  # for open requests and sockets, before they are cut


def serve(environ: Mapping[str, str]) -> None:
    """Answer until SIGINT or SIGTERM. Raises SettingsError on a wrong variable."""
    settings = read_settings(ServiceSettings, environ)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        access_log=False,
    )
