"""Keyset pages: a cursor names the group that it stands behind, so that a forged or an old one is told, not guessed."""

import base64
import binascii
from collections.abc import Sequence

import msgspec
import strawberry

from service.graphql.describe import described
from service.graphql.errors import ClientError

MAX_FIRST = 500

Key = tuple[str, ...]

_decode = msgspec.json.Decoder(Key).decode


@described
class PageInfo:
    """Where a page stands."""

    has_next_page: bool = strawberry.field(description="Whether groups follow.")
    has_previous_page: bool = strawberry.field(description="Whether groups came before.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first group; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last group; null on an empty page.")


def cursor_of(key: Key) -> str:
    """Return the cursor that stands for a key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode()


def cut(keys: Sequence[Key], first: int, after: str | None) -> tuple[slice, PageInfo]:
    """Return which of the keys are on the page. Raises ClientError for a page size or a cursor that cannot be."""
    if not 1 <= first <= MAX_FIRST:
        raise ClientError("BAD_USER_INPUT", f"first is {first}; ask for 1 to {MAX_FIRST}.")
    start = 0 if after is None else _behind(keys, after)
    end = min(start + first, len(keys))
    return slice(start, end), PageInfo(
        has_next_page=end < len(keys),
        has_previous_page=start > 0,
        start_cursor=cursor_of(keys[start]) if start < end else None,
        end_cursor=cursor_of(keys[end - 1]) if start < end else None,
    )


def _behind(keys: Sequence[Key], cursor: str) -> int:
    try:
        return keys.index(_decode(base64.b64decode(cursor, altchars=b"-_", validate=True))) + 1
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        message = "The cursor is of no group of this breakdown; take it from `pageInfo`, or begin without `after`."
        raise ClientError("BAD_CURSOR", message) from error
