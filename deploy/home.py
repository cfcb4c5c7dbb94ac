"""The home of a stack: one folder for data and logs, one stack at a time, and a note where the running one answers."""

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from deploy.settings import StackSettings
from schema.errors import PaygaugeError
from schema.settings import PREFIX, read_settings


class HomeUnusable(PaygaugeError):
    """The home folder cannot be used: name another one in PAYGAUGE_HOME or with --home."""


class HomeTaken(PaygaugeError):
    """Another Paygauge runs there: stop it, or name another home with --home."""


class NothingRuns(PaygaugeError):
    """No stack is running: start one with `paygauge up`, or name servers in PAYGAUGE_KAFKA and PAYGAUGE_MONGO."""


class RunningStack(msgspec.Struct, frozen=True):
    """Where a running stack answers."""

    pid: int  # of `paygauge up`
    url: str
    kafka: str
    mongo: str
    metrics: str = ""  # of ingest


class Home:
    """A home that this process holds; made by `open_home`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.logs = folder / "logs"

    def log(self, name: str) -> Path:
        """Return where the process called `name` logs."""
        return self.logs / f"{name}.log"

    def announce(self, stack: RunningStack) -> None:
        """Let other commands find the stack until this process ends."""
        _note(self.folder).write_bytes(msgspec.json.format(msgspec.json.encode(stack)))


@contextmanager
def open_home(folder: Path) -> Iterator[Home]:
    """Hold the home. Raises HomeUnusable where it cannot be written, HomeTaken while another stack runs there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise HomeUnusable(f"{folder}: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeTaken(f"The home is {folder}.") from error
        try:
            yield Home(folder)
        finally:
            _note(folder).unlink(missing_ok=True)


def running_stack(folder: Path) -> RunningStack | None:
    """Return the stack that runs on this home."""
    try:
        stack = msgspec.json.decode(_note(folder).read_bytes(), type=RunningStack)
        os.kill(stack.pid, 0)
    except (OSError, msgspec.DecodeError):  # no note, or one that a crash left behind
        return None
    return stack


def environ_with_stack(environ: Mapping[str, str], needs: Collection[str] = ("kafka", "mongo")) -> dict[str, str]:
    """Return the environment in which Kafka and MongoDB are those of the running stack where it names no others.

    Raises NothingRuns where one of those that are needed is not known.
    """
    settings = read_settings(StackSettings, environ)
    stack = running_stack(settings.home_folder)
    if not stack and not all(getattr(settings, server) for server in needs):
        raise NothingRuns(f"The home is {settings.home_folder}.")
    found = {PREFIX + "KAFKA": stack.kafka, PREFIX + "MONGO": stack.mongo} if stack else {}
    return {**environ, **found, **{name: environ[name] for name in found if environ.get(name)}}


def url_of_service(environ: Mapping[str, str]) -> str:
    """Return where the service of the running stack answers. Raises NothingRuns."""
    folder = read_settings(StackSettings, environ).home_folder
    stack = running_stack(folder)
    if stack is None:
        raise NothingRuns(f"The home is {folder}.")
    return stack.url


def _note(folder: Path) -> Path:
    return folder / "stack.json"
