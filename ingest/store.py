"""The record in MongoDB: reports effectively once, and a note of each message that was set aside."""

import asyncio
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from operator import attrgetter
from types import TracebackType
from typing import Self

from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReadPreference, ReplaceOne, UpdateOne
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from ingest.dead_letters import DeadLetter
from ingest.encoding import encode_reports
from ingest.settings import IngestSettings
from schema.document import COLLECTION, POSTING_ENDS, SET_ASIDE_COLLECTION, Document, fold
from schema.errors import PaygaugeError, SettingsError, Unavailable
from schema.report import SalaryReport, Withdrawal

News = SalaryReport | Withdrawal

ATTEMPTS = 20
RACE_SECONDS = 0.02
SELECTION_MS = 5_000

# What `holds` reads of a document.
HELD = {name: 1 for of in ("", "ends.min.", "ends.max.") for name in (f"{of}version", f"{of}normaliser")}
# What `fold` and `_unchanged` read of a known document.
KNOWN = {"version": 1, "normaliser": 1, "ends": 1}

ABSENT = {"$exists": False}

_version = attrgetter("version")

DUPLICATE_KEY = 11000
WORLD_CODES = frozenset(
    {
        50,  # MaxTimeMSExpired
        64,  # WriteConcernFailed
        91,  # ShutdownInProgress
        100,  # UnsatisfiableWriteConcern
        112,  # WriteConflict
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11602,  # InterruptedDueToReplStateChange
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)
"""Codes of MongoDB's error_codes.yml that time or an operator mends, while the same write stays right."""


class Refused(PaygaugeError):
    """MongoDB refuses a document."""

    def __init__(self, failures: Mapping[str, str]) -> None:
        first = next(iter(failures.values()))
        super().__init__(f"{len(failures)} of a batch, the first because: {first}.")
        self.ids = frozenset(failures)


class Store:
    """The two collections that ingest writes, with acknowledgement by a majority's journals."""

    def __init__(self, settings: IngestSettings) -> None:
        try:
            self._client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
                settings.mongo,
                appname="paygauge-ingest",
                timeoutMS=int(settings.mongo_timeout * 1000),
                serverSelectionTimeoutMS=SELECTION_MS,
            )
        except (InvalidURI, ConfigurationError) as error:
            raise SettingsError(f"PAYGAUGE_MONGO: {error}.") from error
        database = self._client.get_default_database(settings.database).with_options(
            # what a majority has not got may be rolled back, so it must not count as known
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
            write_concern=WriteConcern("majority", j=True),
        )
        self._reports, self._set_aside = database[COLLECTION], database[SET_ASIDE_COLLECTION]

    async def prepare(self) -> None:
        """Create the index that is needed. Raises Unavailable."""
        # reports have no index but `_id`: each one halves the rate of inserts
        with _mongo_trouble("creating indexes"):
            await self._set_aside.create_index("source")
        # compiled once on a machine, in seconds: no batch should wait for that, nor the group for its member
        await asyncio.to_thread(encode_reports, {}, 0)

    async def write(
        self, news: Mapping[str, Sequence[News]], normaliser: int, absent: Collection[str] = frozenset()
    ) -> None:
        """Fold the versions, given by `_id`, into the documents; return when a majority has journaled the outcome.

        Those `absent` were not there a moment ago, so they are not looked up before they are inserted. Any order,
        repetition and number of writers ends in the same documents, and so does a second call after Unavailable.
        Raises Refused where MongoDB takes no such document.
        """
        for attempt in range(ATTEMPTS):
            known = await self.look_up([key for key in news if key not in absent], KNOWN)
            fresh, newer = _outcome(news, known, normaliser)
            if await self._insert(fresh) and await self._replace(newer):
                return
            # another process was first with some of them: look again, they may be newer than ours now
            absent = frozenset()
            await asyncio.sleep(random.uniform(0, RACE_SECONDS * 2 ** min(attempt, 5)))
        raise Unavailable("MongoDB: other writers were first again and again.")

    async def held(self, keys: Collection[str]) -> dict[str, Document]:
        """Return of the documents with these `_id`s what `holds` reads. Raises Unavailable."""
        return await self.look_up(keys, HELD)

    async def look_up(self, keys: Collection[str], fields: Document | None = None) -> dict[str, Document]:
        """Return those documents that are there, by `_id`, as a whole or some of their fields. Raises Unavailable."""
        if not keys:
            return {}
        with _mongo_trouble("looking up reports"):
            cursor = self._reports.find({"_id": {"$in": list(keys)}}, fields, batch_size=len(keys) + 1)
            return {document["_id"]: document for document in await cursor.to_list(None)}

    async def _insert(self, documents: Mapping[str, Document | RawBSONDocument]) -> bool:
        if not documents:
            return True
        with _mongo_trouble("inserting reports"):
            try:
                await self._reports.insert_many(documents.values(), ordered=False)
            except BulkWriteError as error:
                _check(error, list(documents))
                return False
        return True

    async def _replace(self, changes: Mapping[str, ReplaceOne[Document]]) -> bool:
        if not changes:
            return True
        with _mongo_trouble("replacing reports"):
            try:
                outcome = await self._reports.bulk_write(list(changes.values()), ordered=False)
            except BulkWriteError as error:
                _check(error, list(changes))
                return False
        return outcome.matched_count == len(changes)

    async def note_set_aside(self, letters: Sequence[DeadLetter]) -> None:
        """Note which messages were set aside and why; a message noted before keeps its other marks."""
        notes = [UpdateOne({"_id": letter.place}, {"$set": _note(letter)}, upsert=True) for letter in letters]
        with _mongo_trouble("noting what was set aside"):
            await self._set_aside.bulk_write(notes, ordered=False)

    async def mark_replayed(self, places: Sequence[str]) -> None:
        """Mark messages that were set aside as sent again now."""
        with _mongo_trouble("marking what was replayed"):
            await self._set_aside.update_many({"_id": {"$in": places}}, {"$set": {"replayed": datetime.now(UTC)}})

    async def replayed_places(self) -> frozenset[str]:
        """Return the places of the messages that are marked as sent again."""
        with _mongo_trouble("reading what was set aside"):
            marked = self._set_aside.find({"replayed": {"$exists": True}}, {"_id": 1})
            return frozenset([note["_id"] async for note in marked])

    async def __aenter__(self) -> Self:
        """Connect at the first use."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._client.close()


def _outcome(
    news: Mapping[str, Sequence[News]], known: Mapping[str, Document], normaliser: int
) -> tuple[dict[str, Document | RawBSONDocument], dict[str, ReplaceOne[Document]]]:
    """Return what is to be inserted and what is to be replaced, by `_id`."""
    plain: dict[str, SalaryReport] = {}
    fresh: dict[str, Document | RawBSONDocument] = {}
    newer: dict[str, ReplaceOne[Document]] = {}
    for key, versions in news.items():
        before = known.get(key)
        # `max` gives the first of several that are equal, and so does folding
        newest = versions[0] if len(versions) == 1 else max(versions, key=_version)
        if before is None and isinstance(newest, SalaryReport) and not newest.subject.endswith(POSTING_ENDS):
            plain[key] = newest
            continue
        after = fold(before, versions[0], normaliser)
        for version in versions[1:]:
            after = fold(after, version, normaliser)
        if before is None:
            fresh[key] = after
        elif after is not before:
            newer[key] = ReplaceOne(_unchanged(before), after)
    fresh |= zip(plain, encode_reports(plain, normaliser), strict=True)
    return fresh, newer


def _unchanged(known: Document) -> Document:
    """Return the filter that finds a document only while it is as it was looked up: every version in it decides."""
    if "ends" not in known:
        return known
    same = {"_id": known["_id"]}
    for end in (ending.removeprefix("#") for ending in POSTING_ENDS):
        held = known["ends"].get(end)
        same |= {f"ends.{end}.{name}": held[name] if held else ABSENT for name in ("version", "normaliser")}
    return same


def _note(letter: DeadLetter) -> Document:
    why = {"reason": letter.reason, "message": letter.message, "path": letter.path, "normaliser": letter.normaliser}
    return {**letter.names(), **why, "at": letter.at}


def _check(error: BulkWriteError, ids: Sequence[str]) -> None:
    """Return if all that failed are lost races. Raises Unavailable for the world's failures, Refused for any other."""
    failures = [failure for failure in error.details["writeErrors"] if failure["code"] != DUPLICATE_KEY]
    refused = {ids[failure["index"]]: failure["errmsg"] for failure in failures if failure["code"] not in WORLD_CODES}
    if refused:
        raise Refused(refused) from error
    if unsure := [*failures, *error.details["writeConcernErrors"]]:
        raise Unavailable(f"MongoDB, writing: {unsure[0]['errmsg']}.") from error


@contextmanager
def _mongo_trouble(what: str) -> Iterator[None]:
    """Raise Unavailable for what time mends when MongoDB fails at `what`; let any other error pass."""
    try:
        yield
    except PyMongoError as error:
        code = error.code if isinstance(error, OperationFailure) else None
        if isinstance(error, ConnectionFailure) or error.timeout or code in WORLD_CODES:
            raise Unavailable(f"MongoDB, {what}: {_first_line(error)}.") from error
        raise


def _first_line(error: Exception) -> str:
    # what follows is the driver's whole view of the servers
    return str(error).partition(", Timeout:")[0]
