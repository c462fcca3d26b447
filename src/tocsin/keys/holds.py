"""Legal holds: counsel's order that nothing in a scope is shredded until a day, whoever asks and whatever is due."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tocsin.audit.actions import record
from tocsin.keys import sealing
from tocsin.keys.models import Hold
from tocsin.keys.vaults import OpenVault
from tocsin.lib.claims import in_order
from tocsin.people.models import Person
from tocsin.people.roles import Right

_TURN: Final = "keys.holds"


class NoRightError(Exception):
    """Holds are counsel's to set and to lift."""


class HeldError(Exception):
    """A hold stands in the way. It says who set it and until when, not why."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.set_by, hold.until)
        self.by, self.since, self.until = hold.set_by, hold.set_on, hold.until


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be kept: one safe, all safes of a class, or (neither) everything; until a day; by which reference."""

    until: date
    reference: str
    safe: UUID | None = None
    kind: str = ""

    @property
    def scope(self) -> Hold.Scope:
        """What it covers."""
        if self.safe is not None:
            return Hold.Scope.SAFE
        return Hold.Scope.CLASS if self.kind else Hold.Scope.ALL


def set_hold(by: Person, vault: OpenVault, order: Order) -> Hold:
    """Set one. Its reference is sealed to whoever sets it.

    Raises:
        NoRightError: for somebody who is not counsel.
        ValueError: without a reference, or for a day that is over.
    """
    if not by.may(Right.HOLD) or by.pk != vault.person:
        raise NoRightError
    if not order.reference.strip() or order.until < timezone.now().date():
        raise ValueError("a hold needs a reference and a day to come")
    with transaction.atomic():
        in_order(_TURN)
        made = Hold.objects.create(
            scope=order.scope,
            safe=order.safe,
            kind=order.kind,
            until=order.until,
            set_by=by.pk,
            set_on=timezone.now().date(),
            reference=sealing.seal_to(vault.keys_to_wrap_for(by.pk).box, order.reference.strip().encode()),
        )
        record(by.pk, "keys.hold_set", f"hold:{made.pk.hex}", scope=str(order.scope), until=order.until.isoformat())
    return made


def lift(by: Person, hold: UUID) -> None:
    """Lift one; timers that it stopped run on from the day that they were due.

    Raises:
        NoRightError: for somebody who is not counsel.
    """
    if not by.may(Right.HOLD):
        raise NoRightError
    with transaction.atomic():
        today = timezone.now().date()
        if Hold.objects.filter(pk=hold, lifted_on=None).update(lifted_on=today, lifted_by=by.pk):
            record(by.pk, "keys.hold_lifted", f"hold:{hold.hex}")


def standing() -> QuerySet[Hold]:
    """Every hold that stands, the longest first."""
    return Hold.objects.filter(lifted_on=None, until__gte=timezone.now().date()).order_by("-until", "pk")


def over(safe: UUID, kind: str) -> Hold | None:
    """The longest hold that covers a safe of this class.

    In a transaction, no other is set before that is over: what is asked here first, before any safe is locked, is true
    until what is destroyed is destroyed.
    """
    if connection.in_atomic_block:
        in_order(_TURN)
    covers = Q(scope=Hold.Scope.ALL) | Q(scope=Hold.Scope.SAFE, safe=safe) | Q(scope=Hold.Scope.CLASS, kind=kind)
    return standing().filter(covers).first()


def check(safe: UUID, kind: str) -> None:
    """Stop here while a hold covers this safe.

    Raises:
        HeldError: by whom, and until when.
    """
    hold = over(safe, kind)
    if hold is not None:
        raise HeldError(hold)


def references(vault: OpenVault) -> dict[UUID, str]:
    """The references of the holds that this very person set."""
    mine = list(Hold.objects.filter(set_by=vault.person))
    plain = vault.open_boxes([bytes(one.reference) for one in mine])
    return {one.pk: text.decode() for one, text in zip(mine, plain, strict=True) if text is not None}
