"""A batch: what the messages of one fetch say, each decoded and normalised, or set aside with a reason."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import attrgetter
from typing import NamedTuple, TypeVar

from aiokafka.structs import ConsumerRecord, TopicPartition
from msgspec import Struct, field

from ingest.dead_letters import DeadLetter, dead_letter_of, place_of, received_at, text_headers
from ingest.normalise import NORMALISER_VERSION, normalise
from schema.document import Document, document_id, holds
from schema.errors import IngestStopped, Rejection
from schema.event import Envelope, decode_envelope, event_in
from schema.report import SalaryReport, Withdrawal

News = SalaryReport | Withdrawal
Fetched = Mapping[TopicPartition, Sequence[ConsumerRecord]]
LookUp = Callable[[Collection[str]], Awaitable[Mapping[str, Document]]]

A = TypeVar("A")
B = TypeVar("B")

PAUSE_RECORDS = 200  # about 5 ms


class Batch(Struct):
    """What `fetched` says: `news` by the `_id` of its document, in the order of arrival, and what was rejected.

    `known` are the `_id`s of documents that may be stored; the others of `news` are new, unless somebody else is first.
    """

    fetched: Fetched
    known: set[str] = field(default_factory=set)
    news: dict[str, list[News]] = field(default_factory=dict)
    rejected: list[DeadLetter] = field(default_factory=list)

    @property
    def read(self) -> int:
        """How many messages there were."""
        return sum(map(len, self.fetched.values()))

    @property
    def offsets(self) -> dict[TopicPartition, int]:
        """The next offset of each partition, which is what Kafka calls committed."""
        return {partition: records[-1].offset + 1 for partition, records in self.fetched.items()}

    @property
    def absent(self) -> set[str]:
        """The `_id`s of news that need not be looked up before they are inserted."""
        return self.news.keys() - self.known

    def places(self, ids: Collection[str] = ()) -> str:
        """Return where the messages stand, for people: those of some documents, or else the first and last of all."""
        if not ids:
            return ", ".join(f"{place_of(records[0])} to {records[-1].offset}" for records in self.fetched.values())
        return ", ".join(place_of(record) for record, key in self._keys() if key in ids)

    def _keys(self) -> Iterator[tuple[ConsumerRecord, str]]:
        for record in chain.from_iterable(self.fetched.values()):
            try:
                envelope = decode_envelope(record.value, text_headers(record))
            except Rejection:
                continue
            yield record, document_id(envelope.source, envelope.subject)


class _Opened(NamedTuple):
    record: ConsumerRecord
    key: str
    envelope: Envelope


async def read_batch(fetched: Fetched, look_up: LookUp) -> Batch:
    """Return what the messages say, giving way to other tasks. A wrong message is no error: it is among `rejected`.

    `look_up` tells which versions are stored already, by the `_id` of their documents: those are not read again, which
    makes a second delivery cheap. Raises IngestStopped where a message breaks our own code; nothing may be committed
    then.
    """
    batch = Batch(fetched)
    messages: list[_Opened] = []
    for records in _chunks(chain.from_iterable(fetched.values())):
        messages += filter(None, [_judge(_open, record, record, batch) for record in records])
        await asyncio.sleep(0)  # the write in flight waits for its turn to go on
    known = await look_up({message.key for message in messages}) if messages else {}
    batch.known.update(known)
    for some in _chunks(message for message in messages if not _is_held(message, known)):
        for message in some:
            if news := _judge(_read, message, message.record, batch):
                batch.news.setdefault(message.key, []).append(news)
        await asyncio.sleep(0)
    batch.rejected.sort(key=attrgetter("partition", "offset"))  # in the order of arrival, as they were read in two goes
    return batch


def _chunks(things: Iterable[A]) -> Iterator[list[A]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, PAUSE_RECORDS)):
        yield chunk


def _open(record: ConsumerRecord) -> _Opened:
    envelope = decode_envelope(record.value, text_headers(record))
    return _Opened(record, document_id(envelope.source, envelope.subject), envelope)


def _is_held(message: _Opened, known: Mapping[str, Document]) -> bool:
    document, envelope = known.get(message.key), message.envelope
    return document is not None and holds(document, envelope.subject, envelope.version, NORMALISER_VERSION)


def _read(message: _Opened) -> News:
    return normalise(event_in(message.envelope), received_at(message.record))


def _judge(step: Callable[[A], B], message: A, record: ConsumerRecord, batch: Batch) -> B | None:
    try:
        return step(message)
    except Rejection as rejection:
        batch.rejected.append(dead_letter_of(record, rejection, NORMALISER_VERSION))
        return None
    except Exception as error:
        raise IngestStopped(
            f"The message at {place_of(record)} broke the normaliser ({error!r}), which is an error of ours."
        ) from error
