"""Processes of `paygauge` over servers that a test started, as an operator would run them."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx2

from deploy.embedded.ports import free_ports
from tests.running import COMMAND

READY_SECONDS = 60.0
STOP_SECONDS = 10.0


@contextmanager
def running(*arguments: str, environ: Mapping[str, str], log: IO[bytes] | int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of `paygauge` while inside the context."""
    process = subprocess.Popen([COMMAND, *arguments], env={**os.environ, **environ}, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def served(environ: Mapping[str, str], log: Path, seconds: float = READY_SECONDS) -> Iterator[str]:
    """Run `paygauge serve` on a port of its own, and give its address when it is ready."""
    port = free_ports(1)[0]
    with (
        log.open("ab") as output,
        running("serve", environ={**environ, "PAYGAUGE_PORT": str(port)}, log=output) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + seconds
        while not _ready(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield url


def _ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/ready").status_code == 200
    except httpx2.TransportError:
        return False


def post(url: str, query: str, key: str = "", headers: Mapping[str, str] | None = None, **variables: Any) -> Any:
    """Ask over HTTP and return the answer's JSON."""
    sent = {**({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})}
    body = {"query": query, "variables": variables}
    return httpx2.post(f"{url}/graphql", json=body, headers=sent, timeout=30).json()


def stretched(seconds: float) -> float:
    """Return what a time comes to on a machine that is as busy as this one is now.

    Where ten processes want two cores, each gets a fifth of its time, and so does the one that is measured.
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
