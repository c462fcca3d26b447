"""The key of the emergency address is made anew by a member; the old one opens what comes for half a year."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pysequoia
import pytest
from django.utils import timezone

from tocsin.alerts.models import Alert
from tocsin.keys import safes
from tocsin.keys.tests.conftest import Open
from tocsin.mailbox import actions, clocks, desks, letters, standing, work
from tocsin.mailbox.contents import Content
from tocsin.mailbox.letters import Opened
from tocsin.mailbox.mail import addresskeys, openpgp, reading, sending, taking
from tocsin.mailbox.models import Desk, Due, Letter
from tocsin.mailbox.refusals import RefusedError
from tocsin.mailbox.tests.conftest import Browse, Typed
from tocsin.people.models import Person

pytestmark = pytest.mark.django_db
SENDER = "dana@mail.example"


def encrypted(public: str) -> bytes:
    sealed = openpgp.encrypt(public.encode(), b"Content-Type: text/plain\r\n\r\nqzx words\r\n")
    assert sealed
    return (
        f"From: {SENDER}\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n--x\r\n".encode()
        + b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\n"
        + b"Content-Type: application/octet-stream\r\n\r\n" + sealed + b"\r\n--x--\r\n"
    )  # fmt: skip


def made_on(vault: Any, desk: Desk, day: date) -> str:
    pair = openpgp.make("help@tocsin.example")
    body = {"kind": "openpgp", "private": pair.private, "public": pair.public, "since": day.isoformat()}
    safes.changing(vault, desk.safe, lambda safe: safe.add(desks.NOTES, body))
    return pair.public


def test_a_new_key_takes_its_place_and_the_old_one_still_opens(
    desk: Desk, opened: Open, alice: Person, with_vault: Browse
) -> None:
    Desk.objects.update(takes_mail=True)
    old = made_on(opened(alice), desk, timezone.now().date() - timedelta(days=30))
    with_vault(alice).post(f"/mailbox/{desk.public_id}/key")
    new = Desk.objects.get().openpgp
    assert new not in {"", old}
    for public in (old, new):
        taking.take(encrypted(public))
    texts = [letters.one(opened(alice), row.pk).content.text for row in Letter.objects.all()]
    assert [text.startswith("qzx words") for text in texts] == [True, True]
    page = with_vault(alice).get(f"/mailbox/{desk.public_id}/").content.decode()
    assert "An older key still opens what comes" in page
    with pytest.raises(RefusedError):
        addresskeys.make(opened(alice), desk)


def test_a_key_whose_time_is_over_is_destroyed_at_the_next_visit_unless_a_hold_stands(
    desk: Desk, opened: Open, alice: Person, with_vault: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.now().date()
    for days in (400, 200, 1):
        made_on(opened(alice), desk, today - timedelta(days=days))
    with monkeypatch.context() as held:
        held.setattr(addresskeys, "held", lambda desk: object())
        with_vault(alice).get("/mailbox/")
    assert len(addresskeys.keys_of(desks.open_safe(opened(alice), desk))) == 3
    with_vault(alice).get("/mailbox/")
    left = addresskeys.keys_of(desks.open_safe(opened(alice), desk))
    assert [(today - one.since).days for one in left] == [1, 200]
    assert left[0].until is None


def test_an_encrypted_answer_is_signed_inside_and_one_in_clear_never() -> None:
    ours, theirs = openpgp.make("help@tocsin.example"), openpgp.make(SENDER)
    known = Content(text="", sender=SENDER, sender_key=theirs.public.encode())
    sealed = sending.letter("help@tocsin.example", SENDER, "x", "We are here.", known, ours.private).as_bytes()
    assert b"SIGNATURE" not in sealed

    def trusted(fingerprints: list[str]) -> list[Any]:
        return [pysequoia.Cert.from_bytes(ours.public.encode())]

    key: Any = pysequoia.Tsk.from_bytes(theirs.private.encode())
    opened: Any = pysequoia.decrypt(reading.read(sealed).encrypted, decryptor=key.decryptor(), store=trusted)
    assert b"We are here." in opened.bytes
    assert [str(one.certificate).upper() for one in opened.valid_sigs] == [ours.fingerprint]
    clear = sending.letter(
        "help@tocsin.example", SENDER, "x", "We are here.", Content(text=""), ours.private
    ).as_bytes()
    assert b"PGP" not in clear


def test_who_must_not_see_a_letter_is_kept_from_its_alert_its_late_alert_and_its_desk(
    typed: Typed, desk: Desk, opened: Open, read: Callable[..., Opened], alice: Person, bob: Person, vera: Person
) -> None:
    number = typed()
    with pytest.raises(RefusedError):
        actions.keep_from(opened(alice), read(number), bob)
    actions.keep_from(opened(alice), read(number), vera)
    assert vera.pk in read(number).content.hidden
    Due.objects.update(due_at=timezone.now() - clocks.WITHIN[clocks.REPLY])
    work.call_late()
    for alert in Alert.objects.all():
        assert list(alert.subjects.values_list("person", flat=True)) == [vera.pk], alert.kind
    assert Alert.objects.filter(kind="letter_late").exists()
    assert vera.pk in standing.barred(desk, desks.open_safe(opened(alice), desk))
