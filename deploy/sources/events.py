"""Read events from a file, one a line, as they are."""

import gzip
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import IO

from deploy.sources.publish import Message, message_of

STDIN = Path("-")


def read_events(path: Path) -> Iterator[Message]:
    """Yield one message a line of a file (`-` is standard input, `.gz` is unpacked); blank lines are skipped.

    Lines are sent as they are: what is wrong with one is for ingest to say, in the dead letters.
    """
    with _open(path) as lines:
        for line in lines:
            if value := line.strip():
                yield message_of(value)


def _open(path: Path) -> IO[bytes] | gzip.GzipFile | nullcontext[IO[bytes]]:
    if path == STDIN:
        return nullcontext(sys.stdin.buffer)
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")
