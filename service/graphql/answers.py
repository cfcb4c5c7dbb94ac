"""Answers that were given already, by what was asked of which snapshot: the same question is computed once."""

import asyncio
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


class Answers:
    """Lasting answers of the newest snapshot, bounded by bytes, the least recently asked forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._version = 0
        self._kept: OrderedDict[Question, Answer] = OrderedDict()
        self._bytes = 0
        self._under_way: dict[Question, asyncio.Task[Answer]] = {}
        self._salt = token_bytes(16)  # versions begin anew with each process

    def find(self, question: Question) -> Answer | None:
        """Return a lasting answer; None where none is kept."""
        if question.version > self._version:
            self._version, self._bytes = question.version, 0
            self._kept.clear()
        found = self._kept.get(question)
        if found:
            self._kept.move_to_end(question)
        return found

    async def compute(self, question: Question, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Return what `work` returns; who asks the same meanwhile waits for the same."""
        under_way = self._under_way.get(question)
        if under_way is None:
            under_way = self._under_way[question] = asyncio.create_task(work())
            under_way.add_done_callback(partial(self._done, question))
        # shielded: who asked first may go away, and others still want it
        return await asyncio.shield(under_way)

    def tag(self, question: Question) -> str:
        """Return the entity tag of the answer, which is known before the answer is."""
        scopes = ",".join(sorted(question.scopes))
        parts = (str(question.version), question.text, question.operation or "", question.policy.name, scopes)
        digest = blake2b("\0".join(parts).encode() + question.variables, digest_size=12, key=self._salt)
        return f'W/"{question.version}-{digest.hexdigest()}"'

    def _done(self, question: Question, task: asyncio.Task[Answer]) -> None:
        del self._under_way[question]
        if task.cancelled() or task.exception() is not None or question.version != self._version:
            return
        answer = task.result()
        size = _size(question, answer)
        if answer.lasting and size <= self._most // 2:  # a larger one would drive out nearly all others
            self._kept[question] = answer
            self._bytes += size
            while self._bytes > self._most:
                self._bytes -= _size(*self._kept.popitem(last=False))


def _size(question: Question, answer: Answer) -> int:
    return len(question.text) + len(question.variables) + len(answer.body) + ENTRY_BYTES
