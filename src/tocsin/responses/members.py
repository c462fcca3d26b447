"""Who is in a sealed plan: let in, put out, and everything sealed anew for those who stay."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from tocsin.keys import safes
from tocsin.keys.logs import LOG
from tocsin.keys.safes import LastHolderError, NotInError, OpenSafe
from tocsin.keys.vaults import OpenVault
from tocsin.people.models import Person
from tocsin.responses import calling
from tocsin.responses.authority import RefusedError
from tocsin.responses.log.books import PART, SAFE

OWNER, MEMBER = "owner", "member"
_OPENS: Final = {OWNER: (PART, LOG), MEMBER: (PART,)}


def opened(vault: OpenVault, plan: UUID) -> OpenSafe:
    """The safe of a sealed plan.

    Raises:
        Http404: when there is none, or this person holds no key of it.
    """
    try:
        safe = OpenSafe(vault, plan)
    except NotInError:
        raise Http404 from None
    if safe.kind != SAFE or PART not in safe.compartments:
        raise Http404
    return safe


def _owner(safe: OpenSafe) -> None:
    if safe.kind != SAFE:
        raise Http404
    if safe.me.role != OWNER:
        raise RefusedError(_("Only an owner of the plan can do this."))


class Why(StrEnum):
    """Why somebody can't be let in yet."""

    NO_KEYS = "no_keys"
    COMPARE = "compare"
    KEPT_OUT = "kept_out"


def candidates(safe: OpenSafe) -> list[tuple[Person, Why | None]]:
    """Everybody who is not in a sealed plan, by name, with what stands in the way of letting them in; None: nothing."""
    people = Person.objects.filter(is_active=True).exclude(roles=0).exclude(pk__in=list(safe.head.members))
    return [(one, _hindered(safe, one.pk)) for one in people.order_by("name", "pk")]


def _hindered(safe: OpenSafe, person: int) -> Why | None:
    if person in safe.head.barred:
        return Why.KEPT_OUT
    keys = safe.vault.directory.now(person)
    if keys is None:
        return Why.NO_KEYS
    return None if safe.vault.trusts(keys) else Why.COMPARE


def let_in(vault: OpenVault, plan: UUID, person: int, role: str) -> None:
    """Give somebody the keys of all of it.

    Raises:
        RefusedError: when they can't be, or this person owns it not.
        UnverifiedError: when their keys were not compared with them yet.
    """

    def act(safe: OpenSafe) -> None:
        _owner(safe)
        there = Person.objects.filter(pk=person, is_active=True).exists()
        if role not in _OPENS or not there or vault.directory.now(person) is None or person in safe.head.barred:
            raise RefusedError(
                _("They can’t be let in now: either they have no keys yet, or something stands against it.")
            )
        safe.let_in(person, _OPENS[role], role)
        safe.log("let_in", person=person, role=role)

    with transaction.atomic():
        safes.changing(vault, plan, act)
        calling.reach(str(plan), person)


def put_out(vault: OpenVault, plan: UUID, person: int) -> None:
    """Take somebody out; new keys begin at once.

    Raises:
        RefusedError: for oneself, whoever holds something alone, or when this person owns it not.
        UnverifiedError: when the keys of somebody who stays were not compared.
    """

    def act(safe: OpenSafe) -> None:
        _owner(safe)
        if person not in safe.head.members:
            raise RefusedError(_("They are not in it."))
        if person == vault.person:
            raise RefusedError(_("You can’t put yourself out: another owner does that."))
        try:
            safe.put_out(person)
        except LastHolderError:
            raise RefusedError(_("They hold a part of it alone. Let somebody else in to it first.")) from None
        safe.log("put_out", person=person)

    with transaction.atomic():
        safes.changing(vault, plan, act)
        calling.spare(str(plan), person)


def reseal(vault: OpenVault, plan: UUID, limit: int = 200) -> int:
    """Seal some of what was written anew; how many lines are left."""
    return safes.changing(vault, plan, lambda safe: safe.reseal(limit))
