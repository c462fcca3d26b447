"""Who is in a case: let in, put out, kept out, and who may open the duty sheet."""

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.cases.actions import changing, owner_or_refuse
from tocsin.cases.checkins import called_by, policy_of, wake_others
from tocsin.cases.duty import Rolls
from tocsin.cases.entries import body, entries, first, of
from tocsin.cases.kinds.base import checked
from tocsin.cases.kinds.course import Conflict
from tocsin.cases.kinds.safety import CheckIn, Eligible
from tocsin.cases.refusals import RefusedError
from tocsin.cases.roles import OPENS
from tocsin.keys.safes import LastHolderError, OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person


def let_in(vault: OpenVault, case: UUID, person: int, role: str, extra: Collection[str] = ()) -> None:
    """Let somebody in, with what their role opens and, where chosen, more.

    Raises:
        RefusedError: when they can't be, in words that are the same whatever stands against it.
        UnverifiedError: when their keys were not compared with them yet.
    """

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        if role not in OPENS:
            raise RefusedError(_("Choose a role."))
        _can_be(vault, safe, person)
        safe.let_in(person, {*OPENS[role], *(set(extra) & safe.compartments)}, role)
        safe.log("let_in", person=person, role=role)

    changing(vault, case, act)


def _can_be(vault: OpenVault, safe: OpenSafe, person: int) -> None:
    """Whether somebody may be let in: who is kept out, who has no keys and who left get the same words."""
    active = Person.objects.filter(pk=person, is_active=True).exists()
    keys = vault.directory.now(person)
    if not active or keys is None or person in safe.head.barred:
        raise RefusedError(_("They can’t be let in now: either they have no keys yet, or something stands against it."))


def put_out(vault: OpenVault, case: UUID, person: int) -> None:
    """Take somebody out. New keys begin at once; what was written is sealed anew by ``reseal``.

    Raises:
        RefusedError: for oneself, the last owner, or whoever holds something alone.
        UnverifiedError: when the keys of somebody who stays were not compared.
    """

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        if person not in safe.head.members:
            raise RefusedError(_("They are not in it."))
        if person == vault.person:
            raise RefusedError(_("You can’t put yourself out: another owner does that, when you handed over."))
        try:
            safe.put_out(person)
        except LastHolderError:
            raise RefusedError(_("They hold a part of it alone. Let somebody else in to it first.")) from None
        safe.log("put_out", person=person)

    changing(vault, case, act)
    wake_others(vault, case, person)


def reseal(vault: OpenVault, case: UUID, limit: int = 100) -> int:
    """Seal some of what was written anew; how many records are left. May be stopped and gone on with at any time."""
    return changing(vault, case, lambda safe: safe.reseal(limit))


def keep_out(vault: OpenVault, case: UUID, person: int, why: str) -> None:
    """Write down that somebody is in conflict with this case: nobody can let them in, no quorum can give it to them.

    Raises:
        RefusedError: for somebody who is in it.
        WrongError: without a reason.
    """
    what = checked(Conflict(who=person, why=why))

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        if person in safe.head.members:
            raise RefusedError(_("They are in it. Put them out first."))
        waiting = [one for _entry, one in of(entries(safe, "duty"), CheckIn) if one.is_open]
        if any(person in called_by(policy_of(one.policy)) for one in waiting):
            raise RefusedError(_("A check-in of this case would call them in silence. Let it call others first."))
        safe.head = replace(safe.head, barred=safe.head.barred | {person})
        safe.add("security", body(what, clock.now(), vault.person))
        safe.log("kept_out")

    changing(vault, case, act)


def set_duty(vault: OpenVault, case: UUID, people: Collection[int], *, follows: bool = True) -> None:
    """Let these people, and whoever holds it by another role, open the duty sheet. When one goes, its key changes.

    ``follows``: whoever comes onto the rota is let in from now on, but for those on it who are not chosen now; and
    whoever is chosen because of the rota goes with it.

    Raises:
        RefusedError: for somebody who can't be let in.
        UnverifiedError: when the keys of one were not compared.
    """
    rolls = Rolls()

    def act(safe: OpenSafe) -> None:
        owner_or_refuse(safe)
        now = {pk for pk, one in safe.head.members.items() if one.role == "duty"}
        for person in sorted(set(people) - safe.head.members.keys()):
            _can_be(vault, safe, person)
            safe.let_in(person, OPENS["duty"], "duty")
        for person in sorted(now - set(people)):
            safe.put_out(person)
        safe.reseal()
        found = entries(safe, "duty")
        on_rota = {one.person.pk for one in rolls.of(found)} - {
            pk for pk, one in safe.head.members.items() if one.role != "duty"
        }
        chosen = Eligible(
            follows=follows,
            by_hand=tuple(sorted(set(people) - on_rota)),
            left_out=tuple(sorted(one for one in on_rota - set(people) if _could_be(vault, safe, one))),
        )
        before, _standing = first(found, Eligible)
        if before is None:
            safe.add("duty", body(chosen, clock.now(), vault.person))
        else:
            safe.change(before.id, before.version, body(chosen, clock.now(), vault.person, before))
        safe.log("duty", people=sorted(people))

    changing(vault, case, act)


def _could_be(vault: OpenVault, safe: OpenSafe, person: int) -> bool:
    """Whether an owner saw somebody among those to tick: who had no keys then was not left out on purpose."""
    keys = vault.directory.now(person)
    return keys is not None and person not in safe.head.barred


def alone(safe: OpenSafe) -> list[str]:
    """The compartments that one person alone can open."""
    return sorted(name for name in safe.head.epochs if len(safe.head.holders(name)) == 1)
