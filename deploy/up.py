"""`paygauge up`: the whole path on this machine, from an empty folder to answers, and down again."""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from rich.console import Console

from deploy.embedded.jars import kafka_is_downloaded
from deploy.embedded.ports import listening_error
from deploy.home import RunningStack, open_home
from deploy.settings import StackSettings
from deploy.stack import Stack
from schema.errors import PaygaugeError
from schema.settings import read_settings

STILL_SECONDS = 20.0  # after which no more reports are expected to arrive
WATCH_SECONDS = 0.5


class PortUnusable(PaygaugeError):
    """The service cannot listen there: choose another port with --port or PAYGAUGE_PORT, or stop what does."""


class Demo(NamedTuple):
    """What an empty store is filled with."""

    reports: int
    seed: int


class _StopRequested(BaseException):
    """Somebody asked us to stop; not an Exception, so that nothing on the way takes it for an error."""


def bring_up(environ: Mapping[str, str], demo: Demo | None) -> None:
    """Start a stack, fill an empty store with the demo, and watch until SIGINT, SIGTERM or SIGHUP; then stop it.

    Raises ProcessFailed when a process ends by itself, and another PaygaugeError when one cannot be started.
    """
    settings = read_settings(StackSettings, environ)
    if error := listening_error(settings.port, settings.host):
        raise PortUnusable(f"{settings.host}:{settings.port}: {error}.")
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    with open_home(settings.home_folder) as home, Stack(settings, home, environ) as stack:
        try:
            with _stop_on_signals():
                _run(stack, demo, console)
        except _StopRequested:
            console.print("Stopping.")


def _run(stack: Stack, demo: Demo | None, console: Console) -> NoReturn:
    if not stack.settings.kafka and not kafka_is_downloaded(stack.settings.downloads_folder):
        console.print("Downloading Apache Kafka's jars (45 MB, kept for later).")
    with _step(console, "Kafka and MongoDB are up"):
        stack.start_servers()
    with _step(console, "Ingest and the service are up"):
        running = stack.start_ours()
    if demo:
        _fill(stack, demo, console)
    console.print(_addresses(running, stack.home.logs), markup=False)
    while True:
        stack.check()
        time.sleep(WATCH_SECONDS)


def _fill(stack: Stack, demo: Demo, console: Console) -> None:
    begun = stack.home.folder / "demo-begun"  # an interrupted demo is sent again: nothing counts twice
    if not begun.exists() and not stack.store_is_empty():
        return
    begun.touch()
    console.print(f"The store is empty: sending {demo.reports:,} synthetic reports (--no-demo leaves it empty).")
    stack.run("demo", "--reports", str(demo.reports), "--seed", str(demo.seed))
    begun.unlink()
    with _step(console, "They are visible"):
        visible = _visible_reports(stack, demo.reports)
    if visible < demo.reports:
        console.print(f"Only {visible:,} of them, that is: `paygauge dead-letters stats` says what was set aside.")


def _visible_reports(stack: Stack, awaited: int) -> int:
    count, since = 0, time.monotonic()
    while count < awaited and time.monotonic() - since < STILL_SECONDS:
        time.sleep(WATCH_SECONDS)
        stack.check()
        if (now := stack.visible_reports()) != count:
            count, since = now, time.monotonic()
    return count


def _addresses(running: RunningStack, logs: Path) -> str:
    rows = {
        "GraphiQL": f"{running.url}/graphql",
        "Health": f"{running.url}/health/ready",
        "Kafka": running.kafka,
        "MongoDB": running.mongo,
        "Metrics": f"{running.url}/metrics (service), {running.metrics} (ingest)",
        "Logs": logs,
        "To stop": "Ctrl-C",
    }
    return "\n".join(["", *(f"  {name:<10}{value}" for name, value in rows.items()), ""])


@contextmanager
def _step(console: Console, done: str) -> Iterator[None]:
    started = time.monotonic()
    with console.status(f"Waiting until {done[0].lower()}{done[1:]}"):
        yield
    console.print(f"{done} ({time.monotonic() - started:.1f} s).")


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    def request_stop(*_: Any) -> NoReturn:
        raise _StopRequested

    hangup_is_ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN  # as nohup asks
    told_by = {signal.SIGINT, signal.SIGTERM} if hangup_is_ignored else {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    try:
        for each in told_by:
            signal.signal(each, request_stop)
        yield
    finally:
        for each in told_by:  # stopping is bounded: a second Ctrl-C would only leave it half done
            signal.signal(each, signal.SIG_IGN)
