"""A wrong message gets a typed reason in the dead letters: never a stop, never a silent drop."""

import json
from typing import Any

import pytest
from msgspec.structs import replace
from pymongo import MongoClient

from ingest.replay import Replay, replay_dead_letters
from ingest.settings import IngestSettings
from schema.document import SET_ASIDE_COLLECTION, Document
from schema.errors import IngestStopped, Rejection
from schema.vocabulary import RejectionReason
from tests.integration.ingest.support import (
    SOURCE,
    Message,
    committed_offsets,
    count_of,
    dead_letters,
    expected,
    ingest_all,
    records_in,
    send,
    stored,
    submitted,
)

MEGABYTE = 1_000_000


def changed(name: str, **attributes: Any) -> Message:
    """A report with attributes of the event changed."""
    message = submitted(name)
    return message._replace(value=json.dumps({**json.loads(message.value or b""), **attributes}).encode())


WRONG = {
    RejectionReason.MALFORMED: [
        Message(b'{"specversion": "1.0", ', b"half"),
        Message(b"\xff\xfe\x00", b"bytes"),
        Message(b"", b"empty"),
        Message(None, b"null"),
        Message(b'{"unknown": ' + b"[" * 5_000, b"deep"),
    ],
    RejectionReason.MISSING_FIELD: [
        submitted("untitled", title=...),
        submitted("unpaid", pay={"currency": "USD"}),
        changed("dataless", data=None),
        Message(b'{"specversion": "1.0"}', b"bare"),
    ],
    RejectionReason.WRONG_TYPE: [
        submitted("typed", title=7),
        changed("typeless", subject=["a"]),
        Message(b"[]", b"list"),
    ],
    RejectionReason.OUT_OF_RANGE: [
        submitted("negative", base=-1),
        submitted("absurd", base=1e300),
        submitted("future", effective="2099-01-01"),
        submitted("day", effective="2025-02-31"),
    ],
    RejectionReason.UNKNOWN_CURRENCY: [submitted("money", pay={"currency": "ZZZ", "base": 1})],
    RejectionReason.NO_RATE: [submitted("rateless", pay={"currency": "AED", "base": 100_000})],
    RejectionReason.UNSUPPORTED_VERSION: [changed("new", specversion="2.0"), changed("other", type="org.example.v1")],
    RejectionReason.TOO_LARGE: [
        submitted("huge", padding="x" * 10 * MEGABYTE),
        submitted("large", padding="x" * 300_000),
    ],
}


def test_every_reason_is_tried() -> None:
    assert set(WRONG) == set(RejectionReason)


async def test_each_wrong_message_is_set_aside_as_it_was(settings: IngestSettings) -> None:
    wrong = [(reason, message) for reason, messages in WRONG.items() for message in messages]
    marked = [message._replace(headers=[*message.headers, ("trace", b"\x00\xff")]) for _, message in wrong]
    right = [submitted(f"r-{number}") for number in range(20)]
    await send(settings, [message._replace(partition=0) for message in [*right[:10], *marked, *right[10:]]])

    await ingest_all(settings)

    letters = await dead_letters(settings)
    assert [(letter.offset, letter.reason) for letter in letters] == [
        (10 + place, reason.value) for place, (reason, _) in enumerate(wrong)
    ]
    for letter, message in zip(letters, marked, strict=True):
        assert letter.value == message.value
        assert letter.key == message.key
        assert list(letter.headers) == list(message.headers)
        assert letter.message
    assert await stored(settings) == await expected(settings)
    assert await count_of(settings) == len(right)


async def test_each_message_that_is_set_aside_is_noted_by_its_source(settings: IngestSettings) -> None:
    await send(
        settings, [submitted("money", pay={"currency": "ZZZ", "base": 1}, partition=1), Message(b"{", b"", [], 2)]
    )

    await ingest_all(settings)

    with MongoClient[Document](settings.mongo) as client:
        notes = {note["_id"]: note for note in client[settings.database][SET_ASIDE_COLLECTION].find()}
    readable, unreadable = notes[f"{settings.topic}/1/0"], notes[f"{settings.topic}/2/0"]
    assert (readable["source"], readable["event"], readable["subject"]) == (SOURCE, "money@0", "money")
    assert (readable["reason"], readable["path"]) == ("unknown_currency", "$.data.pay.currency")
    assert "ZZZ" in readable["message"]
    assert (unreadable["source"], unreadable["reason"]) == (None, "malformed")


async def test_the_brake_stops_ingest_before_the_topic_empties_into_the_dead_letters(settings: IngestSettings) -> None:
    await send(settings, [Message(b"{", b"", [], partition=0) for _ in range(500)])
    careful = replace(settings, brake_window=100, batch_records=50)

    with pytest.raises(IngestStopped, match=r"100 of the last 100 messages were rejected"):
        await ingest_all(careful)

    assert await committed_offsets(settings) == {0: 50}
    assert len(await dead_letters(settings)) == 50

    await ingest_all(replace(careful, brake_share=0))
    assert len(await dead_letters(settings)) == 500


async def test_a_replay_sends_what_was_set_aside_again_as_it_was_and_once(
    settings: IngestSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = submitted("good", partition=0), Message(b"{", b"bad", [("trace", b"1")], partition=0)

    def strict(*_: object) -> None:
        raise Rejection(RejectionReason.OUT_OF_RANGE, "$.data", "an error of a release")

    await send(settings, [good, bad])
    with monkeypatch.context() as release:
        release.setattr("ingest.batch.normalise", strict)
        await ingest_all(settings)
    assert await count_of(settings) == 0

    assert await replay_dead_letters(settings, reasons=["malformed"]) == Replay(sent=1)
    assert await replay_dead_letters(settings) == Replay(sent=1, before=1)
    assert await replay_dead_letters(settings) == Replay(before=2)
    await ingest_all(settings)

    again = {record.key: record for record in (await records_in(settings.kafka, settings.topic))[2:]}
    assert (again[b"good"].value, again[b"bad"].value) == (good.value, bad.value)
    assert again[b"bad"].headers[0] == ("trace", b"1")
    # what passes now is stored; what is still wrong is a dead letter of its new place, to be replayed again
    assert await count_of(settings) == 1
    *before, last = await dead_letters(settings)
    assert len(before) == 2
    assert last.place == f"{settings.topic}/{again[b'bad'].partition}/{again[b'bad'].offset}"
    assert await replay_dead_letters(settings) == Replay(sent=1, before=2)
