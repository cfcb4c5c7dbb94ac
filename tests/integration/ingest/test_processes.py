"""Several processes of ingest under one command: they share the work, and end together."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import msgspec
import pytest

from deploy.embedded.ports import free_ports
from ingest.settings import IngestSettings
from tests.integration.ingest.support import expected, send, stored, submitted, until_committed
from tests.running import COMMAND

END_SECONDS = 15.0


@contextmanager
def command(settings: IngestSettings) -> Iterator[subprocess.Popen[bytes]]:
    """`paygauge ingest --processes 2`."""
    given = {
        f"PAYGAUGE_{name.upper()}": str(value) for name, value in msgspec.structs.asdict(settings).items() if value
    }
    with subprocess.Popen([COMMAND, "ingest", "--processes", "2"], env={**os.environ, **given}) as process:
        try:
            yield process
        finally:
            process.kill()  # the kernel ends what it started


def children(process: subprocess.Popen[bytes]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def metrics(port: int) -> bytes:
    with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        told: bytes = answer.read()
    return told


async def test_processes_share_the_work_and_stop_when_told(settings: IngestSettings) -> None:
    await send(settings, [submitted(f"r-{number}") for number in range(3_000)])
    port = free_ports(1)[0]
    with command(msgspec.structs.replace(settings, metrics_port=port)) as process:
        await until_committed(settings)
        assert len(children(process)) == 2
        assert all(b"paygauge_ingest" in metrics(own) for own in (port, port + 1))
        process.send_signal(signal.SIGTERM)
        assert process.wait(END_SECONDS) == 0
    assert await stored(settings) == await expected(settings)


async def test_a_process_that_ends_ends_the_others_and_the_command_fails(settings: IngestSettings) -> None:
    await send(settings, [submitted("r-1")])
    with command(settings) as process:
        await until_committed(settings)
        one, other = children(process)
        os.kill(one, signal.SIGKILL)
        assert process.wait(END_SECONDS) == 1
        with pytest.raises(ProcessLookupError):
            os.kill(other, 0)
