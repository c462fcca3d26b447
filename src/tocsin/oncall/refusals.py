"""Why a write can't be done, in words for the person who asked, and the checks that verbs share."""

from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import available_timezones

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.oncall.models import Absence, Rest, Rota
from tocsin.people.models import Person
from tocsin.people.roles import Right

Row = TypeVar("Row", Absence, Rest)

LONGEST = timedelta(days=400)


class RefusedError(Exception):
    """The write can't be done; the message says why, and what to do, in words for the person who asked."""


def check_arranger(by: Person | None) -> int | None:
    """Only who arranges duty may go on; None is the system itself. Gives their id, for the record."""
    if by is None:
        return None
    if not by.may(Right.DUTY):
        raise RefusedError(_("Only a lead arranges duty. Ask one, or offer a swap."))
    return by.pk


def check_zone(name: str) -> None:
    """The zone is known."""
    if name not in available_timezones():
        words = _("Nobody knows the time zone “%(name)s”. Choose one such as Europe/Berlin.")
        raise RefusedError(words % {"name": name[:64]})


def check_span(since: datetime, until: datetime) -> None:
    """The end lies after the beginning, in the future, and not years away."""
    if until <= since:
        raise RefusedError(_("The end must be after the beginning."))
    if until <= timezone.now():
        raise RefusedError(_("This time is over. Choose hours that are still to come."))
    if until - max(since, timezone.now()) > LONGEST or until - timezone.now() > 2 * LONGEST:
        raise RefusedError(_("That is too long, or too far away. Choose at most 400 days within two years."))


def check_active(person: Person) -> None:
    """The account was not ended."""
    if not person.is_active:
        words = _("The account of %(name)s was ended. Choose somebody else.")
        raise RefusedError(words % {"name": person.name})


def locked(rota: Rota) -> Rota:
    """The rota, read anew; until the transaction ends nobody else changes who holds it."""
    row = Rota.objects.select_for_update().get(pk=rota.pk)
    if row.ended_at is not None:
        raise RefusedError(_("This rota was ended. Choose another one."))
    return row


def check_there(person: Person, since: datetime, until: datetime) -> None:
    """The person is neither away nor resting at any moment between the two."""
    words = {"name": person.name}
    if under_way(Absence.objects.filter(person=person), since, until).exists():
        raise RefusedError(_("%(name)s is away then. Choose other hours, or somebody else.") % words)
    if under_way(Rest.objects.filter(person=person), since, until).exists():
        raise RefusedError(_("%(name)s rests then. Choose other hours, or somebody else.") % words)


def under_way(rows: QuerySet[Row], since: datetime, until: datetime) -> QuerySet[Row]:
    """Those of these rows that hold at any moment between the two."""
    holds = Q(ended_at=None) | Q(ended_at__gt=since) & Q(ended_at__gt=F("since"))
    return rows.filter(holds, since__lt=until, until__gt=since)
