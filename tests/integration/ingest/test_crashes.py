"""A process that is killed loses nothing and doubles nothing, wherever it was: before the write, before the commit."""

import asyncio
import os
import sys
from pathlib import Path

import msgspec

from ingest.settings import IngestSettings
from tests.integration.ingest.support import (
    Message,
    committed_offsets,
    count_of,
    expected,
    ingest_all,
    send,
    stored,
    submitted,
    withdrawn,
)

ROOT = Path(__file__).parents[3]
START_SECONDS = 30.0


async def crash(settings: IngestSettings, *arguments: str) -> None:
    """Run ingest in a process of its own, and kill it (SIGKILL) where `child.py` was told to stop."""
    given = {
        f"PAYGAUGE_{name.upper()}": str(value) for name, value in msgspec.structs.asdict(settings).items() if value
    }
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "tests.integration.ingest.child", *arguments],
        cwd=ROOT,
        env={**os.environ, **given},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), START_SECONDS)
        assert line == b"here\n", f"it ended before it came to {arguments[0]}"
    finally:
        process.kill()
        await process.communicate()


def messages() -> list[Message]:
    reports = [submitted(f"r-{number}", 1) for number in range(50)]
    return [*reports, *[withdrawn(f"r-{number}", 2) for number in range(10)], Message(b"{", b"bad")]


async def test_a_crash_before_the_write_loses_nothing(settings: IngestSettings) -> None:
    await send(settings, messages())

    await crash(settings, "write")
    assert await count_of(settings) == 0
    assert await committed_offsets(settings) == {}

    await ingest_all(settings)
    assert await stored(settings) == await expected(settings)


async def test_a_crash_before_the_dead_letters_drops_nothing(settings: IngestSettings) -> None:
    await send(settings, messages())

    await crash(settings, "set-aside")
    assert (await stored(settings)).set_aside == set()

    await ingest_all(settings)
    assert await stored(settings) == await expected(settings)


async def test_a_crash_before_the_commit_doubles_nothing(settings: IngestSettings) -> None:
    await send(settings, messages())

    await crash(settings, "commit")
    assert await count_of(settings) > 0
    assert await committed_offsets(settings) == {}

    await ingest_all(settings)
    assert await stored(settings) == await expected(settings)


async def test_committing_before_writing_would_be_caught(settings: IngestSettings) -> None:
    await send(settings, messages())

    await crash(settings, "write", "commit-first")
    await ingest_all(settings)

    held, wanted = await stored(settings), await expected(settings)
    assert held.documents.keys() < wanted.documents.keys()
