"""What came in, as MongoDB's record says: per source, how many reports are held, merged, withdrawn and set aside."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorDatabase

from schema.document import COLLECTION, SET_ASIDE_COLLECTION, Document, document_id
from schema.vocabulary import RejectionReason, ReportState
from service.database import asking

STATUS_MS = 2_000
NO_ANSWER = "The record of what came in does not answer now: ask again."


@dataclass
class SourceSummary:
    """One source. `merged` reports share a document with the other end of their posting, which is `accepted`."""

    source: str
    accepted: int = 0
    merged: int = 0
    withdrawn: int = 0
    set_aside: dict[RejectionReason, int] = field(default_factory=dict)
    last_seen: datetime | None = None


class Fate(StrEnum):
    """What became of a report."""

    ACCEPTED = "accepted"
    REPLACED = "replaced"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True)
class ReportStatus:
    """What became of a report; `reason`, `path` and `message` say why it was set aside, `at` is Kafka's time."""

    state: Fate
    at: datetime
    reason: RejectionReason | None = None
    path: str = ""
    message: str | None = None


class Ingestion:
    """Reads the record of what came in."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        zoned = CodecOptions[Document](tz_aware=True)
        self._reports = database.get_collection(COLLECTION, zoned)
        self._set_aside = database.get_collection(SET_ASIDE_COLLECTION, zoned)

    async def summaries(self) -> list[SourceSummary]:
        """Return every source by name. It counts the whole record: seconds at millions of reports.

        Raises Unavailable.
        """
        found: dict[str, SourceSummary] = {}
        with asking(NO_ANSWER):
            counted = await self._reports.aggregate(_BY_SOURCE).to_list(None)
            set_aside = await self._set_aside.aggregate(_BY_REASON).to_list(None)
        for row in counted:
            source = row.pop("_id")
            found[source] = SourceSummary(source, **row)
        for row in set_aside:
            source = row["_id"].get("source") or "unknown"
            summary = found.setdefault(source, SourceSummary(source))
            summary.set_aside[RejectionReason(row["_id"]["reason"])] = row["messages"]
        return [found[source] for source in sorted(found)]

    async def status(self, source: str, event: str, subject: str) -> ReportStatus | None:
        """Return what became of a message about the report of this subject; None where nothing of it has come yet.

        A message that was set aside counts where it came after what is held, and was not sent again since. Raises
        Unavailable.
        """
        named = {"source": source, "event": event, "replayed": {"$exists": False}}
        with asking(NO_ANSWER):
            held = await self._reports.find_one({"_id": document_id(source, subject)}, _STATUS)
            note = await self._set_aside.find_one(named, sort=[("at", -1)], max_time_ms=STATUS_MS)
        if note and (held is None or note["at"] > held["received"]):
            reason = RejectionReason(note["reason"])
            return ReportStatus(Fate.SET_ASIDE, note["at"], reason, note.get("path", ""), note.get("message"))
        return ReportStatus(_fate(held, event), held["received"]) if held else None


def _fate(held: Document, event: str) -> Fate:
    if held["state"] == ReportState.WITHDRAWN.value:
        return Fate.WITHDRAWN
    versions = [held["version"], *(end["version"] for end in held.get("ends", {}).values())]
    if event not in {name for _, _, name in versions}:
        return Fate.REPLACED
    return Fate.MERGED if held.get("merged") else Fate.ACCEPTED


_STATUS = {"state": 1, "received": 1, "version": 1, "merged": 1, "ends.min.version": 1, "ends.max.version": 1}

_LIVE = {"$eq": ["$state", ReportState.LIVE.value]}
_ENDS = {
    "$filter": {"input": {"$objectToArray": {"$ifNull": ["$ends", {}]}}, "cond": {"$eq": ["$$this.v.state", "live"]}}
}

_BY_SOURCE = [
    {
        "$group": {
            "_id": "$source",
            "accepted": {"$sum": {"$cond": [_LIVE, 1, 0]}},
            "merged": {"$sum": {"$max": [0, {"$subtract": [{"$size": _ENDS}, 1]}]}},
            "withdrawn": {"$sum": {"$cond": [_LIVE, 0, 1]}},
            "last_seen": {"$max": "$received"},
        }
    }
]

_BY_REASON = [{"$group": {"_id": {"source": "$source", "reason": "$reason"}, "messages": {"$sum": 1}}}]
