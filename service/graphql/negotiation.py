"""What the client takes: the `Accept` header of GraphQL over HTTP, and the media types that answers have."""

from dataclasses import dataclass
from functools import lru_cache

JSON = "application/json"
RESPONSE = "application/graphql-response+json"
EVENTS = "text/event-stream"

OFFERED = {RESPONSE: (RESPONSE,), JSON: (JSON,), EVENTS: (EVENTS,), "application/*": (JSON,), "*/*": (JSON,)}
"""What a range stands for. Who takes anything gets what clients have always got."""


@dataclass(frozen=True)
class Accepted:
    """`single` is the media type of one answer, `events` whether a stream of them is taken."""

    single: str | None
    events: bool


@lru_cache(256)
def accepted(accept: str) -> Accepted:
    """Return what an `Accept` header takes; without one, JSON."""
    if not accept.strip():
        return Accepted(JSON, events=False)
    qualities: dict[str, float] = {}
    for each in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in each.split(";"))
        for offered in OFFERED.get(kind, ()):
            qualities[offered] = max(_quality(parameters), qualities.get(offered, 0.0))
    # of two that are taken alike the first of OFFERED is given: it tells more by its status
    single = max((kind for kind in (RESPONSE, JSON) if qualities.get(kind)), key=qualities.__getitem__, default=None)
    return Accepted(single, events=qualities.get(EVENTS, 0.0) > 0)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
