"""Rest: somebody reached a limit or asked for it, and somebody else is asked to stand in."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import Rest
from tocsin.oncall.refusals import RefusedError, check_active, check_arranger, check_there
from tocsin.oncall.toll import limits_of
from tocsin.people.models import Person
from tocsin.people.roles import Right

LONGEST_HOURS = 168


@transaction.atomic
def ask_rest(person: Person, hours: int | None = None) -> Rest:
    """Ask for rest from now on, for the usual time if none is given. Nobody asks why.

    Ordinary alerts go round the person at once; those about life and liberty once somebody has accepted to stand in.
    """
    hours = hours or limits_of([person.pk])[person.pk].rest_hours
    if not 1 <= hours <= LONGEST_HOURS:
        raise RefusedError(_("A rest lasts between one hour and seven days. For longer, say that you are away."))
    now = timezone.now()
    known = Rest.objects.filter(person=person, ended_at=None, until__gt=now).first()
    if known is not None:
        return known
    close_past(now)
    return open_rest(Roster.load(), person, Rest.Why.ASKED, now, now + timedelta(hours=hours)) or _open_one(person)


@transaction.atomic
def accept_rest(rest: Rest, person: Person) -> Rest:
    """Stand in for somebody who rests: from now on their duty is this person's, for every alert.

    Whoever was asked may accept; if nobody is left who could be asked, whoever sees the rota may.
    """
    row = _open_row(rest)
    if row.accepted_at is not None and row.substitute_id == person.pk:
        return row
    if row.accepted_at is not None:
        raise RefusedError(_("Somebody else has accepted already. Thank you."))
    if row.substitute_id != person.pk and (row.substitute_id is not None or not person.may(Right.ROTAS)):
        raise RefusedError(_("Somebody else is asked to stand in. A lead can ask you instead."))
    if person.pk == row.person_id:
        raise RefusedError(_("You can't stand in for yourself. End the rest instead."))
    check_there(person, timezone.now(), row.until)
    row.substitute, row.accepted_at = person, timezone.now()
    row.save(update_fields=["substitute", "accepted_at"])
    record(person.pk, "oncall.rest_accepted", f"rest:{row.pk}", person=row.person_id)
    return row


@transaction.atomic
def decline_rest(rest: Rest, person: Person) -> Rest:
    """Not stand in, or no longer; the next one is asked. If nobody is left, the lead is told again."""
    row = _open_row(rest)
    if row.substitute_id != person.pk:
        return row
    row.declined_at = timezone.now()
    row.declined_by = [*row.declined_by, person.pk]
    row.accepted_at = None
    row.substitute = _candidate(Roster.load(), row.person_id, row.declined_at, row.until, row.declined_by)
    if row.substitute is None:
        row.lead_told_at = None
    row.save(update_fields=["declined_at", "declined_by", "accepted_at", "substitute", "lead_told_at"])
    record(person.pk, "oncall.rest_declined", f"rest:{row.pk}", person=row.person_id)
    return row


@transaction.atomic
def propose_substitute(by: Person, rest: Rest, person: Person) -> Rest:
    """Ask somebody else to stand in; whoever had accepted is free again."""
    check_arranger(by)
    row = _open_row(rest)
    check_active(person)
    if person.pk == row.person_id:
        raise RefusedError(_("Nobody stands in for themselves. Choose somebody else."))
    check_there(person, timezone.now(), row.until)
    if row.substitute_id != person.pk:
        row.substitute, row.accepted_at = person, None
        row.save(update_fields=["substitute", "accepted_at"])
        record(by.pk, "oncall.rest_proposed", f"rest:{row.pk}", person=row.person_id, substitute=person.pk)
    return row


@transaction.atomic
def end_rest(by: Person, rest: Rest) -> None:
    """End a rest early: the person who rests, or a lead. Counting begins anew from here; twice changes nothing."""
    if by.pk != rest.person_id:
        check_arranger(by)
    if Rest.objects.filter(pk=rest.pk, ended_at=None).update(ended_at=timezone.now()):
        record(by.pk, "oncall.rest_ended", f"rest:{rest.pk}", person=rest.person_id)


def shown_why(rest: Rest, viewer: Person) -> str:
    """Why somebody rests, for who looks: the person sees the limit; others only that there was one.

    Pages and time with distressing material may come from alerts that others must not know of.
    """
    return (
        str(rest.get_why_display()) if viewer.pk == rest.person_id else _("a limit was reached, or rest was asked for")
    )


def open_rest(
    roster: Roster, person: Person, why: Rest.Why, since: datetime, until: datetime, tired: Collection[int] = ()
) -> Rest | None:
    """Begin a rest with a proposed substitute, one who is not ``tired``; None if the person rests already."""
    substitute = _candidate(roster, person.pk, since, until, tired)
    try:
        with transaction.atomic():
            rest = Rest.objects.create(
                public_id=random_name(), person=person, since=since, until=until, why=why, substitute=substitute
            )
            actor = person.pk if why == Rest.Why.ASKED else None
            record(actor, "oncall.rest_began", f"rest:{rest.pk}", person=person.pk)
    except IntegrityError:
        return None
    return rest


def close_past(now: datetime) -> int:
    """Mark rests that are over; gives how many."""
    over = Rest.objects.filter(ended_at=None, until__lte=now)
    return sum(Rest.objects.filter(pk=one.pk, ended_at=None).update(ended_at=one.until) for one in over)


def _open_row(rest: Rest) -> Rest:
    row = Rest.objects.select_for_update(of=("self",)).filter(pk=rest.pk).first()
    if row is None or row.ended_at is not None or row.until <= timezone.now():
        raise RefusedError(_("This rest is over. There is nothing left to do."))
    return row


def _open_one(person: Person) -> Rest:
    return Rest.objects.get(person=person, ended_at=None)


def _candidate(roster: Roster, person: int, since: datetime, until: datetime, but: Collection[int]) -> Person | None:
    """Who comes next on a rota of the person's, is there all the while, and may be asked."""
    for rota in roster.rotas:
        plan = roster.plan(rota)
        if not any(person in layer.people for layer in plan.layers):
            continue
        out = [(one.person, one.since, one.until) for one in plan.absences]
        out += [(one.person, one.since, one.until) for one in plan.rests]
        away = {one for one, begin, end in out if begin < until and since < end}
        holder = roster.person(rota, since)
        known = [*([holder] if holder else []), *roster.standbys(rota, since)]
        for one in known:
            if one.pk != person and one.pk not in away and one.pk not in but and one.is_active:
                return one
    return None
