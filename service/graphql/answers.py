"""Answers that were given already, by what was asked of which snapshot: the same question is computed once."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from secrets import token_bytes
from typing import Any, NamedTuple, Protocol

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


class Work(Protocol):
    """Computes an answer, letting others go first where it is `patient`."""

    def __call__(self, *, patient: bool) -> Coroutine[Any, Any, Answer]:
        """Return what computes it."""
        ...


class _Entry(NamedTuple):
    """An answer, until when it stands, and until when it is given to who has it renewed."""

    answer: Answer
    stands: float = math.inf
    renewable: float = math.inf


class _Kept:
    """Answers by question, bounded by bytes, the least recently asked forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._bytes = most_bytes, 0
        self._entries: OrderedDict[Question, _Entry] = OrderedDict()

    def get(self, question: Question) -> _Entry | None:
        entry = self._entries.get(question)
        if entry:
            self._entries.move_to_end(question)
        return entry

    def put(self, question: Question, entry: _Entry) -> None:
        self.forget(question)
        size = _size(question, entry.answer)
        if size > self._most // 2:  # a larger one would drive out nearly all others
            return
        self._entries[question] = entry
        self._bytes += size
        while self._bytes > self._most:
            old, forgotten = self._entries.popitem(last=False)
            self._bytes -= _size(old, forgotten.answer)

    def forget(self, question: Question) -> None:
        if known := self._entries.pop(question, None):
            self._bytes -= _size(question, known.answer)

    def clear(self) -> None:
        self._entries.clear()
        self._bytes = 0


class Answers:
    """Lasting answers of the newest snapshot, and for a moment those of the ones before it, bounded by bytes.

    While reports arrive there are several snapshots a second, and what many ask would be computed anew for each. So an
    answer that need not be exact stands for HELD_TIMES as long as it took to compute, at most `held_seconds`, whatever
    arrives meanwhile. Who asks within `held_seconds` after that has it renewed, and until it is, all are given the old
    one: nobody waits for what many ask.
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
        if found := self._newest.get(question):
            return found.answer
        key = question._replace(version=ANY)
        held = None if exact else self._held.get(key)
        return held.answer if held and (key in self._under_way or time.monotonic() < held.stands) else None

    async def compute(self, question: Question, work: Work, exact: bool = True) -> Answer:
        """Return what `work` returns; who asks the same meanwhile waits for the same.

        Where it need not be `exact`, that may be of the snapshot before, and is held for a moment; and where one is
        held that is to be renewed, it is returned at once, and the work is patient.
        """
        key = question if exact or not self._held_seconds else question._replace(version=ANY)
        held, under_way, now = self._held.get(key), self._under_way.get(key), time.monotonic()
        if under_way is None:
            if held and now > held.renewable:
                self._held.forget(key)
                held = None
            under_way = self._under_way[key] = asyncio.create_task(work(patient=held is not None))
            under_way.add_done_callback(partial(self._done, key, question, now))
        if held:
            return held.answer
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
            stands = now + min(HELD_TIMES * (now - started), self._held_seconds)
            self._held.put(key, _Entry(answer, stands, stands + self._held_seconds))
        if question.version == self._version:
            self._newest.put(question, _Entry(answer))


def _size(question: Question, answer: Answer) -> int:
    return len(question.text) + len(question.variables) + len(answer.body) + ENTRY_BYTES
