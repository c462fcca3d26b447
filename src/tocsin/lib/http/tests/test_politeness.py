"""Hosts are left alone for as long as they need."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tocsin.lib.http import Client, Code, HttpError, Politeness, backoff, retry_after
from tocsin.lib.http.tests.servers import page, redirect, serving

SECOND = timedelta(seconds=1)
NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def polite(clock: Clock, seconds: float = 2) -> Politeness:
    return Politeness(timedelta(seconds=seconds), clock=clock, sleep=clock.sleep)


def test_two_requests_to_one_host_lie_apart() -> None:
    clock = Clock()
    politeness = polite(clock)
    for _ in range(3):
        with politeness.turn("feed.example", 60):
            pass
    assert clock.now == 1004


def test_different_hosts_do_not_wait_for_each_other() -> None:
    clock = Clock()
    politeness = polite(clock)
    with politeness.turn("a.example", 60), politeness.turn("b.example", 60):
        pass
    assert clock.now == 1000


def test_one_host_is_asked_by_one_thread_at_a_time() -> None:
    politeness = Politeness(timedelta(0))
    inside, most = 0, 0

    def ask() -> None:
        nonlocal inside, most
        for _ in range(50):
            with politeness.turn("feed.example", 60):
                inside += 1
                most = max(most, inside)
                inside -= 1

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_who_has_no_patience_is_told_when_to_come_back() -> None:
    politeness = polite(Clock())
    politeness.rest("feed.example", timedelta(minutes=5))
    with pytest.raises(HttpError) as caught, politeness.turn("FEED.example", 10):
        pass
    assert caught.value.code is Code.WAIT
    assert caught.value.retry_after == timedelta(minutes=5)


def test_a_host_that_is_busy_for_too_long_is_not_waited_for() -> None:
    politeness = Politeness(timedelta(0))
    with politeness.turn("feed.example", 1), pytest.raises(HttpError), politeness.turn("feed.example", 0.01):
        pass
    with politeness.turn("feed.example", 0):
        pass


def test_a_server_that_asks_for_rest_gets_it(client: Callable[..., Client]) -> None:
    clock = Clock()
    with serving(lambda _: page(status="503 Busy", Retry_After="120")) as server:
        allow = frozenset({server.name})
        asking = client(politeness=polite(clock))
        for expected in (Code.STATUS, Code.WAIT):
            with pytest.raises(HttpError) as caught:
                asking.fetch(server.url(), allow=allow)
            assert caught.value.code is expected
            assert caught.value.retry_after == timedelta(seconds=120)
    assert len(server.requests) == 1


def test_a_server_behind_a_redirect_that_asks_for_rest_gets_it_alone(client: Callable[..., Client]) -> None:
    asking = client(politeness=polite(Clock()), resolver=lambda _host, _port: ["127.0.0.1"])
    with (
        serving(lambda _: page(status="429 Too Many", Retry_After="3600")) as second,
        serving(lambda path: page() if path == "/own" else redirect(second.url(host="second.example"))) as first,
    ):
        start, allow = (
            first.url("", "first.example"),
            frozenset({f"first.example:{first.port}", f"second.example:{second.port}"}),
        )
        with pytest.raises(HttpError) as caught:
            asking.fetch(start + "/led", allow=allow)
        assert (caught.value.status, caught.value.redirected) == (429, True)
        assert asking.fetch(start + "/own", allow=allow).status == 200
        with pytest.raises(HttpError) as resting:
            asking.fetch(second.url(host="second.example"), allow=allow)
    assert resting.value.code is Code.WAIT


def test_many_hosts_are_not_remembered_for_ever() -> None:
    clock = Clock()
    politeness = polite(clock)
    for number in range(10_000):
        with politeness.turn(f"{number}.example", 60):
            clock.now += 1
    assert len(politeness._hosts) < 5000


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("120", timedelta(seconds=120)),
        ("0", timedelta(0)),
        ("99999999999999999999", timedelta(days=1)),
        ("Wed, 02 Jan 2030 03:05:05 GMT", timedelta(minutes=1)),
        ("Wed, 02 Jan 2020 03:05:05 GMT", timedelta(0)),
        ("Wed, 02 Jan 2040 03:05:05 GMT", timedelta(days=1)),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("Wed, 99 Jan 2030", None),
    ],
)
def test_retry_after_is_read(value: str, pause: timedelta | None) -> None:
    assert retry_after(value, NOW) == pause


@given(some.text())
def test_no_retry_after_breaks_the_reader(value: str) -> None:
    pause = retry_after(value, NOW)
    assert pause is None or timedelta(0) <= pause <= timedelta(days=1)


def test_the_back_off_doubles_up_to_its_cap() -> None:
    waits = [backoff(n, base=SECOND, cap=timedelta(hours=1), random=lambda: 1.0) for n in range(20)]
    assert waits[:5] == [timedelta(0), SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND]
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert waits[-1] == timedelta(hours=1)


@given(some.integers(0, 10**9), some.floats(0, 1))
def test_the_back_off_is_a_part_of_its_ceiling(failures: int, part: float) -> None:
    wait = backoff(failures, base=SECOND, cap=timedelta(days=1), random=lambda: part)
    assert timedelta(0) <= wait <= timedelta(days=1)
