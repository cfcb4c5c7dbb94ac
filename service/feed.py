"""The feed: the columns from the shelf or from MongoDB, then the change stream, and one snapshot after another."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from schema.document import COLLECTION, Document
from service import metrics
from service.ahead import Read
from service.documents import Encoder, row_id
from service.figures.dimensions import new_codebooks
from service.figures.index import Index
from service.figures.snapshot import Snapshot
from service.freshness import FreshnessWindow
from service.layers import Layers
from service.sections import read_sections
from service.shelf import Moment, Rows, Shelf
from service.stream import AWAIT_MILLISECONDS, BATCH_CHANGES, Change, Resume, changes_since, gather

log = logging.getLogger(__name__)

GATHER_SECONDS = AWAIT_MILLISECONDS / 1_000
"""How long changes are gathered before a new snapshot is made of them."""
BUSY_SHARE = 0.25
"""Of a core, that making snapshots may take: beyond, changes are gathered longer."""
RETRY_SECONDS = (0.2, 5.0)
SAVE_SECONDS = 60.0
PROGRESS_SECONDS = 5.0
TOKEN_IS_LOST = frozenset({260, 280, 286})
"""Codes of MongoDB: InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost."""


class Feed:
    """Keeps `snapshot` fresh in a thread of its own. `snapshot` is None until the columns are loaded.

    `current` is whether it has caught up, once, with what changed before or while it loaded. With a `folder`, what is
    loaded is kept there for the next start; `read` reads it. `report` is told how many reports of about how many have
    been loaded.
    """

    def __init__(
        self,
        database: Database[Document],
        report: Callable[[int, int], None] = lambda *_: None,
        announce: Callable[[], None] = lambda: None,
        folder: Path | None = None,
        read: Read = read_sections,
    ) -> None:
        # what a majority has not got may be rolled back, and no change would say so
        self._reports = database.get_collection(COLLECTION, read_concern=ReadConcern("majority"))
        self._report_progress = report
        self._announce = announce
        self._folder, self._read_sections = folder, read
        self._shelf: Shelf | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self._layers: Layers | None = None
        self._encoder = Encoder(new_codebooks())
        self._gather_seconds = GATHER_SECONDS
        self._saved = self._told = time.monotonic()
        self.freshness = FreshnessWindow()
        self.connected = self.current = False

    @property
    def snapshot(self) -> Snapshot | None:
        """Return the newest snapshot."""
        return self._layers.snapshot if self._layers else None

    def start(self) -> None:
        """Begin to load, then to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; returns when it has ended, and has kept what changed."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        resume: Resume = None
        wait, may_unshelve = RETRY_SECONDS[0], True
        while not self._stopping.is_set():
            try:
                if resume is None:
                    resume, may_unshelve = (may_unshelve and self._unshelve()) or self._load(), False
                for token in self._follow(resume):
                    resume, wait, self.connected = token, RETRY_SECONDS[0], True
                # only an invalidated stream ends by itself: the collection was dropped or renamed
                resume = resume if self._stopping.is_set() else None
            except _Stopped:
                break
            except PyMongoError as error:
                self.connected = False
                # a token that is refused again and again may be damaged, which MongoDB has many codes for
                refused = isinstance(error, OperationFailure) and wait >= RETRY_SECONDS[1]
                if refused or getattr(error, "code", None) in TOKEN_IS_LOST:
                    resume = None
                log.warning("MongoDB does not answer the feed, trying again in %.1f s: %s", wait, error)
                self._stopping.wait(wait)
                wait = min(2 * wait, RETRY_SECONDS[1])
            except Exception:
                log.exception("The feed met an error of its own and loads everything anew")
                resume = None
                self._stopping.wait(RETRY_SECONDS[1])
            metrics.FOLLOWING.set(0)
        with suppress(PyMongoError):  # it may be stopping too
            self._save()

    def _unshelve(self) -> Resume:
        started = time.monotonic()
        self._shelf = self._open_shelf()
        found = self._shelf.load() if self._shelf else None
        if found is None:
            return None
        base, rows, moment = found
        base.warm()
        self._begin("shelf", base, moment, started)
        log.info("Loaded %d changes since", len(rows))
        if rows:
            self._publish(rows, moment.resume, moment.through)
        return moment.resume

    def _open_shelf(self) -> Shelf | None:
        # a collection that was dropped and made again has another UUID, and so have those of two databases
        if self._folder is None:
            return None
        found = self._reports.database.list_collections(filter={"name": COLLECTION})
        uuids = [str(collection["info"]["uuid"]) for collection in found]
        return Shelf(self._folder, uuids[0], self._read_sections) if uuids else None

    def _load(self) -> Resume:
        from service.loading import load  # with its compiled code, which a start from the shelf does not wait for

        started = time.monotonic()
        base, moment = load(self._reports, self._layers.moment.version + 1 if self._layers else 1, self._tell)
        self._shelf = self._open_shelf()
        self._begin("mongo", base, moment, started).keep(base, moment)
        return moment.resume

    def _tell(self, count: int, about: int) -> None:
        if self._stopping.is_set():
            raise _Stopped
        if time.monotonic() > self._told + PROGRESS_SECONDS:
            self._told = time.monotonic()
            self._report_progress(count, about)

    def _begin(self, source: str, base: Index, moment: Moment, started: float) -> Layers:
        self._encoder = Encoder(moment.codebooks)
        if self._layers is None:  # what is there by now stays, and need not be looked through as often as snapshots
            gc.collect()
            gc.freeze()
        self._layers = Layers(base, moment, self._keep)
        self._announce()
        seconds = time.monotonic() - started
        metrics.LOADS.labels(source).inc()
        metrics.LOAD_SECONDS.set(seconds)
        self._measure()
        log.info("Loaded %d reports from %s in %.1f s", len(base), source, seconds)
        return self._layers

    def _follow(self, resume: Resume) -> Iterator[Resume]:
        with changes_since(self._reports, resume) as stream:
            while stream.alive and not self._stopping.is_set():
                changed = gather(stream, self._gather_seconds)
                self._apply(changed, stream.resume_token)
                if len(changed) < BATCH_CHANGES and not self.current:
                    self.current = True
                    self.freshness.begin()
                if time.monotonic() > self._saved + SAVE_SECONDS:
                    self._save()
                metrics.FOLLOWING.set(1)
                yield stream.resume_token

    def _apply(self, changed: list[Change], resume: Resume) -> None:
        layers = self._layers
        if layers is None:
            raise RuntimeError("The feed follows before it has loaded")
        if not changed:
            return layers.stand(resume)
        started = time.thread_time()  # by the clock it takes longer where others compute, which is no reason to wait
        rows = {row_id(document["_id"]): self._encoder.read(document) for document, _ in changed}
        self._publish(rows, resume, max(filter(None, (change.received for change in changed)), default=None))
        self.freshness.note([change.received.timestamp() for change in changed if change.new and change.received])
        took = time.thread_time() - started
        self._gather_seconds = max(GATHER_SECONDS, took * (1 / BUSY_SHARE - 1))
        metrics.CHANGES.inc(len(changed))
        return None

    def _publish(self, rows: Rows, resume: Resume, through: datetime | None) -> None:
        layers = self._layers
        if layers is None:
            raise RuntimeError("There is nothing to change before it has loaded")
        layers.apply(rows, resume, through)
        self._announce()
        self._measure()

    def _keep(self, base: Index, moment: Moment) -> None:
        if self._shelf:
            self._shelf.save_base(base, moment)

    def _save(self) -> None:
        self._saved = time.monotonic()
        if self._layers is None or not self.current:
            return
        if self._shelf is None and (shelf := self._open_shelf()):
            # the collection was not there yet when it was loaded, so the base is small
            self._shelf = shelf
            shelf.save_base(self._layers.snapshot.base, self._layers.base_moment)
        if self._shelf:
            self._shelf.save_changes(self._layers.snapshot.base, self._layers.rows, self._layers.moment)

    def _measure(self) -> None:
        snapshot = self.snapshot
        if snapshot is None:
            return
        metrics.REPORTS.set(len(snapshot))
        metrics.SNAPSHOT_VERSION.set(snapshot.version)
        for part, rows in (("base", snapshot.base), ("dead", snapshot.dead), ("delta", snapshot.delta)):
            metrics.INDEX_ROWS.labels(part).set(len(rows))
        metrics.INDEX_BYTES.set(snapshot.base.columns.nbytes + snapshot.delta.columns.nbytes)


class _Stopped(Exception):
    """The service is to end, in the middle of loading."""
