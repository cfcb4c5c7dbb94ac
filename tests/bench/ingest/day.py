"""A day's events through Kafka, ingest, MongoDB and the service in one run: `python -m tests.bench.ingest.day`.

24 hours at 500 events a second by default. Ctrl-C ends it early: what is sent is finished, then shown as at the end.
"""

import argparse
import asyncio
import csv
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient

from tests.bench.ingest.curve import draw_curve
from tests.bench.ingest.path import Running, held, whole_path
from tests.bench.ingest.traffic import Plan, Sender
from tests.bench.whole import processor_seconds, resident_megabytes

DAY = 24 * 3600 * 500


class Sample(NamedTuple):
    """A look at the run: seconds since its beginning, messages so far, messages a second, resident megabytes."""

    seconds: float
    sent: int
    committed: int
    rate: float
    lag: int
    ingest_mb: float
    service_mb: float


class Day:
    """The path, and what is sent through it."""

    def __init__(self, path: Running, sender: Sender) -> None:
        self._path, self._sender = path, sender
        self.samples: list[Sample] = []
        self._started, self._computed = time.monotonic(), self._processor_seconds()

    async def run(self, every: float, seconds: float, note: Callable[[Sample], None]) -> None:
        """Sample until all that is sent is committed; send no more after so many seconds or a SIGINT."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._sender.stop)
        admin = AIOKafkaAdminClient(bootstrap_servers=self._path.settings.kafka)
        await admin.start()
        try:
            while self._sender.running or self._sender.committed.value < self._sender.sent.value:
                await asyncio.sleep(every)
                self._path.check()
                offsets = await admin.list_consumer_group_offsets(self._path.settings.group)
                self._sender.committed.value = sum(max(each.offset, 0) for each in offsets.values())
                self.samples.append(self._look())
                note(self.samples[-1])
                if self.samples[-1].seconds > seconds:
                    self._sender.stop()
        finally:
            await admin.close()

    def _look(self) -> Sample:
        sent, committed, now = self._sender.sent.value, self._sender.committed.value, time.monotonic() - self._started
        before = self.samples[-1] if self.samples else Sample(0, 0, 0, 0, 0, 0, 0)
        rate = (committed - before.committed) / (now - before.seconds)
        parties = self._path.processes
        memory = [sum(map(resident_megabytes, parties[name])) for name in ("ingest", "service")]
        return Sample(round(now, 1), sent, committed, round(rate), sent - committed, *(round(mb, 1) for mb in memory))

    def _processor_seconds(self) -> dict[str, float]:
        return {name: sum(map(processor_seconds, some)) for name, some in self._path.processes.items()}

    def cost(self) -> str:
        """Return what an event took of the processor so far, the first events and their vocabularies included."""
        events = max(1, self.samples[-1].committed)
        took = {name: now - self._computed[name] for name, now in self._processor_seconds().items()}
        return "CPU us an event: " + ", ".join(f"{name} {1e6 * each / events:.1f}" for name, each in took.items())


def summary(samples: list[Sample]) -> Iterator[str]:
    """Yield what a run shows: its rate, its lag, and the memory in each quarter of it."""
    last = samples[-1]
    yield f"{last.committed:,} events in {last.seconds:,.0f} s: {last.committed / last.seconds:,.0f} a second"
    yield f"lag at most {max(sample.lag for sample in samples):,} messages"
    size = max(1, len(samples) // 4)
    for name in ("ingest_mb", "service_mb"):
        quarters = [samples[start : start + size] for start in range(0, size * 4, size)]
        medians = [statistics.median(getattr(sample, name) for sample in some) for some in quarters if some]
        most = max(getattr(sample, name) for sample in samples)
        yield f"{name}: median of each quarter {', '.join(f'{mb:.0f}' for mb in medians)}; at most {most:.0f}"


def curve(samples: list[Sample]) -> str:
    """Return the picture of a run."""
    columns = {name: list(column) for name, column in zip(Sample._fields, zip(*samples, strict=True), strict=True)}
    return draw_curve(
        columns["seconds"],
        {
            "resident memory, MB": {"service": columns["service_mb"], "ingest": columns["ingest_mb"]},
            "events a second": {"": columns["rate"]},
            "lag, messages": {"": columns["lag"]},
        },
    )


def main() -> None:
    """Run a day, and leave its samples and its curve."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ingest.day", description=__doc__)
    parser.add_argument("--events", type=int, default=DAY)
    parser.add_argument("--reports", type=int, default=200_000, help="that all these events are about")
    parser.add_argument("--processes", type=int, default=2, help="of ingest")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="after which no more is sent")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between samples")
    parser.add_argument("--csv", type=Path, default=Path("day.csv"))
    parser.add_argument("--curve", type=Path, default=Path("day.svg"))
    given = parser.parse_args()
    plan = Plan(given.events, given.reports)
    with (
        tempfile.TemporaryDirectory(prefix="paygauge-") as name,
        whole_path(Path(name), given.processes) as path,
        given.csv.open("w", newline="") as file,
        Sender(path.settings, plan) as sender,
    ):
        rows = csv.writer(file)
        rows.writerow(Sample._fields)

        def note(sample: Sample) -> None:
            rows.writerow(sample)
            file.flush()
            share, memory = sample.committed / plan.events, f"{sample.ingest_mb:.0f} + {sample.service_mb:.0f} MB"
            line = f"\r{share:.1%} {sample.committed:,} events, {sample.rate:,.0f}/s, lag {sample.lag:,}, {memory}   "
            print(line, end="", file=sys.stderr, flush=True)

        day = Day(path, sender)
        asyncio.run(day.run(given.every, given.seconds, note))
        print(file=sys.stderr)
        print(*summary(day.samples), day.cost(), sep="\n")
        given.curve.write_text(curve(day.samples))
        wanted = sender.live.value
        stored, counted = held(path, wanted)
        print(f"live reports: {wanted:,} sent, {stored:,} in MongoDB, {counted:,} in the service")
    if not wanted == stored == counted:
        sys.exit("what is held is not what was sent")


if __name__ == "__main__":
    main()
