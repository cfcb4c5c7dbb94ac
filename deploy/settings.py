"""Where a stack keeps its things and where it listens."""

import os
from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct


class StackSettings(Struct, frozen=True):
    """What `paygauge up` and the commands that look for a running stack read from `PAYGAUGE_*`."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    home: str = ""  # data and logs of the embedded servers
    downloads: str = ""  # what is the same for every home: Kafka's jars
    kafka: str = ""  # bootstrap servers to use instead of an embedded Kafka
    mongo: str = ""  # a URI to use instead of an embedded MongoDB

    @property
    def home_folder(self) -> Path:
        """The home, by default in the user's data directory."""
        return Path(self.home or _user_folder("XDG_DATA_HOME", ".local/share")).expanduser().absolute()

    @property
    def downloads_folder(self) -> Path:
        """The downloads, by default in the user's cache directory."""
        return Path(self.downloads or _user_folder("XDG_CACHE_HOME", ".cache")).expanduser().absolute()


def _user_folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default) / "paygauge"
