"""What came in, as MongoDB's record says: per source, how many reports are held, merged, withdrawn and set aside."""

from dataclasses import dataclass, field
from datetime import datetime

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorDatabase

from schema.document import COLLECTION, SET_ASIDE_COLLECTION, Document
from schema.vocabulary import RejectionReason, ReportState


@dataclass
class SourceSummary:
    """One source. `merged` reports share a document with the other end of their posting, which is `accepted`."""

    source: str
    accepted: int = 0
    merged: int = 0
    withdrawn: int = 0
    set_aside: dict[RejectionReason, int] = field(default_factory=dict)
    last_seen: datetime | None = None


class Ingestion:
    """Reads the record of what came in."""

    def __init__(self, database: AsyncIOMotorDatabase[Document]) -> None:
        zoned = CodecOptions[Document](tz_aware=True)
        self._reports = database.get_collection(COLLECTION, zoned)
        self._set_aside = database.get_collection(SET_ASIDE_COLLECTION, zoned)

    async def summaries(self) -> list[SourceSummary]:
        """Return every source by name. It counts the whole record: seconds at millions of reports."""
        found: dict[str, SourceSummary] = {}
        async for row in self._reports.aggregate(_BY_SOURCE):
            source = row.pop("_id")
            found[source] = SourceSummary(source, **row)
        async for row in self._set_aside.aggregate(_BY_REASON):
            source = row["_id"].get("source") or "unknown"
            summary = found.setdefault(source, SourceSummary(source))
            summary.set_aside[RejectionReason(row["_id"]["reason"])] = row["messages"]
        return [found[source] for source in sorted(found)]


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
