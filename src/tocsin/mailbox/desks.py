"""Desks: made, their members let in and put out, shown at the door, their keys renewed every week."""

import base64
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b, sha256
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.audit.actions import record
from tocsin.keys import holds, safes, tampering
from tocsin.keys.logs import LOG
from tocsin.keys.models import Epoch, Hold, Link
from tocsin.keys.safes import LastHolderError, NotInError, OpenSafe
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.lib.names import random_name
from tocsin.mailbox.arriving import LETTERS, members
from tocsin.mailbox.models import Canary, Desk, Letter
from tocsin.mailbox.refusals import RefusedError
from tocsin.people.models import Person

NOTES: Final = "notes"
_KIND: Final = "desk"
_HELD: Final = (LETTERS, NOTES, LOG)
RENEWED_AFTER: Final = timedelta(days=7)
# The door may seal to a key for a while after a new one is there.
STILL_USED: Final = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the door shows of a desk. ``named`` are the members whom a sender may name as not to see it."""

    name: str
    names: Mapping[str, str]
    languages: tuple[str, ...]
    named: tuple[int, ...]
    at_door: bool


def make(vault: OpenVault, name: str) -> Desk:
    """A new desk, whose only member is who makes it."""
    safe = safes.found(vault, _KIND, [LETTERS, NOTES], "head", public=[LETTERS])
    with transaction.atomic():
        desk = Desk.objects.create(safe=safe.id, name=name[:80])
        record(vault.person, "mailbox.desk_made", f"desk:{desk.public_id}")
    return desk


def open_safe(vault: OpenVault, desk: Desk) -> OpenSafe:
    """A desk's safe, with its public key compared: letters must not be sealed to somebody else's.

    Raises:
        NotInError: when this person is not a member.
        TamperError: when the key that letters are sealed to is not the desk's; it is put right first.
    """
    safe = OpenSafe(vault, desk.safe)
    if LETTERS not in safe.compartments:
        raise NotInError
    epoch = Epoch.objects.filter(safe=desk.safe, compartment=LETTERS).order_by("-number").first()
    number, public = safe.head.epochs[LETTERS], safe.head.public[LETTERS]
    if epoch is None or epoch.number != number or bytes(epoch.public) != public:
        with transaction.atomic():
            Epoch.objects.filter(safe=desk.safe, compartment=LETTERS, number__gt=number).delete()
            Epoch.objects.filter(safe=desk.safe, compartment=LETTERS, number=number).update(public=public)
        error = TamperError(desk.safe.hex, "public key")
        tampering.report(error)
        raise error
    return safe


def mine(vault: OpenVault) -> list[tuple[Desk, OpenSafe]]:
    """Every desk that this vault opens, in the order of names."""
    found = []
    for desk in Desk.objects.filter(ended_on=None).order_by("name", "pk"):
        try:
            found.append((desk, open_safe(vault, desk)))
        except NotInError:
            continue
    return found


def one(vault: OpenVault, public_id: str) -> tuple[Desk, OpenSafe]:
    """One desk of this person's.

    Raises:
        NotInError: when there is none, or they are not a member: the two look alike.
    """
    desk = Desk.objects.filter(public_id=public_id, ended_on=None).first()
    if desk is None:
        raise NotInError
    return desk, open_safe(vault, desk)


def let_in(vault: OpenVault, desk: Desk, person: Person, barred: Collection[int]) -> None:
    """Let somebody read every letter of a desk. ``barred`` are those whom a sender of a letter here excluded.

    Raises:
        RefusedError: for somebody who is barred or whose account is closed.
        UnverifiedError: when their keys were not compared with them.
    """
    if person.pk in barred:
        raise RefusedError(_("A letter here must not be seen by this person. Finish it first, or make another desk."))
    if not person.is_active:
        raise RefusedError(_("This account is closed. Choose somebody else."))
    safes.changing(vault, desk.safe, lambda safe: safe.let_in(person.pk, _HELD, "member"))


def put_out(vault: OpenVault, desk: Desk, person: int) -> None:
    """Take somebody out: what comes from now on opens under a new key; notes are sealed anew at once.

    Raises:
        RefusedError: for the last member.
    """
    try:
        safes.changing(vault, desk.safe, lambda safe: safe.put_out(person))
    except LastHolderError:
        raise RefusedError(_("Nobody else could read the letters then. Let somebody in first.")) from None
    while safes.changing(vault, desk.safe, lambda safe: safe.reseal()):
        pass
    desk.named = [number for number in desk.named if number != person]
    desk.save(update_fields=["named"])


def show(vault: OpenVault, desk: Desk, shown: Shown) -> None:
    """Say what the door shows of it.

    Raises:
        RefusedError: when it should stand at the door without a name.
    """
    if shown.at_door and not shown.names:
        raise RefusedError(_("Give it a name that the door can show, at least in English."))
    inside = members(desk)
    desk.name, desk.names, desk.languages = shown.name[:80], dict(shown.names), list(shown.languages)
    desk.named, desk.at_door = [number for number in shown.named if number in inside], shown.at_door
    with transaction.atomic():
        desk.save(update_fields=["name", "names", "languages", "named", "at_door"])
        record(vault.person, "mailbox.desk_shown", f"desk:{desk.public_id}", at_door=shown.at_door)


def take_mail(vault: OpenVault, desk: Desk) -> None:
    """Let the emergency address end at this desk, and no longer at another."""
    with transaction.atomic():
        Desk.objects.filter(takes_mail=True).update(takes_mail=False)
        Desk.objects.filter(pk=desk.pk).update(takes_mail=True)
        record(vault.person, "mailbox.desk_takes_mail", f"desk:{desk.public_id}")


def take_signal(vault: OpenVault, desk: Desk) -> None:
    """Let the desk's Signal number end here, and no longer at another."""
    with transaction.atomic():
        Desk.objects.filter(takes_signal=True).update(takes_signal=False)
        Desk.objects.filter(pk=desk.pk).update(takes_signal=True)
        record(vault.person, "mailbox.desk_takes_signal", f"desk:{desk.public_id}")


