"""Subscribers while reports arrive: `python -m tests.bench.subscribers --subscribers 200 --rate 500 --seconds 30`.

Of every report and every subscriber whose cohort it belongs to: the seconds from its being sent to Kafka to the first
update that counts it.
"""

import argparse
import asyncio
import json
import os
import time
from bisect import bisect_left
from typing import Any

import numpy as np
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.bench.whole import LEVELS, Arrivals, processor_seconds, service_process, whole_path

EVERY_MS = 1000
BAR_SECONDS = 2.0
SETTLE_SECONDS = 5.0
QUERY = """subscription ($where: CohortFilter! = {}, $every: Int!) { cohort(where: $where, every: $every) {
  sample { reports } distribution { quantiles { p estimate { value low high } } } } }"""


class Subscriber:
    """One who follows a level, or everything, and notes how many reports were in it when."""

    def __init__(self, number: int) -> None:
        kind = number % (len(LEVELS) + 1)
        self.level = kind if kind < len(LEVELS) else None
        self.seen: list[tuple[float, int]] = []
        self.answered = asyncio.Event()

    async def follow(self, url: str) -> None:
        """Listen until cancelled."""
        where: dict[str, Any] = {} if self.level is None else {"level": [LEVELS[self.level].upper()]}
        variables = {"where": where, "every": EVERY_MS}
        async with connect(
            f"{url.replace('http', 'ws')}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]
        ) as socket:
            await socket.send('{"type":"connection_init"}')
            await socket.recv()
            payload = {"query": QUERY, "variables": variables}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            async for message in socket:
                data = json.loads(message)["payload"]["data"]
                self.seen.append((time.monotonic(), data["cohort"]["sample"]["reports"]))
                self.answered.set()

    def mine(self, moments: list[float]) -> list[float]:
        """Return when the reports were sent that belong to the cohort."""
        return [moment for number, moment in enumerate(moments) if self.level in (None, number % len(LEVELS))]

    def delays(self, moments: list[float]) -> list[float]:
        """Return the delay of each report that belongs to the cohort; infinite where it was never counted."""
        mine = self.mine(moments)
        counts = [count - self.seen[0][1] for _, count in self.seen]
        whens = [when for when, _ in self.seen]
        at = [bisect_left(counts, number + 1) for number in range(len(mine))]
        return [whens[k] - moment if k < len(whens) else float("inf") for k, moment in zip(at, mine, strict=True)]


async def run(kafka: str, url: str, subscribers: int, rate: int, seconds: float) -> None:
    """Follow, send, and print the delays."""
    following = [Subscriber(number) for number in range(subscribers)]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each.follow(url)) for each in following]
        for each in following:
            await each.answered.wait()
        arrivals, process = Arrivals(kafka, rate), service_process(url)
        computed = processor_seconds(process)
        await arrivals.send(seconds)
        computed = processor_seconds(process) - computed
        await asyncio.sleep(SETTLE_SECONDS)
        for task in tasks:
            task.cancel()
    delays = np.concatenate([each.delays(arrivals.moments) for each in following])
    sent = np.concatenate([np.array(each.mine(arrivals.moments)) for each in following]) - arrivals.moments[0]
    late = sorted({int(second) for second in sent[delays > BAR_SECONDS]})
    p50, p99, longest = np.quantile(delays, [0.5, 0.99, 1.0], method="lower")
    updates = sum(len(each.seen) for each in following)
    print(f"{subscribers} subscribers, {len(arrivals.moments) / seconds:,.0f} reports a second, {updates:,} updates")
    print(f"the service computed for {100 * computed / seconds:.0f}% of the time, on {os.cpu_count()} cores")
    print(f"seconds from Kafka to an update: p50 {p50:.2f}, p99 {p99:.2f}, longest {longest:.2f} (bar {BAR_SECONDS:g})")
    print(f"{np.mean(delays > BAR_SECONDS):.2%} were later than the bar, sent in these seconds of the run: {late}")


def main() -> None:
    """Run the whole path on this machine and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscribers", type=int, default=200)
    parser.add_argument("--rate", type=int, default=500, help="reports a second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--held", type=int, default=100_000, help="reports that are there before")
    options = parser.parse_args()
    with whole_path(options.held) as path:
        asyncio.run(run(path.kafka, path.url, options.subscribers, options.rate, options.seconds))


if __name__ == "__main__":
    main()
