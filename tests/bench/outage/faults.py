"""What is killed and started again, and what the clients must see before it goes on."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.bench.outage.clients import BROKER, MONGOD, QUIET, SERVICE, Clients
from tests.bench.outage.path import BACK_SECONDS, WholePath

DOWN_SECONDS = 1.0
NOTICED_SECONDS = 10.0
"""Within which clients must be told that something is away."""
VISIBLE_SECONDS = 10.0
"""Within which what is in MongoDB must be in the figures."""


class Outage(NamedTuple):
    """What was killed, how long it was away, and how long after its start until it was ready and clients answered."""

    name: str
    away_seconds: float
    ready_seconds: float
    back_seconds: float


class Faults:
    """Kills and starts again, one after another, while clients ask. Raises AssertionError where they see nothing of it.

    To be used from the thread that has started the path: the processes end with the thread that started them.
    """

    def __init__(self, path: WholePath, clients: Clients) -> None:
        self._path, self._clients = path, clients

    def kill(self, name: str) -> Outage:
        """Kill one and start it again; return when clients are answered as before."""
        strike = {SERVICE: self._service, MONGOD: self._mongod, BROKER: self._broker}[name]
        self._clients.away, killed = name, time.monotonic()
        try:
            started = strike()
            self._clients.wait_for("ready", "200", BACK_SECONDS)
            ready = time.monotonic()
            for client in ("figures", "submit", "status"):
                self._clients.wait_for(client, "200", BACK_SECONDS)
            # or its restarts would show nothing of what is kept and of where it is followed from
            assert name != SERVICE or self._path.began_with_what_was_kept()
            return Outage(name, started - killed, ready - started, time.monotonic() - started)
        finally:
            self._clients.away = QUIET

    def _service(self) -> float:
        self._path.wait_until_kept()
        self._path.service.kill()
        self._clients.wait_for("figures", "ConnectError", NOTICED_SECONDS)
        time.sleep(DOWN_SECONDS)
        started = time.monotonic()
        self._path.service.start()
        return started

    def _mongod(self) -> float:
        self._path.mongo.kill()
        self._clients.wait_for("ready", "503 not ready", NOTICED_SECONDS)
        self._clients.wait_for("figures", "200", NOTICED_SECONDS)
        time.sleep(DOWN_SECONDS)
        started = time.monotonic()
        self._path.mongo.start()
        self._path.mongo.wait_until_ready()
        return started

    def _broker(self) -> float:
        self._path.kafka.kill()
        self._clients.wait_for("submit", "200 UNAVAILABLE", NOTICED_SECONDS + DOWN_SECONDS)
        self._clients.wait_for("figures", "200", NOTICED_SECONDS)
        time.sleep(DOWN_SECONDS)
        started = time.monotonic()
        self._path.kafka.start()
        self._path.kafka.wait_until_ready()
        return started


def check(path: WholePath, clients: Clients) -> list[str]:
    """Return what is wrong, in the end: answers that nothing explains, reports that are lost, figures that differ."""
    unexplained = {
        f"{each.client}, while {' and '.join(sorted(set(each.away)))} was away: {each.outcome}"
        for each in clients.seen
        if not each.allowed
    }
    path.wait_until_ingested()
    lost = set(clients.receipts) - path.subjects()
    missing = [f"{len(lost)} reports of {len(clients.receipts)} have receipts and are lost"] if lost else []
    anew, deadline = path.figures_anew(), time.monotonic() + VISIBLE_SECONDS
    while (given := path.figures()) != anew and time.monotonic() < deadline:
        time.sleep(0.2)
    return [*sorted(unexplained), *missing, *_differences("", given, anew)]


def _differences(where: str, given: Any, anew: Any) -> Iterator[str]:
    if isinstance(given, dict) and isinstance(anew, dict) and given.keys() == anew.keys():
        for name in given:
            yield from _differences(f"{where}/{name}", given[name], anew[name])
    elif isinstance(given, list) and isinstance(anew, list) and len(given) == len(anew):
        for number, (one, other) in enumerate(zip(given, anew, strict=True)):
            yield from _differences(f"{where}/{number}", one, other)
    elif given != anew:
        yield f"{where}: {given}, anew {anew}"
