"""The faults: consumers, the broker and mongod are killed, stopped, hung, and started again, while the stream runs."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from aiokafka.errors import KafkaError
from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mongo import MongoServer
from deploy.embedded.process import Process
from ingest.settings import IngestSettings
from tests.integration.ingest.support import committed_offsets

BUSY_SECONDS = 10.0  # a consumer that was killed holds its partitions for 6
LEAD_SECONDS = 0.2  # at most, from a commit to the fault
PAUSE_SECONDS = 0.5  # at most, between two faults
DOWN_SECONDS = 1.0  # at most, on top of what starting takes
HANG_SECONDS = 2.0
STEP_DOWN_SECONDS = 2
STOP_SECONDS = 10.0  # ingest promises 8, on an idle machine
WAYS_OUT = (0, -signal.SIGTERM)  # the latter where it was told before it listened


class Faults:
    """Strikes one after another, by luck; each ends with what it struck running again. `struck` counts them.

    `begun` rises before a fault strikes, so that what is sent then is in hand when it does.
    """

    def __init__(
        self,
        settings: IngestSettings,
        kafka: KafkaServer,
        mongo: MongoServer,
        consumers: list[Process],
        luck: random.Random,
    ) -> None:
        self._settings = settings
        self.struck: Counter[str] = Counter()
        self.begun = 0
        self._kafka, self._mongo, self._consumers, self._luck = kafka, mongo, consumers, luck
        self._kinds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "consumer killed": (8, self._kill_consumer),
            "consumer stopped": (4, self._stop_consumer),
            "broker killed": (1, lambda: self._restart(self._kafka, self._kafka.kill)),
            "broker stopped": (1, lambda: self._restart(self._kafka, self._kafka.stop)),
            "mongod killed": (2, lambda: self._restart(self._mongo, self._mongo.kill)),
            "mongod stopped": (1, lambda: self._restart(self._mongo, self._mongo.stop)),
            "mongod and all consumers killed": (3, self._kill_both),
            "mongod hung": (1, self._hang_mongo),
            "mongod stepped down": (1, self._step_down),
        }

    async def strike(self) -> None:
        """Let something happen, and return when it is over and a while has passed."""
        weights = [weight for weight, _ in self._kinds.values()]
        ((name, (_, fault)),) = self._luck.choices(list(self._kinds.items()), weights)
        self.begun += 1
        await self._until_busy()
        await asyncio.sleep(self._luck.uniform(0, LEAD_SECONDS))
        await fault()
        self.struck[name] += 1
        self.check()
        await asyncio.sleep(self._luck.uniform(0, PAUSE_SECONDS))

    def check(self) -> None:
        """Raise ProcessFailed where a consumer gave up, which none may."""
        for consumer in self._consumers:
            consumer.check()

    async def _until_busy(self) -> None:
        # a fault that strikes idle consumers shows nothing
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(BUSY_SECONDS):
                before = await committed_offsets(self._settings)
                while await committed_offsets(self._settings) == before:
                    pass

    async def _kill_consumer(self) -> None:
        consumer = self._luck.choice(self._consumers)
        consumer.kill()
        consumer.start()

    async def _stop_consumer(self) -> None:
        consumer = self._luck.choice(self._consumers)
        consumer.terminate()
        await asyncio.to_thread(consumer.stop, STOP_SECONDS)
        assert consumer.exit_code in WAYS_OUT, consumer.last_lines()
        consumer.start()

    async def _restart(self, server: KafkaServer | MongoServer, end: Callable[[], None]) -> None:
        await asyncio.to_thread(end)
        await asyncio.sleep(self._luck.uniform(0, DOWN_SECONDS))
        server.start()
        await asyncio.to_thread(server.wait_until_ready)

    async def _kill_both(self) -> None:
        self._mongo.kill()
        await asyncio.sleep(self._luck.uniform(0, 2 * DOWN_SECONDS))  # a batch waits for mongod meanwhile
        for consumer in self._consumers:
            consumer.kill()
            consumer.start()
        self._mongo.start()
        await asyncio.to_thread(self._mongo.wait_until_ready)

    async def _hang_mongo(self) -> None:
        assert self._mongo.pid
        os.kill(self._mongo.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(HANG_SECONDS)
        finally:
            os.kill(self._mongo.pid, signal.SIGCONT)

    async def _step_down(self) -> None:
        with MongoClient(self._mongo.uri) as client, suppress(PyMongoError):  # it closes its connections
            await asyncio.to_thread(client.admin.command, {"replSetStepDown": STEP_DOWN_SECONDS, "force": True})
        await asyncio.to_thread(self._mongo.wait_until_ready)


def consumer(number: int, flaw: str | None, environ: dict[str, str], log: Path) -> Process:
    """Return an ingest that is not started yet."""
    argv = [sys.executable, "-m", "tests.bench.chaos.child", *([flaw] if flaw else [])]
    return Process(f"ingest {number}", argv, log, {**os.environ, **environ})
