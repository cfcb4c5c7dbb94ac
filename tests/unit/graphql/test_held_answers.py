"""The same question is computed once a snapshot, and where that is dear, not for each of many snapshots."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from service.figures.privacy import Policy
from service.graphql.answers import Answer, Answers, Question

MEGABYTE = 1_000_000
TOOK_SECONDS = 0.02


def question(version: int, text: str = "{ a }") -> Question:
    return Question(version, text, None, b"{}", Policy(), frozenset())


def work(body: bytes, lasting: bool = True) -> Callable[[], Coroutine[Any, Any, Answer]]:
    async def answer() -> Answer:
        await asyncio.sleep(TOOK_SECONDS)
        return Answer(body, lasting=lasting)

    return answer


async def test_an_answer_stands_for_its_snapshot() -> None:
    answers = Answers(MEGABYTE)
    assert answers.find(question(1)) is None
    await answers.compute(question(1), work(b"1"))
    found = answers.find(question(1))
    assert found is not None
    assert found.body == b"1"
    assert answers.find(question(2), exact=False) is None


async def test_an_answer_that_was_dear_stands_for_a_moment_longer_to_who_need_not_have_the_newest() -> None:
    answers = Answers(MEGABYTE, held_seconds=0.1)
    answers.find(question(1))
    await answers.compute(question(1), work(b"1"), exact=False)
    assert answers.find(question(2)) is None
    found = answers.find(question(2), exact=False)
    assert found is not None
    assert found.body == b"1"
    await asyncio.sleep(0.15)
    assert answers.find(question(2), exact=False) is None


async def test_who_asks_while_it_is_computed_waits_for_the_same_also_of_a_newer_snapshot() -> None:
    answers = Answers(MEGABYTE, held_seconds=1)
    first = asyncio.create_task(answers.compute(question(1), work(b"1"), exact=False))
    await asyncio.sleep(0)
    second = asyncio.create_task(answers.compute(question(2), work(b"2"), exact=False))
    third = asyncio.create_task(answers.compute(question(2), work(b"3"), exact=True))
    assert [(await each).body for each in (first, second, third)] == [b"1", b"1", b"3"]


async def test_nothing_is_held_where_that_is_turned_off_or_the_answer_does_not_last() -> None:
    for answers, lasting in ((Answers(MEGABYTE, held_seconds=0), True), (Answers(MEGABYTE, held_seconds=1), False)):
        answers.find(question(1))
        await answers.compute(question(1), work(b"1", lasting), exact=False)
        assert answers.find(question(2), exact=False) is None


@pytest.mark.parametrize("exact", [True, False])
async def test_what_is_kept_is_bounded_the_least_recently_asked_forgotten_first(exact: bool) -> None:
    answers = Answers(3_500, held_seconds=10)
    answers.find(question(1))
    for text in "abcd":
        await answers.compute(question(1, text), work(b"x"), exact=exact)
        answers.find(question(1, "a"))
    assert [answers.find(question(1, text)) is not None for text in "abcd"] == [True, False, True, True]
