"""From the public door to a desk and back: nothing is lost or doubled, and nothing can be read on the way."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.asgi import get_asgi_application
from django.utils import timezone
from pytest_django.fixtures import Settings

from tocsin.alerts.models import Alert, Knower, Lane
from tocsin.config import door
from tocsin.intake import configured, handing
from tocsin.intake.bodies import Bodies
from tocsin.intake.models import Box
from tocsin.intake.tests.visitor import Visitor
from tocsin.keys.models import Epoch
from tocsin.keys.sealing import SealError
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.mailbox import actions, desks, files, letters, wishes
from tocsin.mailbox.desks import Shown
from tocsin.mailbox.models import Desk, Letter, Outgoing, Withdrawal
from tocsin.mailbox.refusals import RefusedError
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]

pytestmark = pytest.mark.django_db(databases=["default", "door"], transaction=True)
TEXT = "They came to the house."


@pytest.fixture
def shown(opened: Open, know: Callable[..., None], alice: Person, bob: Person, vera: Person) -> Desk:
    """A desk of Alice and Bob at the door; Vera has another, where she can be named."""
    know(alice, bob, vera)
    made = desks.make(opened(alice), "First")
    desks.let_in(opened(alice), made, bob, ())
    desks.show(opened(alice), made, Shown("First", {"en": "First desk"}, ("en",), (alice.pk, bob.pk), at_door=True))
    other = desks.make(opened(vera), "Other")
    desks.show(opened(vera), other, Shown("Other", {"en": "Other desk"}, ("fr",), (vera.pk,), at_door=True))
    return made


@pytest.fixture
def dana(tmp_path: Path, settings: Settings, shown: Desk) -> Visitor:
    """Dana, at the door, which knows of the desks."""
    settings.HOME, settings.LETTER_FILES = tmp_path, tmp_path / "vault" / "letters"
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.ALLOWED_HOSTS = "tocsin.intake.urls", [], ["*"]
    configured.prepare(tmp_path / "intake")
    door.step()
    return Visitor(Bodies(get_asgi_application()))  # type: ignore[arg-type]


def _only() -> Letter:
    return Letter.objects.get()


def test_what_was_sent_is_read_at_the_desk_and_the_answer_in_the_box(
    dana: Visitor, opened: Open, shown: Desk, alice: Person, bob: Person
) -> None:
    words = dana.tell(TEXT, urgency="now")
    assert door.step()
    assert handing.waiting() == []
    one = letters.one(opened(bob), _only().pk)
    assert (one.content.text, one.content.kind, one.content.safe) == (TEXT, "threats", "no")
    assert one.head.clocks[0].over < timedelta(minutes=-14)
    alert = Alert.objects.get()
    assert (alert.lane, alert.reference, alert.urgency) == (Lane.LIFE, f"letter:{one.letter.pk}", "immediate")
    actions.reply(opened(alice), one, "", "We are with you.", send=True)
    assert b"We are with you" not in bytes(Outgoing.objects.get().sealed)
    assert door.step()
    dana.open(words)
    assert dana.says("We are with you.")
    assert not Outgoing.objects.exists()


def test_a_worker_that_dies_in_between_loses_nothing_and_doubles_nothing(
    dana: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana.tell(TEXT)

    def dies(ids: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(handing, "taken", dies)
        with pytest.raises(KeyboardInterrupt):
            door.step()
    assert (Letter.objects.count(), len(handing.waiting())) == (1, 1)
    door.step()
    assert (Letter.objects.count(), Alert.objects.count(), len(handing.waiting())) == (1, 1, 0)


def test_a_file_is_read_whole_and_goes_with_its_letter(
    dana: Visitor, opened: Open, alice: Person, tmp_path: Path
) -> None:
    content = b"picture" * 30_000
    dana.tell(TEXT, files=[("files", ("../we ird\r\n.jpg", content, "image/jpeg"))])
    door.step()
    one = letters.one(opened(alice), _only().pk)
    (file,) = one.content.files

    async def whole() -> bytes:
        return b"".join([piece async for piece in files.pieces(file)])

    assert asyncio.run(whole()) == content
    place = files.place_of(file.place)
    assert content[:50] not in place.read_bytes()
    assert list((tmp_path / "intake" / "files").iterdir()) == []
    place.write_bytes(place.read_bytes()[:-20])
    with pytest.raises(SealError):
        asyncio.run(whole())


def test_who_can_be_named_at_the_door_never_learns_of_another_desks_letters(
    dana: Visitor, shown: Desk, alice: Person, bob: Person, vera: Person
) -> None:
    dana.tell(TEXT)
    door.step()
    alert = Alert.objects.get()
    assert list(alert.subjects.values_list("person", flat=True)) == [vera.pk]
    assert set(Knower.objects.values_list("person", flat=True)) == {alice.pk, bob.pk}


def test_naming_somebody_sends_it_to_a_desk_without_them(
    dana: Visitor, opened: Open, bob: Person, vera: Person
) -> None:
    dana.tell(TEXT, hidden=[f"person:{desks.door_name(bob.pk)}"])
    door.step()
    assert _only().desk.name == "Other"
    assert letters.one(opened(vera), _only().pk).content.hidden == {bob.pk}


def test_a_key_is_kept_while_something_may_wait_at_the_door(
    dana: Visitor, opened: Open, shown: Desk, alice: Person
) -> None:
    dana.tell(TEXT)
    today = timezone.now().date()
    Epoch.objects.filter(compartment="letters").update(began_on=today - timedelta(days=20))
    Desk.objects.update(emptied_on=today - timedelta(days=20))
    desks.keep_fresh(opened(alice), shown)
    Epoch.objects.filter(compartment="letters", number=2).update(began_on=today - timedelta(days=9))
    desks.keep_fresh(opened(alice), Desk.objects.get(pk=shown.pk))
    door.step()
    assert letters.one(opened(alice), _only().pk).content.text == TEXT
    door.step()
    actions.finish(opened(alice), letters.one(opened(alice), _only().pk))
    desks.keep_fresh(opened(alice), Desk.objects.get(pk=shown.pk))
    assert not Epoch.objects.filter(safe=shown.safe, compartment="letters", number=1).exists()


def test_a_frozen_box_looks_empty_and_the_sender_is_told_nothing(dana: Visitor, opened: Open, alice: Person) -> None:
    words = dana.tell(TEXT)
    door.step()
    vault = opened(alice)
    actions.freeze(vault, letters.one(opened(alice), _only().pk), frozen=True)
    actions.reply(opened(alice), letters.one(opened(alice), _only().pk), "", "Secret answer.", send=True)
    door.step()
    dana.open(words)
    assert dana.says("There is no new message for you now")
    actions.freeze(opened(alice), letters.one(opened(alice), _only().pk), frozen=False)
    door.step()
    dana.open(words)
    assert dana.says("Secret answer.")


def test_taking_back_stops_sharing_at_once_and_destroys_nothing_before_a_call_back_and_a_delay(
    dana: Visitor, opened: Open, shown: Desk, alice: Person
) -> None:
    dana.tell(TEXT)
    door.step()
    lookup = bytes(_only().lookup)
    at = timezone.now()
    Box.objects.using("door").update(wish=Box.Wish.DELETE, withdrawn_at=at)
    assert door.step()
    assert handing.withdrawals() == []
    wishes.note(lookup, delete=True, asked_on=at.date())
    assert Alert.objects.filter(kind="letter_wish").count() == 1

    def now() -> letters.Opened:
        return letters.one(opened(alice), _only().pk)

    assert now().letter.wish == Letter.Wish.DELETE
    with pytest.raises(RefusedError):
        actions.take_into(opened(alice), now(), shown.safe, "notes")
    with pytest.raises(RefusedError):
        actions.destroy(opened(alice), now())
    actions.call_back(opened(alice), now())
    with pytest.raises(RefusedError):
        actions.destroy(opened(alice), now())
    Withdrawal.objects.update(asked_on=at.date() - timedelta(days=15))
    actions.destroy(opened(alice), now())
    assert not Letter.objects.exists()
    door.step()
    assert not handing.remove(lookup)
