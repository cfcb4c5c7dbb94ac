"""The feed: loads the columns from MongoDB, then follows the change stream and swaps in one snapshot after another."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError
from pyroaring import BitMap

from schema.document import COLLECTION, Document
from schema.vocabulary import ReportState
from service.documents import PROJECTION, Encoder, Row, columns_of, row_id
from service.figures.bitmaps import pack
from service.figures.columns import merge
from service.figures.dimensions import new_codebooks
from service.figures.index import Index
from service.figures.snapshot import Snapshot

log = logging.getLogger(__name__)

GATHER_SECONDS = 0.1
"""How long changes are gathered before a new snapshot is made of them."""
BATCH_CHANGES = 5_000
DELTA_ROWS = 20_000
DELTA_SHARE = 0.02
"""The delta goes into the base when it is above both: a large delta is slow to rebuild, and so is the base."""
RETRY_SECONDS = (0.2, 5.0)
CHANGE_STREAM_HISTORY_LOST = 286
LOADED_AT_ONCE = 250
"""Documents a batch while loading: so few stay in the processor's cache until they are read."""

Resume = Any
"""MongoDB's resume token."""


class Feed:
    """Keeps `snapshot` fresh in a thread of its own. `snapshot` is None until the columns are loaded."""

    def __init__(
        self,
        database: Database[Document],
        report: Callable[[int], None] = lambda _: None,
        announce: Callable[[], None] = lambda: None,
    ) -> None:
        self._reports = database[COLLECTION]
        self._report_progress = report
        self._announce = announce
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._rows: dict[int, Row | None] = {}
        self._encoder = Encoder(new_codebooks())
        self.snapshot: Snapshot | None = None
        self.connected = False

    def start(self) -> None:
        """Begin to load, then to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it has ended."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        resume: Resume = None
        wait = RETRY_SECONDS[0]
        while not self._stopping.is_set():
            try:
                resume = self._load() if resume is None else resume
                for token in self._follow(resume):
                    resume, wait, self.connected = token, RETRY_SECONDS[0], True
                # only an invalidated stream ends by itself: the collection was dropped or renamed
                resume = None
            except PyMongoError as error:
                self.connected = False
                if isinstance(error, OperationFailure) and error.code == CHANGE_STREAM_HISTORY_LOST:
                    resume = None
                log.warning("MongoDB does not answer the feed, trying again in %.1f s: %s", wait, error)
                self._stopping.wait(wait)
                wait = min(2 * wait, RETRY_SECONDS[1])
            except Exception:
                log.exception("The feed met an error of its own and loads everything anew")
                resume = None
                self._stopping.wait(RETRY_SECONDS[1])

    def _load(self) -> Resume:
        # the token is taken first: what changes while loading is then seen again, and seeing it twice changes nothing
        with self._reports.watch(max_await_time_ms=1) as stream:
            stream.try_next()
            resume = stream.resume_token
        self._encoder = Encoder(new_codebooks())
        started = time.monotonic()
        through: list[datetime] = []
        base = Index(columns_of(self._live_rows(self._encoder, through)))
        base.warm()
        self._rows = {}
        version = self.snapshot.version + 1 if self.snapshot else 1
        empty = Index(columns_of(()))
        books, latest = self._encoder.books, max(map(_utc, through), default=None)
        self.snapshot = Snapshot(base, BitMap(), empty, books, version, latest)
        self._announce()
        log.info("Loaded %d reports in %.1f s", len(base), time.monotonic() - started)
        return resume

    def _live_rows(self, encoder: Encoder, through: list[datetime]) -> Iterator[Row]:
        live = {"state": ReportState.LIVE.value}
        latest = datetime.min
        with self._reports.find(live, PROJECTION, batch_size=LOADED_AT_ONCE) as documents:
            for count, document in enumerate(documents, 1):
                latest = max(latest, document["received"])
                if count % BATCH_CHANGES == 0:
                    self._report_progress(count)
                yield encoder.row_of(document)
        if latest > datetime.min:
            through.append(latest)

    def _follow(self, resume: Resume) -> Iterator[Resume]:
        with self._reports.watch(
            full_document="updateLookup",
            resume_after=resume,
            batch_size=BATCH_CHANGES,
            max_await_time_ms=int(GATHER_SECONDS * 1000),
        ) as stream:
            while stream.alive and not self._stopping.is_set():
                changed = self._gather(stream)
                if changed:
                    self._apply(changed)
                yield stream.resume_token

    def _gather(self, stream: Any) -> list[Document]:
        changed: list[Document] = []
        deadline = time.monotonic() + GATHER_SECONDS
        while len(changed) < BATCH_CHANGES and time.monotonic() < deadline:
            change = stream.try_next()
            if change is None:
                break
            if document := change.get("fullDocument"):
                changed.append(document)
            elif change["operationType"] == "delete":
                changed.append({"_id": change["documentKey"]["_id"], "state": ReportState.WITHDRAWN.value})
        return changed

    def _apply(self, changed: list[Document]) -> None:
        old = self.snapshot
        if old is None:
            raise RuntimeError("The feed follows before it has loaded")
        live = ReportState.LIVE.value
        for document in changed:
            row = self._encoder.row_of(document) if document["state"] == live else None
            self._rows[row_id(document["_id"])] = row
        base, dead = old.base, pack(np.sort(old.base.find(np.array(list(self._rows), np.uint64))))
        delta = Index(columns_of(row for row in self._rows.values() if row is not None))
        if len(self._rows) > max(DELTA_ROWS, DELTA_SHARE * len(base)):
            base, dead, delta = Index(merge(base.columns, dead, delta.columns)), BitMap(), Index(columns_of(()))
            base.warm()
            self._rows = {}
        received = [_utc(document["received"]) for document in changed if "received" in document]
        through = max([*received, old.through] if old.through else received, default=old.through)
        self.snapshot = Snapshot(base, dead, delta, old.codebooks, old.version + 1, through)
        self._announce()


def _utc(moment: datetime) -> datetime:
    # BSON dates are read without a zone
    return moment.replace(tzinfo=UTC)
