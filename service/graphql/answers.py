"""Answers that were given already, by what was asked of which snapshot: the same question is computed once."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from secrets import token_bytes
from typing import Any, NamedTuple

from service.figures.privacy import Policy

ENTRY_BYTES = 1_000
"""What keeping an answer takes beside its body and its question, about."""

HELD_TIMES = 20.0
"""So a twentieth of a core at most goes into one question, however often it is asked and whatever arrives."""
ANY = -1


class Question(NamedTuple):
    """All that an answer depends on."""

    version: int
    """Of the snapshot."""
    text: str
    operation: str | None
    variables: bytes
    policy: Policy
    scopes: frozenset[str]


@dataclass(frozen=True)
class Answer:
    """The body of an answer. `status` is of HTTP; a request error is told by it only to who takes that media type."""

    body: bytes
    status: int = 200
    refused: bool = False
    """Whether nothing was executed: the document or the variables are wrong."""
    lasting: bool = False
    """Whether it is the answer for as long as the snapshot is the newest."""


class _Kept:
    """Answers by question, bounded by bytes, the least recently asked forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._bytes = most_bytes, 0
        self._entries: OrderedDict[Question, tuple[Answer, float]] = OrderedDict()

    def get(self, question: Question) -> Answer | None:
        answer, until = self._entries.get(question, (None, 0.0))
        if answer is None or time.monotonic() > until:
            return None
        self._entries.move_to_end(question)
        return answer

    def put(self, question: Question, answer: Answer, until: float = math.inf) -> None:
        if known := self._entries.pop(question, None):
            self._bytes -= _size(question, known[0])
        size = _size(question, answer)
        if size > self._most // 2:  # a larger one would drive out nearly all others
            return
        self._entries[question] = answer, until
        self._bytes += size
        while self._bytes > self._most:
            old, (answer, _) = self._entries.popitem(last=False)
            self._bytes -= _size(old, answer)

    def clear(self) -> None:
        self._entries.clear()
        self._bytes = 0


class Answers:
    """Lasting answers of the newest snapshot, and for a moment those of the ones before it, bounded by bytes.

    While reports arrive there are several snapshots a second, and what many ask would be computed anew for each. So an
    answer that need not be exact stands for HELD_TIMES as long as it took to compute, at most `held_seconds`, whatever
    arrives meanwhile.
    """

    def __init__(self, most_bytes: int, held_seconds: float = 0.0) -> None:
        self._version = 0
        self._newest, self._held = _Kept(most_bytes), _Kept(most_bytes)
        self._held_seconds = held_seconds
        self._under_way: dict[Question, asyncio.Task[Answer]] = {}
        self._salt = token_bytes(16)  # versions begin anew with each process

    def find(self, question: Question, exact: bool = True) -> Answer | None:
        """Return a lasting answer, where it need not be `exact` also one that was right a moment ago; None where none
        is kept.
        """
        if question.version > self._version:
            self._version = question.version
            self._newest.clear()
        found = self._newest.get(question)
        return found if found or exact else self._held.get(question._replace(version=ANY))

    async def compute(
        self, question: Question, work: Callable[[], Coroutine[Any, Any, Answer]], exact: bool = True
    ) -> Answer:
        """Return what `work` returns; who asks the same meanwhile waits for the same.

        Where it need not be `exact`, that may be of the snapshot before, and is held for a moment.
        """
        key = question if exact or not self._held_seconds else question._replace(version=ANY)
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._under_way[key] = asyncio.create_task(work())
            under_way.add_done_callback(partial(self._done, key, question, time.monotonic()))
        # shielded: who asked first may go away, and others still want it
        return await asyncio.shield(under_way)

    def tag(self, question: Question) -> str:
        """Return the entity tag of the answer, which is known before the answer is."""
        scopes = ",".join(sorted(question.scopes))
        parts = (str(question.version), question.text, question.operation or "", question.policy.name, scopes)
        digest = blake2b("\0".join(parts).encode() + question.variables, digest_size=12, key=self._salt)
        return f'W/"{question.version}-{digest.hexdigest()}"'

    def _done(self, key: Question, question: Question, started: float, task: asyncio.Task[Answer]) -> None:
        del self._under_way[key]
        if task.cancelled() or task.exception() is not None or not (answer := task.result()).lasting:
            return
        if key.version == ANY:
            now = time.monotonic()
            self._held.put(key, answer, now + min(HELD_TIMES * (now - started), self._held_seconds))
        if question.version == self._version:
            self._newest.put(question, answer)


def _size(question: Question, answer: Answer) -> int:
    return len(question.text) + len(question.variables) + len(answer.body) + ENTRY_BYTES
