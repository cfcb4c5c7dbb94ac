"""The service's settings."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta, Struct

from schema.event import TOPIC
from service.ahead import Home
from service.figures.privacy import PolicyName
from service.graphql.limits import DEFAULTS, Limits


class ServiceSettings(Struct, frozen=True):
    """Read from `PAYGAUGE_*`; every field has a default that suits a laptop, but `mongo`."""

    mongo: str
    database: str = "paygauge"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 8000
    privacy_policy: PolicyName = PolicyName.WORKER_PUBLIC
    minimum_contributors: Annotated[int, Meta(ge=1, le=1000)] = 5
    official_figures: str = ""  # a release of BLS's survey, as CSV; empty: only the national ones that ship
    home: str = ""  # where the columns are kept from one start to the next; empty: nowhere
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    read: Literal["public", "key"] = "public"  # who may read: anybody, or holders of a key or token
    kafka: str = ""  # bootstrap servers that submitReport sends to; without them it is closed
    topic: str = TOPIC
    jwt_secret: str = ""  # of HS256, 32 bytes or more
    jwt_public_key: str = ""  # of RS256, PEM
    jwt_audience: str = ""  # what `aud` must be; empty: it is not looked at
    jwt_issuer: str = ""  # what `iss` must be; empty: it is not looked at
    subscriptions_per_client: Annotated[int, Meta(ge=1, le=100_000)] = DEFAULTS.subscriptions_per_client
    requests_per_minute: Annotated[int, Meta(ge=0)] = DEFAULTS.requests_per_minute  # of one client; 0: any number
    body_bytes: Annotated[int, Meta(ge=1_000, le=100_000_000)] = DEFAULTS.body_bytes
    body_seconds: Annotated[float, Meta(gt=0, le=600)] = DEFAULTS.body_seconds
    execution_seconds: Annotated[float, Meta(gt=0, le=600)] = DEFAULTS.execution_seconds
    query_tokens: Annotated[int, Meta(ge=100)] = DEFAULTS.tokens
    query_depth: Annotated[int, Meta(ge=15)] = DEFAULTS.depth
    query_fields: Annotated[int, Meta(ge=100)] = DEFAULTS.fields
    query_root_fields: Annotated[int, Meta(ge=1)] = DEFAULTS.root_fields
    query_aliases: Annotated[int, Meta(ge=0)] = DEFAULTS.aliases
    query_directives: Annotated[int, Meta(ge=0)] = DEFAULTS.directives
    query_cost: Annotated[int, Meta(ge=1)] = DEFAULTS.cost
    origins: str = ""  # of pages elsewhere that may ask: https://a.example,https://b.example, or *
    cache_seconds: Annotated[int, Meta(ge=0, le=86_400)] = 1  # for which who asks by GET need not ask again
    cache_megabytes: Annotated[int, Meta(ge=0, le=65_536)] = 64  # of answers kept until a report changes them
    proxies: str = ""  # addresses of proxies whose X-Forwarded-For is believed, or *

    @property
    def release(self) -> Path | None:
        """Where official figures by state and metro are read from."""
        return Path(self.official_figures).expanduser() if self.official_figures else None

    @property
    def columns_folder(self) -> Path | None:
        """Where the columns are kept from one start to the next."""
        return Home(self.home).columns_folder

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """Origins as browsers write them."""
        return tuple(each.strip().rstrip("/") for each in self.origins.split(",") if each.strip())

    @property
    def limits(self) -> Limits:
        """What is taken from clients."""
        return Limits(
            body_bytes=self.body_bytes,
            body_seconds=self.body_seconds,
            tokens=self.query_tokens,
            depth=self.query_depth,
            fields=self.query_fields,
            root_fields=self.query_root_fields,
            aliases=self.query_aliases,
            directives=self.query_directives,
            cost=self.query_cost,
            execution_seconds=self.execution_seconds,
            requests_per_minute=self.requests_per_minute,
            subscriptions_per_client=self.subscriptions_per_client,
        )
