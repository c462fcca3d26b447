"""Signs that nobody sees stand in nothing that somebody approves; those that a writing needs stay."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from tocsin.people.models import Person
from tocsin.responses import actions
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts, books, content
from tocsin.responses.log.content import State, Task, WrongError
from tocsin.responses.log.folding import Standing
from tocsin.responses.log.keeping import Book
from tocsin.responses.tests.test_plans import CONTENT, TASK

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def plan(bob: Person) -> Book:
    return actions.begin(bob, acts.Begun(severity=3), CONTENT, [TASK], None)


@pytest.mark.parametrize(
    "sign", ["\u00ad", "\u061c", "\u2062", "\ufe0f", "\u200c", "\U000e0041", "\U000e0100", "\u115f", "\u180b"]
)
def test_signs_that_nobody_sees_are_refused_by_name_in_whatever_is_written(plan: Book, bob: Person, sign: str) -> None:
    words = f"Say{sign} nothing."
    writes: list[Callable[[], object]] = [
        lambda: actions.write(plan, bob, replace(CONTENT, objective=words), 1),
        lambda: actions.put_task(plan, bob, Task("", words)),
        lambda: actions.decide(plan, bob, words, "why"),
        lambda: actions.begin(bob, acts.Begun(severity=3), replace(CONTENT, reasons=words), [TASK], None),
    ]
    for write, name in zip(writes, ("objective", "title", "what", "reasons"), strict=True):
        with pytest.raises(WrongError) as wrong:
            write()
        assert wrong.value.name == name
        assert f"U+{ord(sign):04X}" in wrong.value.words
        assert "Say nothing." in wrong.value.words


@pytest.mark.parametrize(
    "words",
    ["می‌خواهم", "क्‍ष", "👩‍⚖️ ⚠️ 1️⃣", "葛󠄀城", "ᠠ᠋", "‏שלום!"],
)
def test_signs_that_a_writing_needs_stay(plan: Book, bob: Person, words: str) -> None:
    assert actions.write(plan, bob, replace(CONTENT, objective=words), 1).content.objective == words


def test_what_was_written_before_such_signs_were_refused_is_read_approved_and_moved(
    plan: Book, bob: Person, vera: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, task = replace(CONTENT, objective="Op\u00aden again."), replace(TASK, title="Te\u00adll them")
    with monkeypatch.context() as before:
        before.setattr(content, "readable", lambda *_any: None)
        before.setattr(books, "readable", lambda *_any: None)
        actions.write(plan, bob, old, 1)
        actions.put_task(plan, bob, task)
    assert plan.read().proved
    asked = actions.ask(plan, bob, vera, None)
    actions.approve(plan, vera, asked.digest)
    actions.move(plan, bob, "t1", State.BEGUN)
    actions.put_task(plan, bob, replace(task, owner=bob.pk))
    assert actions.write(plan, bob, replace(old, update_hours=6), 2).standing is Standing.APPROVED


def test_a_task_that_somebody_said_no_to_does_not_come_back_in_letters_that_look_alike(
    plan: Book, bob: Person, vera: Person
) -> None:
    asked = actions.ask(plan, bob, vera, None)
    actions.approve(plan, vera, asked.digest)
    actions.put_task(plan, bob, Task("new", "Name the blockers"))
    asked = actions.ask(plan, bob, vera, None)
    actions.decline(plan, vera, asked.digest, "Nobody is named.")
    for title in ("Name the bloc\u200ckers", "Name\u00a0the ｂlockers"):
        with suppress(WrongError):
            actions.put_task(plan, bob, Task("new", title))
        with pytest.raises(RefusedError, match="said no"):
            actions.act_first(plan, bob, "They come for her at dawn.")
