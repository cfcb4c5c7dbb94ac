"""The change stream of the reports: where it stands, and what changed, each document as it is now."""

import time
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pymongo.change_stream import ChangeStream
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from schema.document import Document
from schema.vocabulary import ReportState

BATCH_CHANGES = 5_000
AWAIT_MILLISECONDS = 100
"""How long MongoDB waits for a change before it says that there is none."""

Resume = Any
"""MongoDB's resume token."""
Stream = ChangeStream[Document]


class Change(NamedTuple):
    """One change: a document as it is now, and whether it came for the first time."""

    document: Document
    new: bool

    @property
    def received(self) -> datetime | None:
        """Return when Kafka had the event of the change."""
        received: datetime | None = self.document.get("received")
        return received and received.replace(tzinfo=UTC)  # BSON dates are read without a zone


def token_of_now(reports: Collection[Document], session: ClientSession | None = None) -> Resume:
    """Return the token at which changes from now on begin.

    It is taken before reading: what changes meanwhile is then seen again, and seeing it twice changes nothing.
    """
    with reports.watch(max_await_time_ms=1, session=session) as stream:
        stream.try_next()
        return stream.resume_token


def changes_since(reports: Collection[Document], resume: Resume) -> Stream:
    """Return the stream of changes after a token, to be closed by who asked. Raises PyMongoError."""
    return reports.watch(
        full_document="updateLookup",
        resume_after=resume,
        batch_size=BATCH_CHANGES,
        max_await_time_ms=AWAIT_MILLISECONDS,
    )


def gather(stream: Stream, seconds: float) -> list[Change]:
    """Return the changes of so long a time, at most BATCH_CHANGES; fewer where there are no more."""
    changed: list[Change] = []
    deadline = time.monotonic() + seconds
    while len(changed) < BATCH_CHANGES and time.monotonic() < deadline:
        change = stream.try_next()
        if change is None:
            break
        if document := change.get("fullDocument"):
            changed.append(Change(document, change["operationType"] == "insert"))
        elif change["operationType"] == "delete":
            gone = {"_id": change["documentKey"]["_id"], "state": ReportState.WITHDRAWN.value}
            changed.append(Change(gone, new=False))
    return changed
