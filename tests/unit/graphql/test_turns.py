"""An operation begins on the event loop, and goes on in threads, where others get their turn."""

import asyncio
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from service.graphql import turns as module
from service.graphql.turns import INLINE_ROWS, Haste, Turns, Waits


async def threads_of(turns: Turns, rows: list[int]) -> list[int]:
    found = []
    for count in rows:
        await turns.may_compute(count)
        found.append(threading.get_ident())
    return found


def finish(turns: Turns, operation: Any) -> Any:
    async def done() -> Any:
        with ThreadPoolExecutor(1) as executor:
            return await turns.finish(operation, executor)

    return asyncio.run(done())


def test_little_is_computed_on_the_event_loop_and_much_in_a_thread_as_is_all_that_follows() -> None:
    turns = Turns()
    small, large, after = finish(turns, threads_of(turns, [1, INLINE_ROWS, 1]))
    assert small == threading.get_ident()
    assert large == after != small


def test_who_has_computed_for_long_waits_behind_who_has_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_SECONDS", 0.0)
    told: list[str] = []

    async def say(turns: Turns, name: str) -> None:
        for _ in range(3):
            await turns.may_compute(INLINE_ROWS)
            told.append(name)

    async def both() -> None:
        with ThreadPoolExecutor(1) as executor:
            operations = [(turns, say(turns, name)) for name in "ab" if (turns := Turns())]
            await asyncio.gather(*(turns.finish(operation, executor) for turns, operation in operations))

    asyncio.run(both())
    assert told != sorted(told)


def test_an_operation_that_waits_for_something_else_is_ended() -> None:
    async def future() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Waits):
        finish(Turns(), future())


def test_an_error_is_that_of_the_operation() -> None:
    async def fail(turns: Turns) -> None:
        await turns.may_compute(INLINE_ROWS)
        raise ValueError("seen")

    turns = Turns()
    with pytest.raises(ValueError, match="seen"):
        finish(turns, fail(turns))


def test_an_operation_that_is_given_up_has_no_other_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_SECONDS", 0.0)
    begun, ended = threading.Event(), threading.Event()

    async def go_on(turns: Turns) -> None:
        try:
            while True:
                await turns.may_compute(INLINE_ROWS)
                begun.set()
        finally:
            ended.set()

    async def give_up() -> None:
        with ThreadPoolExecutor(1) as executor:
            turns = Turns()
            task = asyncio.create_task(turns.finish(go_on(turns), executor))
            await asyncio.to_thread(begun.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(give_up())
    gc.collect()
    assert ended.is_set()


async def saying(turns: Turns, name: str, told: list[str]) -> None:
    for _ in range(3):
        await turns.may_compute(INLINE_ROWS)
        told.append(name)


@pytest.mark.parametrize(("seconds", "expected"), [(60.0, ["hasty"] * 3 + ["patient"] * 3), (0.0, None)])
def test_who_is_patient_goes_on_when_nobody_is_waited_for_and_not_for_ever(
    seconds: float, expected: list[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_SECONDS", 0.0)
    monkeypatch.setattr(module, "PATIENT_SECONDS", seconds)
    told: list[str] = []

    async def both() -> None:
        haste = Haste()
        patient, hasty = Turns(haste, patient=True), Turns(haste)
        with ThreadPoolExecutor(1) as executor:
            with haste.one():
                waiting = asyncio.create_task(patient.finish(saying(patient, "patient", told), executor))
                await hasty.finish(saying(hasty, "hasty", told), executor)
                if expected is None:
                    await waiting
            await waiting

    asyncio.run(both())
    assert expected is None or told == expected
