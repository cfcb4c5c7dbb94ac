"""Loading: all live reports of MongoDB as one warm index, and where in the change stream to go on from there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from schema.document import Document
from schema.vocabulary import ReportState
from service.documents import PROJECTION, Encoder, Row, columns_of
from service.figures.dimensions import new_codebooks
from service.figures.index import Index
from service.shelf import Moment

LOADED_AT_ONCE = 250
"""Documents a batch while loading: so few stay in the processor's cache until they are read."""
TOLD_DOCUMENTS = 5_000

Tell = Callable[[int, int], None]
"""Told how many documents have been read, of about how many; it may raise an error to end the loading."""


def load(reports: Collection[Document], version: int, tell: Tell) -> tuple[Index, Moment]:
    """Return what a collection holds and the moment from which on every change is still to be seen.

    The collection's read concern must be `majority`: what is rolled back later, no change says. Raises PyMongoError.
    """
    encoder = Encoder(new_codebooks())
    newest: list[datetime] = []
    # one session, so that a secondary reads no earlier state than that at which the stream was opened
    with reports.database.client.start_session(causal_consistency=True) as session:
        resume = token_of_now(reports, session)
        base = Index(columns_of(_live_rows(reports, session, encoder, newest, tell)))
    base.warm()
    return base, Moment(resume, version, max(newest, default=None), encoder.books)


def token_of_now(reports: Collection[Document], session: ClientSession | None = None) -> Any:
    """Return the token at which changes from now on begin.

    It is taken before reading: what changes meanwhile is then seen again, and seeing it twice changes nothing.
    """
    with reports.watch(max_await_time_ms=1, session=session) as stream:
        stream.try_next()
        return stream.resume_token


def _live_rows(
    reports: Collection[Document], session: ClientSession, encoder: Encoder, newest: list[datetime], tell: Tell
) -> Iterator[Row]:
    about, latest = reports.estimated_document_count(), datetime.min
    live = {"state": ReportState.LIVE.value}
    with reports.find(live, PROJECTION, batch_size=LOADED_AT_ONCE, session=session) as documents:
        for count, document in enumerate(documents, 1):
            if count % TOLD_DOCUMENTS == 0:
                tell(count, max(about, count))
            row = encoder.read(document)
            if row is not None:
                latest = max(latest, document["received"])
                yield row
    if latest > datetime.min:
        newest.append(latest.replace(tzinfo=UTC))
