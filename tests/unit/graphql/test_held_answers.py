"""The same question is computed once a snapshot, and where that is dear, not for each of many snapshots."""

import asyncio

import pytest

from service.figures.privacy import Policy
from service.graphql import answers as module
from service.graphql.answers import Answer, Answers, Question, Work

MEGABYTE = 1_000_000
TOOK_SECONDS = 0.02


def question(version: int, text: str = "{ a }") -> Question:
    return Question(version, text, None, b"{}", Policy(), frozenset())


def work(body: bytes, lasting: bool = True) -> Work:
    async def answer(*, patient: bool) -> Answer:  # noqa: ARG001  all work takes it
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


async def under_way(answers: Answers) -> None:
    await asyncio.gather(*answers._under_way.values(), return_exceptions=True)


async def test_who_asks_for_an_answer_that_no_longer_stands_is_given_it_while_the_next_is_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "HELD_TIMES", -1.0)
    answers, go, patience = Answers(MEGABYTE, held_seconds=60), asyncio.Event(), list[bool]()
    answers.find(question(1))
    await answers.compute(question(1), work(b"1"), exact=False)
    assert answers.find(question(2), exact=False) is None

    async def renew(*, patient: bool) -> Answer:
        patience.append(patient)
        await go.wait()
        return Answer(b"2", lasting=True)

    assert (await answers.compute(question(2), renew, exact=False)).body == b"1"
    assert (await answers.compute(question(3), renew, exact=False)).body == b"1"
    assert answers.find(question(3), exact=False) == Answer(b"1", lasting=True)
    go.set()
    await under_way(answers)
    assert patience == [True]
    assert (await answers.compute(question(3), renew, exact=False)).body == b"2"


async def test_an_answer_that_is_too_old_is_given_to_nobody() -> None:
    answers = Answers(MEGABYTE, held_seconds=TOOK_SECONDS)
    answers.find(question(1))
    await answers.compute(question(1), work(b"1"), exact=False)
    await asyncio.sleep(2.5 * TOOK_SECONDS)  # it stands for one of them, and is given while it is renewed for another
    assert (await answers.compute(question(2), work(b"2"), exact=False)).body == b"2"


async def test_a_renewal_that_fails_leaves_the_answer_and_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELD_TIMES", -1.0)
    answers, tried = Answers(MEGABYTE, held_seconds=60), list[bool]()
    answers.find(question(1))
    await answers.compute(question(1), work(b"1"), exact=False)

    async def fail(*, patient: bool) -> Answer:
        tried.append(patient)
        raise RuntimeError

    for _ in range(2):
        assert (await answers.compute(question(2), fail, exact=False)).body == b"1"
        await under_way(answers)
    assert tried == [True, True]
