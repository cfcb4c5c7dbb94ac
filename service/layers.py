"""The layers: a large base and what changed since, as one snapshot after another, and one base again of both."""

import gc
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from pyroaring import BitMap

from service.documents import columns_of
from service.figures.bitmaps import pack
from service.figures.columns import merge
from service.figures.index import Index
from service.figures.snapshot import Snapshot
from service.metrics import JOINS
from service.shelf import Moment, Rows

log = logging.getLogger(__name__)

DELTA_ROWS = 20_000
DELTA_SHARE = 0.02
"""The delta goes into the base when it is above both: a change takes time by the delta, a join by the base."""

SNAPSHOTS_LET_GO = 16
"""Made before all objects are looked through for cycles: an old snapshot and what was found of it hold each other.
Python goes by their number, which is small, and waits for minutes; but each weighs megabytes, and holds a base."""

Keep = Callable[[Index, Moment], None]


class Layers:
    """Used by one thread. Bases are joined and kept in others, and neither queries nor changes wait for that.

    `rows` are the changes since the base of `snapshot`. Until `base_moment` and `moment` the two hold all that came.
    """

    def __init__(self, base: Index, moment: Moment, keep: Keep) -> None:
        self.rows: Rows = {}
        self.moment = self.base_moment = moment
        self.snapshot = _snapshot(base, BitMap(), _nothing(), BitMap(), moment)
        self._keep = keep
        self._keeping: threading.Thread | None = None
        self._join: _Join | None = None
        self._join_above = DELTA_ROWS

    def apply(self, changed: Rows, resume: Mapping[str, Any], through: datetime | None = None) -> None:
        """Make the snapshot in which these rows are as given, and which holds all until `resume`."""
        moment, old = self.moment, self.snapshot
        base, dead, delta, shared = old.base, old.dead, old.delta, old.shared or BitMap()
        join = self._ended_join()
        if join and join.base is not None:
            base, dead, delta, shared = join.base, BitMap(), _nothing(), BitMap()
            changed, self.rows = {**join.later, **changed}, {}
            self.base_moment = join.moment
            self.keep(base, join.moment)
        self.rows.update(changed)
        if self._join:
            self._join.later.update(changed)
        ids = np.array(list(changed), np.uint64)
        new = columns_of(row for row in changed.values() if row is not None)
        delta = Index(merge(delta.columns, pack(np.sort(delta.find(ids))), new))
        dead, shared = dead | pack(np.sort(base.find(ids))), shared | base.shared(new)
        newest = max(filter(None, (moment.through, through)), default=None)
        self.moment = replace(moment, resume=resume, version=moment.version + 1, through=newest)
        self.snapshot = _snapshot(base, dead, delta, shared, self.moment)
        self._begin_join()
        if self.moment.version % SNAPSHOTS_LET_GO == 0:
            gc.collect()

    def stand(self, resume: Mapping[str, Any]) -> None:
        """Note that nothing changed until `resume`, and take a base that has been joined meanwhile."""
        if self._join and self._join.ended:
            self.apply({}, resume)
        else:
            self.moment = replace(self.moment, resume=resume)

    def keep(self, base: Index, moment: Moment) -> None:
        """Keep a base, which holds all until a moment, in a thread of its own."""
        self._keeping = threading.Thread(target=self._keep, args=(base, moment), name="keep", daemon=True)
        self._keeping.start()

    def _begin_join(self) -> None:
        enough = len(self.rows) > max(self._join_above, DELTA_SHARE * len(self.snapshot.base))
        busy = self._join or (self._keeping and self._keeping.is_alive())
        if enough and not busy:
            self._join = _Join(self.snapshot, self.moment)

    def _ended_join(self) -> "_Join | None":
        join = self._join
        if join is None or not join.ended:
            return None
        self._join = None
        # what failed once would at once fail again
        self._join_above = 2 * len(self.rows) if join.base is None else DELTA_ROWS
        return join


class _Join:
    """A base that is being made of a snapshot's base and delta; `later` is what changes meanwhile."""

    def __init__(self, snapshot: Snapshot, moment: Moment) -> None:
        self.moment = moment
        self.later: Rows = {}
        self.base: Index | None = None
        self._snapshot = snapshot
        self._thread = threading.Thread(target=self._run, name="join", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Return whether it is done, or has failed."""
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            held = self._snapshot
            base = Index(merge(held.base.columns, held.dead, held.delta.columns))
            base.warm()
        except Exception:
            log.exception("The delta could not be joined to the base, and goes on growing")
        else:
            self.base = base
            JOINS.inc()


def _nothing() -> Index:
    return Index(columns_of(()))


def _snapshot(base: Index, dead: BitMap, delta: Index, shared: BitMap, moment: Moment) -> Snapshot:
    return Snapshot(base, dead, delta, moment.codebooks, moment.version, moment.through, shared=shared)
