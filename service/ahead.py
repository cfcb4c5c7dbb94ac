"""The columns that are kept, read in a thread from the first moment of a process on, while all else is imported."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from service.sections import Sections, read_sections

BASE, CHANGES = "base", "changes"

Read = Callable[[Path], tuple[bytes, Sections]]
"""Reads a file as read_sections does."""


class Home(Struct, frozen=True):
    """The setting that is read before all others."""

    home: str = ""

    @property
    def columns_folder(self) -> Path | None:
        """Where the columns are kept from one start to the next."""
        return Path(self.home).expanduser() / "columns" if self.home else None


class Ahead:
    """Reads what a folder keeps, and gives each file to the first who asks for it; who comes later reads it anew."""

    def __init__(self, folder: Path) -> None:
        reader = ThreadPoolExecutor(1, "ahead")
        self._coming = {path: reader.submit(read_sections, path) for path in (folder / BASE, folder / CHANGES)}
        reader.shutdown(wait=False)

    def read(self, path: Path) -> tuple[bytes, Sections]:
        """Return what a file holds. Raises what read_sections raises."""
        coming = self._coming.pop(path, None)
        return coming.result() if coming else read_sections(path)
