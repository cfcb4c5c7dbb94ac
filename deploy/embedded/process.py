"""A child process with a log file that ends when it is told to, and at the latest when we do."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from schema.errors import PaygaugeError

STOP_SECONDS = 4.0  # what a process gets between SIGTERM and SIGKILL
POLL_SECONDS = 0.05
PR_SET_PDEATHSIG = 1  # linux/prctl.h

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ProcessFailed(PaygaugeError):
    """A process that Paygauge started has failed."""


class NotHere(PaygaugeError):
    """The embedded servers cannot run here; others can be named in PAYGAUGE_KAFKA and PAYGAUGE_MONGO instead."""


class Process:
    """A child process: its output goes to `log` (the log of the run before stays beside it as `*.previous.log`).

    Without a log it prints where we print.

    It has a session of its own, so Ctrl-C at the terminal reaches us and not it, and we stop everything in order. On
    Linux the kernel kills it when *the thread that started it* ends: start it from the main thread.
    """

    def __init__(
        self, name: str, argv: Sequence[str], log: Path | None, environ: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.argv, self.log, self.environ = name, argv, log, environ
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None before the start and after the end."""
        return self._popen.pid if self._popen and self.running else None

    @property
    def running(self) -> bool:
        """Whether the process was started and has not ended."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal, None before the end."""
        return self._popen.poll() if self._popen else None

    def start(self) -> None:
        """Start the process; it need not be ready when this returns."""
        with nullcontext() if self.log is None else _new(self.log) as output:
            self._popen = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output and subprocess.STDOUT,
                env=self.environ,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()) if _libc else None,
            )

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready` says so. Raises ProcessFailed if the process ends before or `seconds` pass."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{self.name} was not ready after {seconds:.0f} s; {self.last_lines()}")
            time.sleep(POLL_SECONDS)

    def check(self) -> None:
        """Raise ProcessFailed, with the last lines of its log, if the process has ended."""
        if not self.running:
            raise ProcessFailed(f"{self.name} ended with exit code {self.exit_code}; {self.last_lines()}")

    def logged(self) -> str:
        """Return what the log holds."""
        return self.log.read_text(errors="replace") if self.log and self.log.exists() else ""

    def last_lines(self, count: int = 12) -> str:
        """Return where the log is and its last lines."""
        return "\n".join([f"the last lines of {self.log}:", *self.logged().splitlines()[-count:]])

    def terminate(self) -> None:
        """Ask the process to end, and do not wait."""
        if self._popen and self.running:
            self._popen.terminate()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End the process: ask, wait for `seconds`, then kill it and whatever it started."""
        if self._popen is None:
            return
        self.terminate()
        try:
            self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process and whatever it started by SIGKILL, as a crash would."""
        if self._popen and self.running:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


def _new(log: Path) -> IO[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    return log.open("wb")


def _die_with(parent: int) -> Callable[[], None]:
    def in_the_child() -> None:
        assert _libc is not None
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we were killed between fork and prctl
            os._exit(1)

    return in_the_child
