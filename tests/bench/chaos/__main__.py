"""Kill everything while the stream runs, then compare: `python -m tests.bench.chaos --reports 200000 --faults 100`.

With `--break FLAW` ingest has that flaw, and the comparison must see it. Exits with 1 where it saw what it should not,
or did not see what it should.
"""

import argparse
import asyncio
import logging
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from aiokafka.errors import KafkaError
from msgspec.structs import asdict

from deploy.embedded.process import Process
from ingest.settings import IngestSettings
from schema.errors import Unavailable
from tests.bench.chaos.faults import Faults, consumer
from tests.bench.chaos.model import differences
from tests.bench.chaos.stream import disorder
from tests.bench.servers import servers
from tests.integration.ingest.flaws import FLAWS
from tests.integration.ingest.support import Message, lag_of, send

SEND_SECONDS = 60.0
CATCH_UP_SECONDS = 300.0
SHOWN = 5  # differences


async def stream(settings: IngestSettings, windows: Sequence[list[Message]], faults: Faults, count: int) -> None:
    """Send the windows, some with each fault; what a broker that died did not acknowledge is sent again."""
    for number, window in enumerate(windows):
        while faults.begun <= number * count / len(windows):  # noqa: ASYNC110  nobody waits for an exact moment
            await asyncio.sleep(0.1)
        while True:
            try:
                await asyncio.wait_for(send(settings, window), SEND_SECONDS)
                break
            except (KafkaError, Unavailable, TimeoutError):
                await asyncio.sleep(0.5)


async def strike(faults: Faults, count: int) -> None:
    """Let so many faults strike."""
    for number in range(count):
        await faults.strike()
        if number % 10 == 9:
            print(f"{number + 1} faults after {time.monotonic() - STARTED:.0f} s", flush=True)


async def catch_up(settings: IngestSettings, faults: Faults) -> None:
    """Return when everything is committed. Raises TimeoutError, or what ends a consumer."""
    async with asyncio.timeout(CATCH_UP_SECONDS):
        while await lag_of(settings):
            faults.check()
            await asyncio.sleep(0.5)


async def run(
    given: argparse.Namespace, settings: IngestSettings, faults: Faults, consumers: Sequence[Process]
) -> bool:
    """Return whether it went as it should."""
    windows = list(disorder(given.reports, settings.partitions, given.seed))
    await send(settings, [])
    for process in consumers:
        process.start()
    await asyncio.gather(stream(settings, windows, faults, given.faults), strike(faults, given.faults))
    await catch_up(settings, faults)
    for process in consumers:
        process.stop()
    print(
        f"{given.reports:,} reports, {sum(map(len, windows)):,} messages, {time.monotonic() - STARTED:.0f} s", end=": "
    )
    print(", ".join(f"{name} {times}" for name, times in sorted(faults.struck.items())))
    found = await differences(settings)
    print(f"{len(found):,} differences", *found[:SHOWN], sep="\n  ")
    return bool(found) == bool(given.flaw)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.chaos", description=__doc__)
    parser.add_argument("--reports", type=int, default=20_000)
    parser.add_argument("--faults", type=int, default=15)
    parser.add_argument("--processes", type=int, default=2, help="of ingest")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--break", dest="flaw", choices=FLAWS, help="give ingest this flaw")
    given = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # our own clients meet the broker's deaths, too
    with tempfile.TemporaryDirectory(prefix="paygauge-") as name:
        folder = Path(name)
        with servers(folder) as (mongo, kafka):
            settings = IngestSettings(kafka=kafka.bootstrap, mongo=mongo.uri, batch_records=100, session_timeout=6)
            environ = {f"PAYGAUGE_{name.upper()}": str(value) for name, value in asdict(settings).items() if value}
            consumers = [
                consumer(number, given.flaw, environ, folder / f"ingest-{number}.log")
                for number in range(given.processes)
            ]
            faults = Faults(settings, kafka, mongo, consumers, random.Random(given.seed))
            try:
                passed = asyncio.run(run(given, settings, faults, consumers))
            finally:
                for process in consumers:
                    process.stop()
    sys.exit(not passed)


STARTED = time.monotonic()
main()
