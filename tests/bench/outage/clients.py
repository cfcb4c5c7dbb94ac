"""Clients who ask on while servers die, and what each of them may see meanwhile."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx2

from tests.integration.service.sending import STATUS, SUBMIT, report

LONGEST_SECONDS = 10.0
"""Nobody is kept waiting for longer."""
PAUSE_SECONDS = 0.1
QUIET, SERVICE, MONGOD, BROKER = "nothing", "service", "mongod", "broker"
HANG = f"no answer in {LONGEST_SECONDS:g} s"

GONE = frozenset({"ConnectError", "ReadError", "WriteError", "RemoteProtocolError", "503 NOT_READY"})
UNAVAILABLE = frozenset({"200 UNAVAILABLE"})
ALLOWED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "figures": {SERVICE: GONE},
    "submit": {
        SERVICE: GONE,
        MONGOD: frozenset({"503 UNAVAILABLE", "200 UNAVAILABLE"}),
        BROKER: frozenset({"200 UNAVAILABLE"}),
    },
    "status": {SERVICE: GONE, MONGOD: frozenset({"503 UNAVAILABLE", "200 UNAVAILABLE"})},
    "ready": {SERVICE: GONE | {"503 not ready"}, MONGOD: frozenset({"503 not ready"})},
}
"""What else than an answer a client may be told, by what is away."""

FIGURES = """query ($p: Float!) { about { reports } cohort { sample { reports }
  distribution { quantiles(ps: [$p]) { estimate { value } } } breakdown(by: [LEVEL]) { nodes { keys { code } } } } }"""


class Seen(NamedTuple):
    """What a client was told, what was away when it asked and when it was told, and how many seconds it waited."""

    client: str
    away: tuple[str, str]
    outcome: str
    seconds: float

    @property
    def allowed(self) -> bool:
        """Whether it is an answer, or an error that what was away explains."""
        return self.outcome == "200" or any(self.outcome in ALLOWED[self.client].get(each, ()) for each in self.away)


class Clients:
    """One who asks for figures, one who submits, one who asks what became of it, and a probe, in threads of their own.

    `away` is what whoever kills says is away; `receipts` are the names of the reports that Kafka has acknowledged.
    """

    def __init__(self, url: str, key: str) -> None:
        self._url, self._headers = url, {"Authorization": f"Bearer {key}"}
        self._stopping = threading.Event()
        asks: Mapping[str, Callable[[httpx2.Client], str]] = {
            "figures": self._figures,
            "submit": self._submit,
            "status": self._status,
            "ready": _probe,
        }
        self._threads = [threading.Thread(target=self._ask, args=each) for each in asks.items()]
        self._report, self._asked = report(), 0
        self.away = QUIET
        self.seen: list[Seen] = []
        self.receipts: list[str] = []

    def __enter__(self) -> Self:
        """Begin to ask."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop asking."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, client: str, outcome: str, seconds: float) -> float:
        """Return after how many seconds a client that asks from now on is told this. Raises AssertionError if never."""
        started, begin = time.monotonic(), len(self.seen)
        while not any((each.client, each.outcome) == (client, outcome) for each in self.seen[begin:]):
            told = {each.outcome for each in self.seen[begin:] if each.client == client}
            assert time.monotonic() < started + seconds, f"{client} was told {told}, not {outcome!r}, in {seconds} s"
            time.sleep(0.02)
        return time.monotonic() - started

    def _ask(self, client: str, ask: Callable[[httpx2.Client], str]) -> None:
        with httpx2.Client(base_url=self._url, headers=self._headers, timeout=LONGEST_SECONDS) as http:
            while not self._stopping.is_set():
                away, started = self.away, time.monotonic()
                try:
                    outcome = ask(http)
                except httpx2.TimeoutException:
                    outcome = HANG
                except httpx2.TransportError as error:
                    outcome = type(error).__name__
                except Exception as error:  # what no client can read is the worst that it can be told
                    outcome = f"unreadable: {error!r}"
                self.seen.append(Seen(client, (away, self.away), outcome, time.monotonic() - started))
                self._stopping.wait(PAUSE_SECONDS)

    def _figures(self, http: httpx2.Client) -> str:
        self._asked += 1
        p = 0.5 if self._asked % 2 else 0.1 + 0.8 * (self._asked % 97) / 97  # some are kept answers, some are new
        outcome, data = _post(http, FIGURES, p=p)
        return outcome if outcome != "200" or data["cohort"]["breakdown"]["nodes"] else "200 without figures"

    def _submit(self, http: httpx2.Client) -> str:
        outcome, data = _post(http, SUBMIT, report=self._report)
        if outcome == "200":
            assert data["submitReport"]["receipt"], data
            self.receipts.append(self._report["id"])
            self._report = report(uuid.uuid4().hex)
        return outcome

    def _status(self, http: httpx2.Client) -> str:
        name = self.receipts[-1] if self.receipts else "none"
        return _post(http, STATUS, source=self._report["source"], id=name)[0]


def _post(http: httpx2.Client, query: str, **variables: Any) -> tuple[str, Any]:
    response = http.post("/graphql", json={"query": query, "variables": variables})
    answer = response.json()
    codes = sorted({error["extensions"]["code"] for error in answer.get("errors", ())})
    outcome = " ".join([str(response.status_code), *codes])
    if response.status_code == 503 and "retry-after" not in response.headers:
        outcome += " without Retry-After"
    return outcome, answer.get("data")


def _probe(http: httpx2.Client) -> str:
    response = http.get("/health/ready")
    assert response.json()["ready"] == (response.status_code == 200)
    return "200" if response.status_code == 200 else f"{response.status_code} not ready"
