"""Run the service under uvicorn."""

import gc
import logging
import sys
from collections.abc import Mapping

import uvicorn

from ingest.log import configure_logging
from ingest.settings import IngestSettings, client_options
from schema.settings import describe_settings, read_settings
from service.ahead import Ahead
from service.app import create_app
from service.http import BoundedHTTPProtocol
from service.sections import read_sections
from service.settings import ServiceSettings
from service.websocket import BoundedProtocol

log = logging.getLogger(__name__)

DRAIN_SECONDS = 2  # for open requests and sockets, before they are cut

SWITCH_SECONDS = 0.001
"""How long a thread that computes may keep the event loop waiting each time that this comes back from the kernel."""
GARBAGE_THRESHOLDS = 20_000, 2, 2
"""How many objects are made before cycles among them are looked for: a large answer has thousands, and no cycle. All
objects Python hardly ever looks at, and never often enough for old snapshots: Layers does."""


def serve(environ: Mapping[str, str], ahead: Ahead | None = None) -> None:
    """Answer until SIGINT or SIGTERM, from what is read ahead already. Raises SettingsError on a wrong variable."""
    configure_logging()
    settings = read_settings(ServiceSettings, environ)
    log.info("Settings: %s", describe_settings(settings))
    kafka = client_options(read_settings(IngestSettings, environ)) if settings.kafka else None
    app = create_app(settings, kafka, ahead.read if ahead else read_sections)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.freeze()  # the schema and the vocabularies stay for ever: to look through them again and again makes pauses
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    gc.enable()
    uvicorn.run(
        app,
        http=BoundedHTTPProtocol,
        ws=BoundedProtocol,
        ws_max_size=settings.body_bytes,
        host=settings.host,
        port=settings.port,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        access_log=False,
        log_config=None,  # its loggers speak like ours
        server_header=False,
        # from an address that nobody named, the header is a client's own word
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or None,
    )
