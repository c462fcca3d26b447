"""The line of those who try words: patient ones are served in turn, a flood loses its places, no answer comes twice."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from tocsin.intake.queueing import PATIENCE, Line, Lost, Waiting
from tocsin.lib.tests import loops


class Clock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Work:
    """Work that lasts until it is let go."""

    def __init__(self) -> None:
        self._go = threading.Event()
        self.done: list[int] = []

    def __call__(self, number: int) -> Callable[[], int]:
        def work() -> int:
            self._go.wait()
            self.done.append(number)
            return number

        return work

    def let_go(self) -> None:
        self._go.set()


async def _enter(line: Line[int], work: Callable[[], int]) -> str:
    found = await line.enter(work)
    assert isinstance(found, Waiting)
    return found.ticket


async def _until(line: Line[int], ticket: str) -> int:
    while isinstance(found := await line.look(ticket), Waiting):
        await asyncio.sleep(0)
    return found


def test_who_comes_alone_is_served_at_once() -> None:
    assert loops.run(Line[int](1).enter(lambda: 7)) == 7


def test_who_waits_is_served_in_the_order_of_looking_and_once() -> None:
    async def story() -> None:
        line, work = Line[int](1), Work()
        first = asyncio.ensure_future(line.enter(work(0)))
        await asyncio.sleep(0)
        tickets = [await _enter(line, work(number)) for number in (1, 2, 3)]
        for ticket in (tickets[2], tickets[0]):
            assert isinstance(await line.look(ticket), Waiting)
        work.let_go()
        assert await first == 0
        assert [await _until(line, ticket) for ticket in (tickets[0], tickets[2])] == [1, 3]
        # The second never looked until now: it has a place, behind the others.
        assert await _until(line, tickets[1]) == 2
        assert work.done == [0, 3, 1, 2]
        with pytest.raises(Lost):
            await line.look(tickets[0])

    loops.run(story())


def test_who_does_not_look_again_loses_the_place() -> None:
    async def story() -> None:
        clock = Clock()
        line, work = Line[int](1, now=clock), Work()
        first = asyncio.ensure_future(line.enter(work(0)))
        await asyncio.sleep(0)
        patient, gone = await _enter(line, work(1)), await _enter(line, work(2))
        for _ in range(4):
            clock.now += PATIENCE / 2
            await line.look(patient)
        with pytest.raises(Lost):
            await line.look(gone)
        work.let_go()
        await first
        assert await _until(line, patient) == 1
        assert work.done == [0, 1]

    loops.run(story())


def test_a_flood_that_never_looks_again_stands_before_nobody() -> None:
    async def story() -> None:
        line, work = Line[int](1, places=50), Work()
        first = asyncio.ensure_future(line.enter(work(0)))
        await asyncio.sleep(0)
        for number in range(100, 140):
            await _enter(line, work(number))
        patient = await _enter(line, work(1))
        assert isinstance(await line.look(patient), Waiting)
        for number in range(200, 1000):
            await _enter(line, work(number))
        work.let_go()
        await first
        assert await _until(line, patient) == 1
        assert work.done == [0, 1]

    loops.run(story())


def test_when_patient_people_have_every_place_a_newcomer_is_told() -> None:
    async def story() -> None:
        line, work = Line[int](1, places=3), Work()
        first = asyncio.ensure_future(line.enter(work(0)))
        await asyncio.sleep(0)
        for number in (1, 2, 3):
            await line.look(await _enter(line, work(number)))
        with pytest.raises(Lost):
            await line.enter(work(4))
        work.let_go()
        await first

    loops.run(story())


def test_work_that_fails_frees_its_place() -> None:
    def fail() -> int:
        raise ValueError

    async def story() -> None:
        line = Line[int](1)
        with pytest.raises(ValueError):  # noqa: PT011
            await line.enter(fail)
        assert await line.enter(lambda: 7) == 7

    loops.run(story())
