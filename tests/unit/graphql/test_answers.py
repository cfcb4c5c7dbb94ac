import asyncio

import pytest

from service.figures.privacy import Policy
from service.graphql.answers import Answer, Answers, Question

STRICT = Policy("EMPLOYER_STRICT")


def question(text: str = "{ a }", version: int = 1, policy: Policy = Policy(), scopes: str = "") -> Question:  # noqa: B008  frozen
    return Question(version, text, None, b"{}", policy, frozenset(scopes.split()))


async def ask(answers: Answers, asked: Question, body: bytes = b"x", lasting: bool = True) -> Answer:
    async def work(*, patient: bool = False) -> Answer:  # noqa: ARG001
        await asyncio.sleep(0)
        return Answer(body, lasting=lasting)

    return answers.find(asked) or await answers.compute(asked, work)


async def test_an_answer_is_found_again_and_not_under_another_version_policy_or_scope() -> None:
    answers = Answers(1_000_000)
    await ask(answers, question())
    assert answers.find(question()) == Answer(b"x", lasting=True)
    for other in (question("{ b }"), question(policy=STRICT), question(scopes="figures:analyst"), question(version=2)):
        assert answers.find(other) is None


async def test_a_new_snapshot_forgets_the_old_ones_answers_and_takes_none_that_come_late() -> None:
    answers = Answers(1_000_000)
    await ask(answers, question())
    assert answers.find(question(version=2)) is None
    await ask(answers, question())
    assert answers.find(question()) is None


async def test_what_does_not_last_is_not_kept() -> None:
    answers = Answers(1_000_000)
    answers.find(question())
    await ask(answers, question(), lasting=False)
    assert answers.find(question()) is None


async def test_answers_take_no_more_bytes_than_allowed_and_the_least_recently_asked_goes_first() -> None:
    answers = Answers(10_000)
    for name in "abc":
        await ask(answers, question(name), b"x" * 2_000)
    assert answers.find(question("a"))
    await ask(answers, question("d"), b"x" * 2_000)
    assert answers.find(question("a"))
    assert answers.find(question("b")) is None
    await ask(answers, question("large"), b"x" * 20_000)
    assert answers.find(question("large")) is None
    assert answers.find(question("d"))


async def test_who_asks_the_same_at_once_waits_for_one_computation_even_if_the_first_goes_away() -> None:
    answers, computed, go = Answers(1_000_000), 0, asyncio.Event()
    answers.find(question())

    async def work(*, patient: bool = False) -> Answer:  # noqa: ARG001
        nonlocal computed
        computed += 1
        await go.wait()
        return Answer(b"x", lasting=True)

    first, second = (asyncio.create_task(answers.compute(question(), work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    go.set()
    assert (await second).body == b"x"
    assert computed == 1
    assert answers.find(question())


async def test_an_error_reaches_all_who_wait_and_is_not_kept() -> None:
    answers = Answers(1_000_000)

    async def fail(*, patient: bool) -> Answer:  # noqa: ARG001
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            await answers.compute(question(), fail)


def test_a_tag_tells_questions_and_processes_apart() -> None:
    answers = Answers(1)
    tags = {answers.tag(each) for each in (question(), question("{ b }"), question(version=2), question(policy=STRICT))}
    assert len(tags | {Answers(1).tag(question())}) == 5
