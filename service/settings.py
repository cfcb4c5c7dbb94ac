"""The service's settings."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.event import TOPIC
from service.figures.privacy import PolicyName


class ServiceSettings(Struct, frozen=True):
    """Read from `PAYGAUGE_*`; every field has a default that suits a laptop, but `mongo`."""

    mongo: str
    database: str = "paygauge"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    privacy_policy: PolicyName = PolicyName.WORKER_PUBLIC
    minimum_contributors: Annotated[int, Meta(ge=1, le=1000)] = 5
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    read: Literal["public", "key"] = "public"  # who may read: anybody, or holders of a key or token
    kafka: str = ""  # bootstrap servers that submitReport sends to; without them it is closed
    topic: str = TOPIC
    jwt_secret: str = ""  # of HS256, 32 bytes or more
    jwt_public_key: str = ""  # of RS256, PEM
    jwt_audience: str = ""  # what `aud` must be; empty: it is not looked at
    jwt_issuer: str = ""  # what `iss` must be; empty: it is not looked at
    subscriptions_per_client: Annotated[int, Meta(ge=1, le=100_000)] = 256
