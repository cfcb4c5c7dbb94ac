"""Events in a file, one a line, as they are."""

import gzip
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Literal, cast

from deploy.sources.publish import Message, message_of

STDIN = STDOUT = Path("-")


def read_events(path: Path) -> Iterator[Message]:
    """Yield one message a line of a file (`-` is standard input, `.gz` is unpacked); blank lines are skipped.

    Lines are sent as they are: what is wrong with one is for ingest to say, in the dead letters.
    """
    return map(message_of, read_lines(path))


def read_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file (`-` is standard input, `.gz` is unpacked), stripped; blank ones are skipped."""
    with nullcontext(sys.stdin.buffer) if path == STDIN else _open(path, "rb") as lines:
        for line in lines:
            if value := line.strip():
                yield value


def write_events(messages: Iterable[Message], path: Path) -> int:
    """Write the values of messages as `read_events` reads them (`-` is standard output); return how many there were."""
    count = 0
    with nullcontext(sys.stdout.buffer) if path == STDOUT else _open(path, "wb") as lines:
        for message in messages:
            lines.write(message.value + b"\n")
            count += 1
    return count


def _open(path: Path, mode: Literal["rb", "wb"]) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, mode) if path.suffix == ".gz" else path.open(mode))
