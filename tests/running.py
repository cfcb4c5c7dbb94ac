"""A `paygauge up` that a test started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.home import RunningStack, running_stack

UP_SECONDS = 120.0
COMMAND = str(Path(sys.executable).with_name("paygauge"))


@dataclass
class Up:
    """A `paygauge up` that runs as a person would run it, with its output in a file."""

    process: subprocess.Popen[bytes]
    home: Path
    port: int
    printed: Path

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.printed.read_text()

    @property
    def url(self) -> str:
        """Where the service answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> RunningStack:
        """The addresses that it announced to other commands."""
        stack = running_stack(self.home)
        assert stack
        return stack

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which other `paygauge` commands find this stack."""
        return {**os.environ, "PAYGAUGE_HOME": str(self.home), "PAYGAUGE_PORT": str(self.port)}

    def wait_until_ready(self, seconds: float = UP_SECONDS) -> None:
        """Return when it has printed its addresses; it is a failure if it ends before."""
        deadline = time.monotonic() + seconds
        while "To stop" not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.05)

    def interrupt(self, seconds: float = 10.0) -> int:
        """Press Ctrl-C and return the exit code; it is a failure if that takes longer than `seconds`."""
        os.killpg(self.process.pid, signal.SIGINT)  # a terminal signals all of its foreground group
        return self.process.wait(seconds)


Start = Callable[..., Up]
"""Start `paygauge up` with these arguments, and with a home, a port and variables where they matter."""


def is_alive(pid: int) -> bool:
    """Return whether the process runs; one that has ended counts as gone before whoever inherited it notices."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
