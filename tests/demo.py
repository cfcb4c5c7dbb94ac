"""The demo's reports as documents, where a test or a guide needs no Kafka to have them."""

from typing import Any

from deploy.sources.demo import demo_events
from ingest.normalise import NORMALISER_VERSION, normalise
from schema.document import document_id, fold
from schema.errors import Rejection
from schema.event import decode_event

SEED = 7


def demo_documents(reports: int) -> list[dict[str, Any]]:
    """Return what ingest makes of the demo's first events, by the functions that it calls."""
    documents: dict[str, dict[str, Any]] = {}
    for message in demo_events(reports, SEED):
        try:
            event = decode_event(message.value, {name: value.decode() for name, value in message.headers})
            report = normalise(event, event.time)
        except Rejection:
            continue
        key = document_id(report.source, report.subject)
        documents[key] = fold(documents.get(key), report, NORMALISER_VERSION)
    return list(documents.values())
