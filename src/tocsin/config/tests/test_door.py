"""From the public door to a desk and back: nothing is lost or doubled, and nothing can be read on the way."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.db import OperationalError
from django.utils import timezone
from pytest_django.fixtures import Settings

from tocsin.alerts.models import Alert, Knower, Lane
from tocsin.config import door, signing
from tocsin.config.safeguards import door as safeguards
from tocsin.config.safeguards.base import State
from tocsin.intake import configured, handing
from tocsin.intake import desks as published
from tocsin.intake.bodies import Bodies
from tocsin.intake.models import Box, Envelope
from tocsin.intake.tests.visitor import Visitor
from tocsin.keys.models import Epoch
from tocsin.keys.sealing import SealError, seal_to
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.lib.tests import loops
from tocsin.mailbox import actions, arriving, desks, files, letters, wishes
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
    assert (alert.lane, alert.urgency) == (Lane.LIFE, "immediate")
    assert alert.reference == f"arrival:{shown.public_id}.{one.tag['alert']}"
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

    assert loops.run(whole()) == content
    place = files.place_of(file.place)
    assert content[:50] not in place.read_bytes()
    assert list((tmp_path / "intake" / "files").iterdir()) == []
    place.write_bytes(place.read_bytes()[:-20])
    with pytest.raises(SealError):
        loops.run(whole())


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


def _planted(desk: Desk, **given: Any) -> Envelope:
    """A row that the door never wrote: older than all others, and sealed to the desk."""
    epoch = Epoch.objects.get(safe=desk.safe, compartment="letters")
    row = {"desk": desk.public_id, "epoch": epoch.number, "sealed": seal_to(bytes(epoch.public), b"{}"),
           "arrived_at": datetime(2026, 1, 1, tzinfo=UTC), "language": "en",
           "urgency": "now", "lookup": b"x" * 16}  # fmt: skip
    return Envelope.objects.using("door").create(**{**row, **given})


def test_a_letter_whose_file_is_gone_comes_without_it_and_says_so(dana: Visitor, shown: Desk) -> None:
    _planted(shown, files=[{"place": "0" * 32, "stored": 1}])
    dana.tell(TEXT)
    door.step()
    assert Letter.objects.count() == 2
    assert [one["missing"] for row in Letter.objects.all() for one in row.files] == [True]


def test_a_row_that_leads_elsewhere_is_refused_and_touches_nothing(
    dana: Visitor, shown: Desk, settings: Settings, tmp_path: Path
) -> None:
    dana.tell(TEXT, files=[("files", ("a.jpg", b"picture" * 3_000, "image/jpeg"))])
    door.step()
    place = _only().files[0]["place"]
    kept = files.place_of(place)
    for name in (f"../../vault/letters/{place}", str(kept).removesuffix(".sealed"), place.upper(), "", None, 7):
        _planted(shown, files=[{"place": name, "stored": 1}])
    lists: tuple[Any, ...] = ({}, 7, [7], [{}], "x", [{"place": place}])
    for listed in lists:
        _planted(shown, files=listed)
    planted = Envelope.objects.using("door").count()
    door.step()
    handing.taken([Envelope.objects.using("door").latest("id").id])
    assert kept.exists()
    assert Letter.objects.count() == 1
    assert len(handing.aside()) == planted - 1


def test_a_row_can_not_claim_the_file_of_another_letter(dana: Visitor, shown: Desk, tmp_path: Path) -> None:
    dana.tell(TEXT, files=[("files", ("a.jpg", b"picture" * 3_000, "image/jpeg"))])
    door.step()
    place = _only().files[0]["place"]
    (tmp_path / "intake" / "files" / f"{place}.sealed").write_bytes(b"sealed")
    _planted(shown, files=[{"place": place, "stored": 6}])
    door.step()
    assert (Letter.objects.count(), len(handing.aside())) == (1, 1)


def test_a_link_at_the_door_leads_nowhere(dana: Visitor, shown: Desk, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (tmp_path / "intake" / "files" / ("a" * 32 + ".sealed")).symlink_to(secret)
    _planted(shown, files=[{"place": "a" * 32, "stored": 6}])
    door.step()
    assert _only().files[0]["missing"]
    assert not files.place_of("a" * 32).exists()


def test_many_rows_that_no_key_opens_starve_nobody_and_call_once(dana: Visitor, shown: Desk) -> None:
    for number in range(door.BATCH + 1):
        _planted(shown, epoch=900 + number)
    dana.tell(TEXT)
    for _ in range(3):
        door.step()
    assert Letter.objects.count() == 1
    assert Alert.objects.filter(kind="door_stuck").count() == 1
    assert len(handing.aside()) == door.BATCH + 1
    assert Desk.objects.get(pk=shown.pk).emptied_on is not None


def test_what_was_set_aside_is_tried_again_and_keeps_its_key_until_then(dana: Visitor, shown: Desk) -> None:
    Desk.objects.update(emptied_on=None)
    row = _planted(shown, files=[{"place": "wrong", "stored": 1}])
    for _ in range(2):
        door.step()
    assert Desk.objects.get(pk=shown.pk).emptied_on is None
    past = timezone.now() - timedelta(minutes=1)
    Envelope.objects.using("door").filter(id=row.id).update(files=[], aside_until=past)
    door.step()
    door.step()
    assert _only().pk == row.id
    assert Desk.objects.get(pk=shown.pk).emptied_on is not None


def test_a_database_that_does_not_answer_sets_nothing_aside(dana: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    dana.tell(TEXT)

    def away(coming: object) -> bool:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(arriving, "arrive", away)
        with pytest.raises(OperationalError):
            door.step()
    assert handing.aside() == []
    door.step()
    assert Letter.objects.count() == 1


def test_desks_are_published_for_us_alone_and_a_link_there_is_replaced(dana: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "intake" / "desks.json"
    assert path.stat().st_mode & 0o777 == 0o600
    dana.begin()
    assert dana.page.status_code == 200
    elsewhere = path.rename(tmp_path / "elsewhere.json")
    path.symlink_to(elsewhere)
    assert dana.begin().status_code == 503
    assert door.publish()
    assert not path.is_symlink()
    assert dana.begin().status_code == 200
    assert [one.name for one in path.parent.glob(".desks.json*")] == []


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_the_door_is_closed_while_others_could_write_who_gets_everything(
    dana: Visitor, tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "intake" / "desks.json"
    path.chmod(mode)
    assert dana.begin().status_code == 503
    assert door.publish()
    assert dana.begin().status_code == 200


def test_the_check_says_when_the_door_has_no_key_or_an_old_one(dana: Visitor, shown: Desk, tmp_path: Path) -> None:
    assert safeguards.door_can_seal().state is State.HOLDS
    began = timezone.now().date() - timedelta(days=10)
    Epoch.objects.filter(safe=shown.safe, compartment="letters").update(began_on=began)
    assert "10 days old" in safeguards.door_can_seal().line
    (tmp_path / "intake" / "desks.json").unlink()
    assert "closed" in safeguards.door_can_seal().line
    assert safeguards.door_can_seal().state is State.WARNING
    Desk.objects.update(at_door=False)
    assert safeguards.door_can_seal().state is State.HOLDS


def test_the_check_counts_what_is_stuck_at_the_door(dana: Visitor, shown: Desk) -> None:
    assert safeguards.door_is_not_stuck().state is State.HOLDS
    _planted(shown, epoch=900)
    door.step()
    found = safeguards.door_is_not_stuck()
    assert (found.state, found.line[:2]) == (State.WARNING, "1 ")


def test_the_door_believes_the_signer_that_was_named_and_nobody_else(
    dana: Visitor, shown: Desk, tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "secrets").mkdir()
    door.publish()
    signer = signing.signer_of(tmp_path)
    assert signer is not None
    settings.CONFIGURATION = replace(settings.CONFIGURATION, intake_signer=signer.public.upper())
    assert dana.begin().status_code == 200
    path = tmp_path / "intake" / "desks.json"
    body = json.loads(path.read_text())
    over = {**body, "signed_until": "2001-01-01"}
    over["signature"] = signer.sign(published.signed_bytes(over))
    for wrong in ({**body, "desks": body["desks"][:1]}, {**body, "signature": "00"}, {"desks": body["desks"]}, over):
        path.write_text(json.dumps(wrong))
        assert dana.begin().status_code == 503
    assert door.publish()
    assert dana.begin().status_code == 200


def test_what_will_never_open_is_listed_with_its_reason_and_removed(dana: Visitor, shown: Desk, tmp_path: Path) -> None:
    gone = _planted(shown, epoch=900)
    wrong = _planted(shown, files=[{"place": "wrong", "stored": 1}])
    door.step()
    found = {one.id: one.why for one in door.hopeless()}
    assert found == {
        gone.id: "its key was destroyed, or never was",
        wrong.id: "its row says of files what the door never writes",
    }
    assert door.drop(gone.id)
    assert not door.drop(gone.id)
    assert [one.id for one in door.hopeless()] == [wrong.id]
    dana.tell(TEXT)
    door.step()
    assert not door.drop(_only().pk)
