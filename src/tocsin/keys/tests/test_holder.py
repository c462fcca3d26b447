"""A vault opens with its words, stays open while somebody works, and closes for good."""

import threading
from collections.abc import Callable

import pytest

from tocsin.keys.holder import vault
from tocsin.keys.holder.holding import IDLE, LONGEST, BusyError, ClosedError, Holder
from tocsin.keys.sealing import Cost, SealError, box_keys, seal_to, sign_keys, verify

CHEAP = Cost(1, 8192)
WORDS = b"river chair moon apple stone door"


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def holder(clock: Clock) -> Holder:
    return Holder(CHEAP, now=clock)


def test_the_words_open_it_and_nothing_else_does(holder: Holder) -> None:
    locked, made = holder.make(7, 1, WORDS)
    cookie = holder.unlock(locked, WORDS)
    (plain,) = holder.boxes(cookie, [seal_to(box_keys(made.box)[0], b"for seven")], active=True)
    (signature,) = holder.sign(cookie, [b"mine"], active=True)
    assert plain == b"for seven"
    verify(sign_keys(made.sign)[0], b"mine", signature)
    with pytest.raises(SealError):
        holder.unlock(locked, b"river chair moon apple stone")
    with pytest.raises(ClosedError):
        holder.boxes(bytes(32), [], active=True)


def test_a_vault_put_into_somebody_elses_place_does_not_open(holder: Holder) -> None:
    locked, _ = holder.make(7, 1, WORDS)
    swapped = vault.Locked(8, 1, locked.salt, locked.cost, locked.key, locked.seeds)
    with pytest.raises(SealError):
        holder.unlock(swapped, WORDS)


def test_other_words_open_the_same_keys(holder: Holder) -> None:
    locked, made = holder.make(7, 1, WORDS)
    renewed = holder.rewrap(locked, WORDS, b"other words")
    assert vault.unlock(renewed, b"other words") == made
    with pytest.raises(SealError):
        holder.unlock(renewed, WORDS)


def test_it_closes_when_nobody_works_and_looking_is_not_working(holder: Holder, clock: Clock) -> None:
    locked, _ = holder.make(7, 1, WORDS)
    cookie = holder.unlock(locked, WORDS)
    clock.time += IDLE - 1
    holder.boxes(cookie, [], active=False)
    assert holder.state(cookie) == (7, 1.0)
    clock.time += 1
    with pytest.raises(ClosedError):
        holder.state(cookie)


def test_work_keeps_it_open_but_not_for_ever(holder: Holder, clock: Clock) -> None:
    locked, _ = holder.make(7, 1, WORDS)
    cookie = holder.unlock(locked, WORDS)
    end = clock.time + LONGEST
    while clock.time + IDLE / 2 < end:
        clock.time += IDLE / 2
        holder.boxes(cookie, [], active=True)
    clock.time = end
    with pytest.raises(ClosedError):
        holder.state(cookie)


@pytest.mark.parametrize("way", ["one", "person", "all"])
def test_closing_closes(holder: Holder, way: str) -> None:
    cookies = [holder.unlock(holder.make(person, 1, WORDS)[0], WORDS) for person in (7, 8)]
    {"one": lambda: holder.lock(cookies[0]), "person": lambda: holder.lock_person(7), "all": holder.lock_all}[way]()
    with pytest.raises(ClosedError):
        holder.state(cookies[0])
    if way != "all":
        assert holder.state(cookies[1])[0] == 8


def test_what_a_vault_remembered_can_be_put_back_by_nobody(holder: Holder) -> None:
    locked, _ = holder.make(7, 1, WORDS)
    cookie = holder.unlock(locked, WORDS)
    old, new = (holder.remember(cookie, version, b"saw %d" % version) for version in (1, 2))
    assert holder.recall(cookie, 2, new) == b"saw 2"
    with pytest.raises(SealError):
        holder.recall(cookie, 1, old)
    with pytest.raises(SealError):
        holder.recall(cookie, 2, old)


def test_a_flood_of_tries_is_refused_and_its_owner_gets_in_after_it(holder: Holder) -> None:
    locked, _ = holder.make(7, 1, WORDS)
    inside, go_on = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> vault.Opened:
        inside.set()
        go_on.wait(10)
        raise SealError

    def attempt(act: Callable[[], object]) -> None:
        with pytest.raises(SealError):
            act()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vault, "unlock", slow)
        first = threading.Thread(target=attempt, args=(lambda: holder.unlock(locked, b"guess"),))
        first.start()
        assert inside.wait(10)
        with pytest.raises(BusyError):
            holder.unlock(locked, b"guess")
        go_on.set()
        first.join()
    assert holder.unlock(locked, WORDS)


def test_nothing_in_the_holder_is_in_clear(holder: Holder) -> None:
    locked, made = holder.make(7, 1, WORDS)
    cookie = holder.unlock(locked, WORDS)
    (held,) = holder._held.values()
    for secret in (made.key, made.box, made.sign, cookie):
        assert secret not in held.sealed
        assert secret not in b"".join(holder._held)