def set_canary(vault: OpenVault, desk: Desk) -> str:
    """A new word for the hourly mail from outside; gives it, to be shown once. Only its hash is kept."""
    word = random_name(24)
    with transaction.atomic():
        values = {"hashed": canary_hash(word), "since": clock.now(), "seen_at": None}
        Canary.objects.update_or_create(desk=desk, defaults=values)
        record(vault.person, "mailbox.canary_set", f"desk:{desk.public_id}")
    return word


def canary_hash(word: str) -> bytes:
    """What is kept of a canary's word."""
    return blake2b(word.encode(), digest_size=32, person=b"tocsin.canary").digest()


def keep_fresh(vault: OpenVault, desk: Desk) -> None:
    """What the first visit of a member after a week does: a new key for letters; the old ones go as soon as they may.

    Nothing is asked. Whoever's keys can't be trusted any more stops it, so that the old key is used on. While a legal
    hold stands, old keys and notes stay; new keys begin all the same.
    """
    today = timezone.now().date()
    epochs = list(Epoch.objects.filter(safe=desk.safe, compartment=LETTERS).order_by("number"))
    if epochs and today - epochs[-1].began_on >= RENEWED_AFTER:
        try:
            safes.changing(vault, desk.safe, lambda safe: safe.renew(LETTERS))
        except UnverifiedError:
            return
        epochs = list(Epoch.objects.filter(safe=desk.safe, compartment=LETTERS).order_by("number"))
    if held(desk) is not None:
        return
    for before, after in pairwise(epochs):
        if _no_longer_used(desk, after.began_on) and not open_under(desk, before.number):
            _end(vault, desk, before.number)
    _forget_notes(vault, desk)


def held(desk: Desk) -> Hold | None:
    """The longest legal hold that keeps what is at this desk."""
    return holds.over(desk.safe, _KIND)


