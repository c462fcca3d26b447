import os
import signal
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tocsin.config import heartbeat, steps
from tocsin.config.loop import TOLERATED, Loop, Step
from tocsin.config.processes import Ending
from tocsin.config.steps import every
from tocsin.lib.models import Lease


@pytest.fixture
def ending() -> Iterator[Ending]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield Ending()
    for number, handler in before.items():
        signal.signal(number, handler)


def always() -> bool:
    return True


def test_a_step_that_fails_rests_while_the_others_go_on(ending: Ending) -> None:
    done: list[str] = []

    def fails() -> bool:
        done.append("fails")
        raise ValueError("what somebody wrote")

    def works() -> bool:
        done.append("works")
        return True

    loop = Loop("work", [Step("one", fails), Step("two", works)], ending, always)
    assert loop.once() is True
    assert loop.once() is True
    assert done == ["fails", "works", "works"]


@pytest.mark.django_db(transaction=True)
def test_it_finishes_the_step_at_hand_when_it_is_asked_to_end(ending: Ending) -> None:
    done: list[str] = []

    def first() -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        done.append("first")
        return True

    def second() -> bool:
        done.append("second")
        return True

    Loop("work", [Step("first", first), Step("second", second)], ending, always).run()
    assert done == ["first"]
    assert heartbeat.beats() == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_done_while_the_disk_is_full(ending: Ending) -> None:
    done: list[str] = []
    seen: list[str] = []

    def room() -> bool:
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    def step() -> bool:
        done.append("step")
        seen.extend(beat.state for beat in heartbeat.beats())
        return False

    Loop("work", [Step("step", step)], ending, room).run()
    assert done == []


@pytest.mark.django_db
def test_a_process_that_waits_for_room_says_so() -> None:
    heartbeat.beat("collect")
    assert [(beat.part, beat.state, beat.alive) for beat in heartbeat.beats()] == [("collect", "", True)]
    heartbeat.beat("collect", "full")
    assert [(beat.part, beat.state) for beat in heartbeat.beats()] == [("collect", "full")]
    Lease.objects.update(until="2020-01-01T00:00:00Z")
    assert [beat.alive for beat in heartbeat.beats()] == [False]


@pytest.mark.django_db
def test_every_room_that_has_work_is_in_the_list(settings: Settings) -> None:
    assert {"audit", "signals", "situations", "console", "lake"} <= {step.name for step in steps.working()}


@pytest.mark.django_db(transaction=True)
def test_every_step_has_nothing_to_do_in_an_empty_house() -> None:
    for step in steps.working():
        while step.do():
            pass


@pytest.mark.django_db(transaction=True)
def test_a_step_that_keeps_failing_is_told_to_whoever_watches_until_it_works_again(ending: Ending) -> None:
    broken = [True]

    def do() -> bool:
        if broken[0]:
            raise ValueError("what somebody wrote")
        return False

    heartbeat.beat("collect")
    step = Step("signals", every(20, do))
    loop = Loop("work", [step], ending, always)

    def rounds(count: int) -> str:
        for _round in range(count):
            step.resting_until = 0.0
            loop.once()
        loop.keep_house()
        return str(Client().get("/healthz").json()["parts"]["work"])

    assert rounds(TOLERATED - 1) == "works"
    assert rounds(1) == "failing: signals"
    assert Client().get("/healthz").status_code == 503
    assert 'tocsin_processes_failing{part="work"} 1.0' in Client().get("/metrics").content.decode()
    broken[0] = False
    assert rounds(1) == "works"
    assert 'tocsin_processes_failing{part="work"} 0.0' in Client().get("/metrics").content.decode()
