"""The service's settings."""

from typing import Annotated

from msgspec import Meta, Struct


class ServiceSettings(Struct, frozen=True):
    """Read from `PAYGAUGE_*`; every field has a default that suits a laptop, but `mongo`."""

    mongo: str
    database: str = "paygauge"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    minimum_contributors: Annotated[int, Meta(ge=1, le=1000)] = 5
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
