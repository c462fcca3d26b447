"""Swaps: hours offered to somebody, maybe for hours back. Both say yes, or nothing changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.oncall import schedule
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import Override, Rota, Swap
from tocsin.oncall.refusals import RefusedError, check_active, check_arranger, check_span, check_there, locked
from tocsin.people.models import Person

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class _Leg:
    """Hours that change hands, as far as the giver holds them."""

    giver: Person
    taker: Person
    since: datetime
    until: datetime
    pieces: Sequence[Span]

    @property
    def seconds(self) -> int:
        return int(sum((until - since for since, until in self.pieces), timedelta(0)).total_seconds())


@transaction.atomic
def ask_swap(
    by: Person,
    rota: Rota,
    giver: Person,
    taker: Person,
    since: datetime,
    until: datetime,
    back_since: datetime | None = None,
    back_until: datetime | None = None,
) -> Swap:
    """Offer the giver's hours to the taker, maybe for some of the taker's hours. Whoever asks has agreed already.

    A lead may propose a swap between two others; then both must agree. Hours between the two moments that the giver
    does not hold stay as they are, but the first and the last must be theirs.
    """
    if by.pk not in (giver.pk, taker.pk):
        check_arranger(by)
    rota = locked(rota)
    _check_pair(giver, taker)
    legs = _legs(rota, giver, taker, (since, until), _both(back_since, back_until))
    if known := _known(rota, giver, taker, legs):
        return known
    now = timezone.now()
    swap = Swap.objects.create(
        public_id=random_name(),
        rota=rota,
        giver=giver,
        taker=taker,
        since=since,
        until=until,
        back_since=back_since,
        back_until=back_until,
        seconds=legs[0].seconds,
        back_seconds=sum(leg.seconds for leg in legs[1:]),
        asked_by=by,
        asked_at=now,
        giver_agreed_at=now if by.pk == giver.pk else None,
        taker_agreed_at=now if by.pk == taker.pk else None,
    )
    record(by.pk, "oncall.swap_asked", f"swap:{swap.pk}", rota=rota.pk, giver=giver.pk, taker=taker.pk)
    return swap


@transaction.atomic
def agree(swap: Swap, person: Person) -> Swap:
    """Say yes. The second yes makes the swap hold, if each still holds the hours that they give."""
    rota = locked(swap.rota)
    swap = _open(swap, person, Swap.State.AGREED)
    if swap.state == Swap.State.AGREED:
        return swap
    now = timezone.now()
    if person.pk == swap.giver_id:
        swap.giver_agreed_at = swap.giver_agreed_at or now
    else:
        swap.taker_agreed_at = swap.taker_agreed_at or now
    swap.save(update_fields=["giver_agreed_at", "taker_agreed_at"])
    record(person.pk, "oncall.swap_agreed", f"swap:{swap.pk}", rota=rota.pk)
    if swap.giver_agreed_at and swap.taker_agreed_at:
        _settle(swap, rota, person, now)
    return swap


@transaction.atomic
def decline(swap: Swap, person: Person) -> Swap:
    """Say no; nothing changes hands."""
    return _end(swap, person, Swap.State.DECLINED, "oncall.swap_declined")


@transaction.atomic
def withdraw(swap: Swap, person: Person) -> Swap:
    """Take a swap back that one asked for; a lead may take any back that is still open."""
    if person.pk != swap.asked_by_id:
        check_arranger(person)
    return _end(swap, person, Swap.State.WITHDRAWN, "oncall.swap_withdrawn")


def lapse(now: datetime) -> int:
    """End the swaps that were not agreed before the first of their hours began; gives how many."""
    late = Swap.objects.filter(Q(since__lte=now) | Q(back_since__lte=now), state=Swap.State.ASKED)
    ended = 0
    for pk in late.values_list("pk", flat=True):
        with transaction.atomic():
            if Swap.objects.filter(pk=pk, state=Swap.State.ASKED).update(state=Swap.State.LAPSED, ended_at=now):
                record(None, "oncall.swap_lapsed", f"swap:{pk}")
                ended += 1
    return ended


def _both(since: datetime | None, until: datetime | None) -> Span | None:
    if since is not None and until is not None:
        return since, until
    if since is None and until is None:
        return None
    raise RefusedError(_("Give both the beginning and the end of the hours back, or neither."))


def _check_pair(giver: Person, taker: Person) -> None:
    if giver.pk == taker.pk:
        raise RefusedError(_("Nobody swaps with themselves. Choose somebody else."))
    check_active(giver)
    check_active(taker)


def _legs(rota: Rota, giver: Person, taker: Person, hours: Span, back: Span | None) -> list[_Leg]:
    """What changes hands, each leg checked; the same when it is asked and when it is agreed."""
    roster = Roster.load([rota])
    legs = [_leg(roster, rota, giver, taker, hours)]
    if back is not None:
        if max(hours[0], back[0]) < min(hours[1], back[1]):
            raise RefusedError(_("The hours given and the hours back overlap. Choose hours apart from each other."))
        legs.append(_leg(roster, rota, taker, giver, back))
    return legs


def _leg(roster: Roster, rota: Rota, giver: Person, taker: Person, hours: Span) -> _Leg:
    since, until = hours
    check_span(since, until)
    if since <= timezone.now():
        raise RefusedError(_("These hours have begun. Swap hours that are still to come, or ask a lead to arrange it."))
    found = schedule.held(schedule.slots(roster.plan(rota), since, until))
    pieces = [(one.since, one.until) for one in found if one.person == giver.pk]
    if not pieces or pieces[0][0] != since or pieces[-1][1] != until:
        words = _("%(name)s does not hold all of these hours. Look at the rota, and choose hours that they hold.")
        raise RefusedError(words % {"name": giver.name})
    check_there(taker, since, until)
    return _Leg(giver, taker, since, until, pieces)


def _known(rota: Rota, giver: Person, taker: Person, legs: Sequence[_Leg]) -> Swap | None:
    """The same swap, if it is open already; another one over the same hours stands in the way."""
    for leg in legs:
        given = Q(giver=leg.giver, since__lt=leg.until, until__gt=leg.since)
        returned = Q(taker=leg.giver, back_since__lt=leg.until, back_until__gt=leg.since)
        for swap in Swap.objects.filter(given | returned, rota=rota, state=Swap.State.ASKED):
            if _same(swap, giver, taker, legs):
                return swap
            words = _("%(name)s has another open swap over these hours. Withdraw or answer that one first.")
            raise RefusedError(words % {"name": leg.giver.name})
    return None


def _same(swap: Swap, giver: Person, taker: Person, legs: Sequence[_Leg]) -> bool:
    back = (legs[1].since, legs[1].until) if len(legs) > 1 else (None, None)
    return (swap.giver_id, swap.taker_id, swap.since, swap.until, swap.back_since, swap.back_until) == (
        giver.pk,
        taker.pk,
        legs[0].since,
        legs[0].until,
        *back,
    )


def _open(swap: Swap, person: Person, reached: str) -> Swap:
    """The swap, read anew, if it is open or already where it is to go."""
    row = Swap.objects.select_for_update(of=("self",)).select_related("giver", "taker", "rota").get(pk=swap.pk)
    if person.pk not in (row.giver_id, row.taker_id) and reached != Swap.State.WITHDRAWN:
        raise RefusedError(_("This swap is between two others. Only they can answer it."))
    if row.state not in (Swap.State.ASKED, reached):
        words = _("This swap was already ended: %(state)s. Ask for a new one.")
        raise RefusedError(words % {"state": row.get_state_display()})
    return row


def _end(swap: Swap, person: Person, state: Swap.State, verb: str) -> Swap:
    row = _open(swap, person, state)
    now = timezone.now()
    if Swap.objects.filter(pk=row.pk, state=Swap.State.ASKED).update(state=state, ended_at=now):
        row.state, row.ended_at = state, now
        record(person.pk, verb, f"swap:{row.pk}", rota=row.rota_id)
    return row


def _settle(swap: Swap, rota: Rota, person: Person, now: datetime) -> None:
    _check_pair(swap.giver, swap.taker)
    legs = _legs(rota, swap.giver, swap.taker, (swap.since, swap.until), _both(swap.back_since, swap.back_until))
    if (legs[0].seconds, sum(leg.seconds for leg in legs[1:])) != (swap.seconds, swap.back_seconds):
        raise RefusedError(_("The hours have changed since this was asked. Withdraw it, and ask again."))
    if not Swap.objects.filter(pk=swap.pk, state=Swap.State.ASKED).update(state=Swap.State.AGREED, ended_at=now):
        return
    swap.state, swap.ended_at = Swap.State.AGREED, now
    Override.objects.bulk_create(
        Override(rota=rota, person=leg.taker, since=since, until=until, by=person, made_at=now, swap=swap)
        for leg in legs
        for since, until in leg.pieces
    )
    record(person.pk, "oncall.swapped", f"swap:{swap.pk}", rota=rota.pk, giver=swap.giver_id, taker=swap.taker_id)
