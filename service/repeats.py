"""Requests that were answered before: sent again in the same words, they are answered without being read again."""

import time
from collections import OrderedDict
from typing import NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.graphql.answers import Answers, Question
from service.graphql.replies import VARY
from service.metrics import count_request
from service.rates import client_at

QUESTION = "question"
"""In the state of a request: what was asked, where anybody who sends the same may be given its answer for a while."""

DECISIVE = frozenset((*VARY[1].lower().split(b", "), b"content-encoding", b"content-type"))
"""Headers that a reply depends on: those that `Vary` names, and those that say how the body is to be read."""

GRAPHQL, METHOD = "/graphql", "POST"
MOST_KEPT = 512
MOST_BYTES = 16 * 1024
"""Of a body, and of the headers, that are remembered."""


class Sent(NamedTuple):
    """All of a request that its reply depends on, but for who sends it how often, and when."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class Repeated(NamedTuple):
    """What a request asks, and what every answer to it begins with."""

    question: Question
    head: bytes


class Repeats:
    """Requests by POST and what they ask, the least recently sent forgotten first.

    What a caller may see is looked up each time, so requests with an `Authorization` are not among them.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._repeated: OrderedDict[Sent, Repeated] = OrderedDict()

    def reply(self, scope: Scope, body: bytes) -> tuple[bytes, bytes] | None:
        """Return the headers and the body of a reply and count it on the client; None where none is known, or the
        client has to wait.

        Nothing is counted then: the application does all of that.
        """
        started = time.perf_counter()
        sent = _sent(scope, body)
        repeated = self._repeated.get(sent) if sent else None
        if not sent or not repeated:
            return None
        state = scope["state"]
        question = repeated.question._replace(version=state["feed"].snapshot.version)
        answer = self._answers.find(question, exact=False)
        if answer is None or state["rates"].take(client_at(scope["client"][0])):
            return None
        self._repeated.move_to_end(sent)
        count_request(GRAPHQL, 200, time.perf_counter() - started)
        return repeated.head + b"content-length: %d\r\n" % len(answer.body), answer.body

    def learn(self, scope: Scope, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        """Remember a request that was answered with these headers."""
        sent = _sent(scope, body)
        if not sent or sum(len(value) for _, value in sent.headers) > MOST_BYTES:
            return
        head = b"".join(b"%b: %b\r\n" % each for each in headers if each[0] != b"content-length")
        self._repeated[sent] = Repeated(scope["state"][QUESTION], head)
        if len(self._repeated) > MOST_KEPT:
            self._repeated.popitem(last=False)


class Learning:
    """An application whose answers are remembered with all that others add to them."""

    def __init__(self, app: ASGIApp, repeats: Repeats) -> None:
        self._app, self._repeats = app, repeats

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does."""
        if scope["type"] != "http" or scope["method"] != METHOD:
            return await self._app(scope, receive, send)
        bodies: list[bytes] = []
        starts: list[Message] = []

        async def noting_receive() -> Message:
            message = await receive()
            bodies.append(message.get("body", b""))
            return message

        async def noting_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
            await send(message)

        await self._app(scope, noting_receive, noting_send)
        if QUESTION in scope["state"]:
            self._repeats.learn(scope, b"".join(bodies), starts[0]["headers"])
        return None


def _sent(scope: Scope, body: bytes) -> Sent | None:
    if scope["path"] != GRAPHQL or scope["method"] != METHOD or len(body) > MOST_BYTES:
        return None
    return Sent(tuple(header for header in scope["headers"] if header[0] in DECISIVE), body)
