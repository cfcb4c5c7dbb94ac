"""A batch: what the messages of one fetch say, each decoded and normalised, or set aside with a reason."""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from aiokafka.structs import ConsumerRecord, TopicPartition
from msgspec import Struct, field

from ingest.dead_letters import DeadLetter, dead_letter_of, place_of, received_at, text_headers
from ingest.normalise import NORMALISER_VERSION, normalise
from schema.document import document_id
from schema.errors import IngestStopped, Rejection
from schema.event import decode_event
from schema.report import SalaryReport, Withdrawal

News = SalaryReport | Withdrawal
Fetched = Mapping[TopicPartition, Sequence[ConsumerRecord]]

PAUSE_RECORDS = 100  # about 3 ms


class Batch(Struct):
    """What `fetched` says: `news` by the `_id` of its document, in the order of arrival, and what was rejected."""

    fetched: Fetched
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

    def places(self, ids: Collection[str] = ()) -> str:
        """Return where the messages stand, for people: those of some documents, or else the first and last of all."""
        if not ids:
            return ", ".join(f"{place_of(records[0])} to {records[-1].offset}" for records in self.fetched.values())
        return ", ".join(place_of(record) for record, key in self._keys() if key in ids)

    def _keys(self) -> Iterator[tuple[ConsumerRecord, str]]:
        for record in chain.from_iterable(self.fetched.values()):
            try:
                event = decode_event(record.value, text_headers(record))
            except Rejection:
                continue
            yield record, document_id(event.source, event.subject)


async def read_batch(fetched: Fetched) -> Batch:
    """Return what the messages say, giving way to other tasks. A wrong message is no error: it is among `rejected`.

    Raises IngestStopped where a message breaks our own code; nothing may be committed then.
    """
    batch = Batch(fetched)
    for count, record in enumerate(chain.from_iterable(fetched.values())):
        if count % PAUSE_RECORDS == 0:
            await asyncio.sleep(0)  # the write in flight waits for its turn to go on
        _read(record, batch)
    return batch


def _read(record: ConsumerRecord, batch: Batch) -> None:
    try:
        news = normalise(decode_event(record.value, text_headers(record)), received_at(record))
    except Rejection as rejection:
        batch.rejected.append(dead_letter_of(record, rejection, NORMALISER_VERSION))
    except Exception as error:
        raise IngestStopped(
            f"The message at {place_of(record)} broke the normaliser ({error!r}), which is an error of ours."
        ) from error
    else:
        batch.news.setdefault(document_id(news.source, news.subject), []).append(news)
