"""What is asked: read from the body or the address within bounds, before anything else looks at it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from service.graphql.limits import Limits

Headers = Mapping[bytes, bytes]

JSON = b"application/json"

TEXT, OBJECT = (str, NoneType), (dict, NoneType)
PARAMETERS = {"query": TEXT, "operationName": TEXT, "variables": OBJECT, "extensions": OBJECT}
WORDS = {TEXT: "text", OBJECT: "an object"}


class Refusal(Exception):
    """The request cannot be taken: `status` and `code` say why for programs, the message for people."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(frozen=True)
class Asked:
    """The parameters of GraphQL over HTTP."""

    query: str | None
    operation_name: str | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    extensions: dict[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str | None:
        """The SHA-256 of the document, where the client names it so. Raises Refusal where that cannot be one."""
        persisted = self.extensions.get("persistedQuery")
        if persisted is None:
            return None
        digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
        if not isinstance(digest, str) or persisted.get("version") != 1:
            message = 'A persisted query is {"version": 1, "sha256Hash": the hexadecimal digits of its SHA-256}.'
            raise Refusal(400, "BAD_PERSISTED_QUERY", message)
        return digest


def asked_in_address(query_string: bytes) -> Asked:
    """Return what a GET asks. Raises Refusal."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError as error:
        raise _malformed("The address is not encoded as UTF-8, or has over 20 parameters.") from error
    given: dict[str, Any] = dict(pairs)
    if len(given) < len(pairs):
        raise _malformed("A parameter is given twice.")
    for name in ("variables", "extensions"):
        if name in given:
            given[name] = _loads(given[name].encode() or b"null", name)
    return _asked(given)


async def asked_in_body(headers: Headers, receive: Receive, limits: Limits) -> Asked:
    """Return what a POST asks. Raises Refusal."""
    kind, _, parameters = headers.get(b"content-type", b"").lower().partition(b";")
    charset = parameters.partition(b"charset=")[2].strip(b' "')
    if kind.strip() != JSON or charset not in (b"", b"utf-8", b"utf8"):
        raise Refusal(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the query as application/json, in UTF-8.", Accept="application/json"
        )
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Refusal(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body without a content encoding.")
    parsed = _loads(await _read(headers, receive, limits), "body")
    if not isinstance(parsed, dict):
        raise _malformed('The body must be an object with a "query".')
    return _asked(parsed)


async def _read(headers: Headers, receive: Receive, limits: Limits) -> bytes:
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced[:20]) > limits.body_bytes:
        raise _too_large(limits)
    parts, size = [], 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal(400, "DISCONNECTED", "The connection ended before the body did.")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > limits.body_bytes:
                    raise _too_large(limits)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError as error:
        message_ = f"The body did not arrive within {limits.body_seconds:g} seconds."
        raise Refusal(408, "TOO_SLOW", message_, Connection="close") from error


def _asked(given: dict[str, Any]) -> Asked:
    for name, kind in PARAMETERS.items():
        if not isinstance(given.get(name), kind):
            raise _malformed(f"`{name}` must be {WORDS[kind]}.")
    asked = Asked(
        given.get("query") or None,
        given.get("operationName") or None,
        given.get("variables") or {},
        given.get("extensions") or {},
    )
    if asked.query is None and asked.digest is None:
        raise _malformed("There is no `query`.")
    return asked


def _malformed(message: str) -> Refusal:
    return Refusal(400, "MALFORMED", message)


def _too_large(limits: Limits) -> Refusal:
    message = f"The body has over {limits.body_bytes:,} bytes."
    return Refusal(413, "TOO_LARGE", message, Connection="close")


def _loads(text: bytes, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _malformed(f"The {what} is not JSON: {error}.") from error
