"""Referrals to allies: who fits, a sealed slice that one of them opens, what came back, and recalling it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances import actions as alliances
from tocsin.alliances.access import contacts_for
from tocsin.alliances.actions import Suggestion
from tocsin.alliances.secrets import Link
from tocsin.cases.actions import changing, read
from tocsin.cases.allies import ally_of
from tocsin.cases.entries import body, entries, hashed, holds, of
from tocsin.cases.kinds.consent import Consent
from tocsin.cases.kinds.support import Referral
from tocsin.cases.refusals import RefusedError
from tocsin.cases.roles import ANSWERS_PART
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person

_HELPS: Final[Mapping[str, str]] = {
    "safety": "relocation", "legal": "legal", "medical": "medical", "mind": "care", "digital": "digital",
    "money": "money", "documents": "relocation", "voice": "press",
}  # fmt: skip
_DAYS = range(1, 91)


def suggestions(person: Person, need: str, country: str = "") -> Sequence[Suggestion]:
    """Allies who fit, for who may see them. Nothing of the case is asked but a country and a kind of help."""
    if not contacts_for(person).exists():
        return []
    return alliances.suggest(country if len(country) == 2 else "", "", _HELPS.get(need, ""))[:5]


def share(person: Person, vault: OpenVault, case: UUID, row: UUID, days: int, tlp: str) -> Link:
    """Seal what an ally is told into a slice that only they open, for so many days. The link is given once.

    Raises:
        RefusedError: when it was not handed over, the consent holds no more, or the ally can't be used.
    """
    safe = OpenSafe(vault, case)
    one = read(safe, row)
    what = one.what
    if not isinstance(what, Referral) or what.state != "sent" or what.slice:
        raise RefusedError(_("Hand it over first; a referral has one sealed link."))
    if days not in _DAYS:
        raise RefusedError(_("Choose between 1 and 90 days."))
    if what.consent and not holds(entries(safe), what.consent, Consent, clock.now().date()):
        raise RefusedError(_("The consent doesn’t hold any more. Ask again, or plan it anew with a reason."))
    ally = ally_of(what.ally)
    contact = contacts_for(person).filter(pk=ally.pk).first() if ally is not None else None
    if contact is None:
        raise RefusedError(_("Nobody in the list of allies has this name or code, so there is nobody to seal it for."))
    until = clock.now() + timedelta(days=days)
    key = safe.head.public.get(ANSWERS_PART, b"")
    try:
        made = alliances.make_slice(
            contact, what.told.encode(), until, person, tlp=tlp, reply_to=key, override=what.override
        )
    except alliances.RefusedError as refusal:
        raise RefusedError(refusal.args[0]) from None

    def act(again: OpenSafe) -> None:
        before = read(again, row)
        assert isinstance(before.what, Referral)
        again.log("shared", compartment=before.compartment, record=hashed(row))
        after = replace(before.what, slice=made.slice)
        again.change(row, before.version, body(after, clock.now(), vault.person, before))

    changing(vault, case, act)
    return made


def pull(safe: OpenSafe) -> int:
    """Take what allies answered into their referrals; how many answers there were."""
    mine = of(entries(safe), Referral) if {ANSWERS_PART, "account"} <= safe.compartments else []
    by_slice = {what.slice: entry.id for entry, what in mine if what.slice}
    came = alliances.replies(by_slice) if by_slice else []
    opened = [(one, said) for one in came if (said := _opened(safe, one.sealed)) is not None]
    if not opened:
        return 0

    def act(again: OpenSafe) -> None:
        for one, said in opened:
            before = read(again, by_slice[one.slice])
            assert isinstance(before.what, Referral)
            again.log("answered", compartment=before.compartment, record=hashed(before.id))
            after = body(before.what.with_reply(*said), said[0], before.changed_by, before)
            again.change(before.id, before.version, after)

    changing(safe.vault, safe.id, act)
    alliances.forget_replies([one.id for one, _said in opened])
    return len(opened)


def _opened(safe: OpenSafe, sealed: bytes) -> tuple[datetime, str, str] | None:
    for epoch in range(safe.head.epochs[ANSWERS_PART], 0, -1):
        try:
            words = json.loads(safe.open_letter(ANSWERS_PART, epoch, sealed))
        except (SealError, NotInError):
            continue
        return datetime.fromisoformat(words["at"]), str(words["kind"]), str(words["words"]).strip()
    return None
