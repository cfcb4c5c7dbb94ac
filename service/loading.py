"""Loading: all live reports of MongoDB as one warm index, and where in the change stream to go on from there."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from schema.document import Document
from schema.vocabulary import ReportState
from service.documents import Chunk, Encoder, join_chunks
from service.figures.dimensions import new_codebooks
from service.figures.index import Index
from service.reader import Reader
from service.shelf import Moment
from service.stream import token_of_now

LOADED_AT_ONCE = 1_000
"""Documents a batch while loading: so few stay in the processor's cache until they are read."""

Tell = Callable[[int, int], None]
"""Told how many documents have been read, of about how many; it may raise an error to end the loading."""


def load(reports: Collection[Document], version: int, tell: Tell) -> tuple[Index, Moment]:
    """Return what a collection holds and the moment from which on every change is still to be seen.

    The collection's read concern must be `majority`: what is rolled back later, no change says. Raises PyMongoError.
    """
    encoder = Encoder(new_codebooks())
    reader = Reader(encoder)
    # one session, so that a secondary reads no earlier state than that at which the stream was opened
    with reports.database.client.start_session(causal_consistency=True) as session:
        resume = token_of_now(reports, session)
        base = Index(join_chunks(_live_chunks(reports, session, reader, tell)))
    base.warm()
    return base, Moment(resume, version, reader.newest, encoder.books)


def _live_chunks(reports: Collection[Document], session: ClientSession, reader: Reader, tell: Tell) -> Iterator[Chunk]:
    about, count = reports.estimated_document_count(), 0
    # whole documents: MongoDB takes longer to leave fields out than to send them
    with reports.find_raw_batches(
        {"state": ReportState.LIVE.value}, batch_size=LOADED_AT_ONCE, session=session
    ) as read:
        for batch in _ahead(cast("Iterator[bytes]", read)):
            for chunk in reader.read(batch):
                count += len(chunk[0][0])
                yield chunk
            tell(count, max(about, count))


def _ahead(batches: Iterator[bytes]) -> Iterator[bytes]:
    # MongoDB sends the next one while compiled code, which holds no other thread up, reads the last
    with ThreadPoolExecutor(1, "loading") as fetching:
        coming = fetching.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = fetching.submit(next, batches, None)
            yield batch
