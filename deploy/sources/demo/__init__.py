"""The demo: a seeded stream of invented reports with the mix, the money and the mess of real ones.

Nothing in it was reported by anybody, its companies do not exist, and every report says `synthetic`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

import msgspec
import numpy as np

from deploy.sources.demo import quirks
from deploy.sources.demo.population import POSTINGS, SOURCES
from deploy.sources.demo.reports import Report, draw_reports
from deploy.sources.demo.writing import day_of, write_report
from deploy.sources.publish import Message, message_of
from schema.document import partition_key
from schema.event import CORRECTED, SUBMITTED, WITHDRAWN

CHUNK = 4_096  # reports drawn at once; part of what a seed means
LAST_TIME = datetime(2026, 10, 31, tzinfo=UTC)
LAG_DAYS = 45.0  # from the month that a report is about to its arrival

Json = dict[str, Any]


def demo_events(reports: int, seed: int) -> Iterator[Message]:
    """Yield the messages that leave exactly `reports` live reports behind, a range in two events counted once.

    Beside them come earlier versions that are corrected (2%), reports that are withdrawn (1%), repeated messages (1%)
    and wrong ones (0.5%), in no strict order. The same arguments give the same bytes, and more reports of the same
    seed begin with the same ones.
    """
    for start in range(0, reports, CHUNK):
        random = Random(f"{seed}/{start}")
        drawn = draw_reports(np.random.default_rng([seed, start]), CHUNK)
        messages = [
            (index, message)
            for index, report in enumerate(drawn, start)
            for message in _messages(report, f"{seed}-{start + report.person}", f"{seed}-{index}", random)
        ]
        random.shuffle(messages)
        yield from (message for index, message in messages if index < reports)


def _messages(report: Report, contributor: str, name: str, random: Random) -> Iterator[Message]:
    arrived = datetime.combine(day_of(report.moment), time(tzinfo=UTC)) + timedelta(days=random.random() * LAG_DAYS)
    event = {
        "specversion": "1.0",
        "id": f"{name}.1",
        "source": f"urn:paygauge:demo:{SOURCES[report.source]}",
        "subject": name,
        "type": SUBMITTED,
        "time": _at(arrived),
        "datacontenttype": "application/json",
        "data": write_report(report, contributor, random),
    }
    ranged = report.source == POSTINGS and random.random() < quirks.RANGE_SHARE
    yield from _range(event, random) if ranged else _versions(event, arrived, random)
    if random.random() < quirks.WITHDRAWN_SHARE:
        yield from _withdrawn(event, arrived)
    if random.random() < quirks.WRONG_SHARE:
        yield message_of(quirks.break_event({**event, "id": f"{name}x.1", "subject": f"{name}x"}, random))


def _range(event: Json, random: Random) -> Iterator[Message]:
    name, data = event["subject"], event["data"]
    low, high = quirks.ends_of_range(data, random)
    if random.random() < quirks.PAIR_SHARE:
        for end, base in (("#min", low), ("#max", high)):
            yield _message(event, id=f"{name}{end}", subject=f"{name}{end}", data=quirks.with_base(data, base))
    else:
        yield _message(event, data=quirks.with_base(data, {"min": low, "max": high}))


def _versions(event: Json, arrived: datetime, random: Random) -> Iterator[Message]:
    name, data = event["subject"], event["data"]
    if random.random() < quirks.CORRECTED_SHARE:
        yield _message(event, data=quirks.mistype(data, random))
        yield _message(event, id=f"{name}.2", type=CORRECTED, time=_at(arrived + timedelta(days=3)))
    elif random.random() < quirks.FORGOTTEN_PERIOD_SHARE:
        yield _message(event, data=quirks.forget_period(data))
    else:
        yield from [_message(event)] * (2 if random.random() < quirks.REPEATED_SHARE else 1)


def _withdrawn(event: Json, arrived: datetime) -> Iterator[Message]:
    name = f"{event['subject']}b"
    yield _message(event, id=f"{name}.1", subject=name)
    withdrawal = {attribute: value for attribute, value in event.items() if attribute != "data"}
    yield _message(withdrawal, id=f"{name}.2", subject=name, type=WITHDRAWN, time=_at(arrived + timedelta(days=1)))


def _message(event: Json, **changes: Any) -> Message:
    event = {**event, **changes}
    key = partition_key(event["source"], event["subject"], event.get("data", {}).get("contributor"))
    return Message(key, msgspec.json.encode(event))


def _at(moment: datetime) -> str:
    return min(moment, LAST_TIME).isoformat(timespec="seconds").replace("+00:00", "Z")
