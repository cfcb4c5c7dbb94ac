"""What a backlog costs: events a second by what the group has committed, CPU time by what the kernel has counted."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 600.0
TICKS = os.sysconf("SC_CLK_TCK")  # of /proc, a second


class Cost(NamedTuple):
    """Of one run, between its first commit and its last: events a second, and CPU time an event of each party."""

    rate: float
    consumer_us: float
    mongod_us: float
    broker_us: float


class Pids(NamedTuple):
    """The processes whose CPU time counts."""

    consumer: Sequence[int]
    mongod: Sequence[int]
    broker: Sequence[int]


async def watch(bootstrap: str, topic: str, group: str, pids: Pids, check: Callable[[], None]) -> Cost:
    """Return what it took the group to come from its first commit to the topic's end; `check` may raise meanwhile.

    Starting and joining are left out, for ours as for others.
    """
    total = await _end_of(bootstrap, topic)
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        first = await _until(admin, group, 1, check)
        started, before = time.monotonic(), _seconds(pids)
        last = await _until(admin, group, total, check)
        took, after = time.monotonic() - started, _seconds(pids)
    finally:
        await admin.close()
    events = last - first
    return Cost(events / took, *(1e6 * (end - start) / events for start, end in zip(before, after, strict=True)))


async def _end_of(bootstrap: str, topic: str) -> int:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return sum((await consumer.end_offsets(consumer.assignment())).values())
    finally:
        await consumer.stop()


async def _until(admin: AIOKafkaAdminClient, group: str, wanted: int, check: Callable[[], None]) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        committed = await _committed(admin, group)
        if committed >= wanted:
            return committed
        check()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{committed:,} of {wanted:,} after {PATIENCE_SECONDS:.0f} s")
        await asyncio.sleep(POLL_SECONDS)


async def _committed(admin: AIOKafkaAdminClient, group: str) -> int:
    try:
        offsets = await admin.list_consumer_group_offsets(group)
    except GroupCoordinatorNotAvailableError:  # a broker that has just started says so once
        return 0
    return sum(committed.offset for committed in offsets.values() if committed.offset > 0)


def _seconds(pids: Pids) -> list[float]:
    return [sum(map(_cpu, some)) for some in pids]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS  # utime and stime, of all threads
