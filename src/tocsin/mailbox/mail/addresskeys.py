"""The OpenPGP keys of the emergency address: their private halves lie sealed in the desk's safe, in its notes.

A new one takes the place of the one before when a member says so. The old one still opens what people encrypt to it for
half a year, because they find out late; then a member's visit destroys it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.keys import safes
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.mailbox import record
from tocsin.mailbox.desks import NOTES, held
from tocsin.mailbox.mail import openpgp
from tocsin.mailbox.models import Desk
from tocsin.mailbox.refusals import RefusedError

STILL_OPENS: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class AddressKey:
    """One key. ``until`` is the last day on which it opens; None for the one of now."""

    row: UUID
    private: str
    public: str
    since: date
    until: date | None = None


def of(notes: Iterable[tuple[UUID, dict[str, object]]]) -> tuple[AddressKey, ...]:
    """The keys among a desk's notes, the newest first."""
    made = [
        AddressKey(row, str(body["private"]), str(body.get("public", "")), _day(body.get("since")))
        for row, body in notes
        if body.get("kind") == "openpgp"
    ]
    made.sort(key=lambda one: one.since, reverse=True)
    return tuple(
        one if at == 0 else AddressKey(one.row, one.private, one.public, one.since, made[at - 1].since + STILL_OPENS)
        for at, one in enumerate(made)
    )


def keys_of(safe: OpenSafe) -> tuple[AddressKey, ...]:
    """The keys that this desk holds, the newest first."""
    return of((note.id, note.body) for note in safe.records(NOTES))


def make(vault: OpenVault, desk: Desk) -> None:
    """A new key for the address, whose public half is to be published; the one before goes on opening for a while.

    Raises:
        RefusedError: when no address is set, or today's is of today.
    """
    if not settings.EMERGENCY_ADDRESS:
        raise RefusedError(_("No emergency address is set. An operator sets emergency_address."))
    pair, today = openpgp.make(settings.EMERGENCY_ADDRESS), timezone.now().date()
    body = {"kind": "openpgp", "private": pair.private, "public": pair.public, "since": today.isoformat()}

    def change(safe: OpenSafe) -> None:
        newest = next(iter(keys_of(safe)), None)
        if newest is not None and newest.since >= today:
            raise RefusedError(_("Today's key is of today. Publish that one first."))
        safe.add(NOTES, body)

    safes.changing(vault, desk.safe, change)
    desk.openpgp = pair.public
    desk.save(update_fields=["openpgp"])
    record.note(vault.person, "address_key", desk.public_id)


def end_old(vault: OpenVault, desk: Desk, safe: OpenSafe) -> None:
    """Destroy keys whose time is over, unless a legal hold stands."""
    today = timezone.now().date()
    over = [one.row for one in keys_of(safe) if one.until is not None and one.until < today]
    if over and held(desk) is None:

        def drop(now: OpenSafe) -> None:
            for row in over:
                now.drop(row)

        safes.changing(vault, desk.safe, drop)


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return date.min
