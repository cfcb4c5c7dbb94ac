"""API keys: what one is, and how MongoDB keeps it.

Only a key's SHA-256 is kept. A slow hash with salt protects words that people choose and an attacker can guess; a key
is 32 random bytes, which nobody can guess, however fast the hash.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum

from schema.document import Document

COLLECTION = "keys"
PREFIX = "pk_"
RANDOM_BYTES = 32
SHOWN_CHARACTERS = len(PREFIX) + 6
"""How much of a key is kept as it is, so that a person can tell which one it is."""


class Scope(StrEnum):
    """What the holder of a key or token may do beyond reading."""

    REPORTS_WRITE = "reports:write"
    FIGURES_ANALYST = "figures:analyst"


def new_key() -> str:
    """Return a key that nobody has."""
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def digest_of(key: str) -> str:
    """Return the name under which a key is kept: the hexadecimal digits of its SHA-256."""
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()


def document_of(key: str, name: str, scopes: Collection[Scope]) -> Document:
    """Return what MongoDB keeps of a key."""
    return {
        "_id": digest_of(key),
        "begins": key[:SHOWN_CHARACTERS],
        "name": name,
        "scopes": sorted(scope.value for scope in scopes),
        "created": datetime.now(UTC),
    }