def refuse_while_held(desk: Desk) -> None:
    """Stop here while a legal hold covers this desk.

    Raises:
        RefusedError: saying until when.
    """
    try:
        holds.check(desk.safe, _KIND)
    except holds.HeldError as hold:
        words = _("A legal hold stands until %(day)s: nothing of this desk is destroyed before. Ask counsel.")
        raise RefusedError(words % {"day": hold.until.isoformat()}) from None


def _forget_notes(vault: OpenVault, desk: Desk) -> None:
    """What was noted about letters goes after them."""
    here = {number.hex for number in Letter.objects.filter(desk=desk).values_list("pk", flat=True)}

    def over(safe: OpenSafe) -> list[UUID]:
        notes = safe.records(NOTES)
        return [note.id for note in notes if note.body.get("kind") == "did" and note.body["letter"] not in here]

    def forget(safe: OpenSafe) -> None:
        for note in over(safe):
            safe.drop(note)

    if over(open_safe(vault, desk)):
        safes.changing(vault, desk.safe, forget)


def _no_longer_used(desk: Desk, since: date) -> bool:
    """Whether nothing can come any more under the key before: nothing waits at the door that was sealed to it."""
    last = since + STILL_USED
    if (desk.at_door or desk.emptied_on is not None) and (desk.emptied_on is None or desk.emptied_on < last):
        return False
    return timezone.now().date() >= last


def open_under(desk: Desk, epoch: int) -> bool:
    """Whether a letter under this epoch's key is not dealt with."""
    over = [Letter.State.DONE, Letter.State.ASIDE]
    return Letter.objects.filter(desk=desk, epoch=epoch).exclude(state__in=over).exists()


def _end(vault: OpenVault, desk: Desk, number: int) -> None:
    with transaction.atomic():
        # A hold may have been set since the page began.
        if held(desk) is None:
            safes.changing(vault, desk.safe, lambda safe: safe.end_epoch(LETTERS, number))


def team(desk: Desk, safe: OpenSafe) -> list[Person]:
    """The members, in the order of names."""
    return list(Person.objects.filter(pk__in=safe.head.holders(LETTERS)).order_by("name", "pk"))


def ever_in(desk: Desk) -> set[int]:
    """Everybody who was a member at any time."""
    return {
        person for found in Link.objects.filter(safe=desk.safe).values_list("members", flat=True) for person in found
    }


def door_name(person: int) -> str:
    """A random-looking word for somebody at the door, the same at every desk, that tells nothing of their number."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"mailbox.door:{person}".encode(), sha256).hexdigest()[:24]


def at_door() -> dict[str, Any]:
    """What ``desks.json`` of the door says: every desk that is shown there and can be sealed to."""
    shown = []
    for desk in Desk.objects.filter(at_door=True, ended_on=None).order_by("pk"):
        epoch = Epoch.objects.filter(safe=desk.safe, compartment=LETTERS).order_by("-number").first()
        if epoch is None or not members(desk):
            continue
        people = Person.objects.filter(pk__in=desk.named).order_by("name", "pk")
        shown.append(
            {
                "id": desk.public_id,
                "names": desk.names,
                "public": _base64(bytes(epoch.public)),
                "epoch": epoch.number,
                "languages": desk.languages,
                "people": [{"id": door_name(one.pk), "name": one.name} for one in people],
            }
        )
    return {"desks": shown, "elsewhere": {}}


def door_names() -> dict[str, int]:
    """Everybody, by the door's word for them."""
    return {door_name(pk): pk for pk in Person.objects.values_list("pk", flat=True)}


def by_public_id(public_id: str) -> Desk | None:
    """The desk that the door calls so, ended or not: what was sealed to it is not lost."""
    return Desk.objects.filter(public_id=public_id).first()


def safe_of(number: UUID) -> Desk | None:
    """The desk of a safe."""
    return Desk.objects.filter(safe=number).first()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
