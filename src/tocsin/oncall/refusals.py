"""Why a write can't be done, in words for the person who asked; and the checks that every verb shares."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.people.models import Person
from tocsin.people.roles import Right

LONGEST = timedelta(days=400)


class RefusedError(Exception):
    """The write can't be done; the message says why, and what to do, in words for the person who asked."""


def check_arranger(by: Person | None) -> None:
    """Only who arranges duty may go on; None is the system itself."""
    if by is not None and not by.may(Right.DUTY):
        raise RefusedError(_("Only a lead arranges duty. Ask one, or offer a swap."))


def check_zone(name: str) -> ZoneInfo:
    """The zone of this name."""
    if name not in available_timezones():
        raise RefusedError(
            _("Nobody knows the time zone “%(name)s”. Choose one such as Europe/Berlin.") % {"name": name[:64]}
        )
    return ZoneInfo(name)


def check_span(since: datetime, until: datetime) -> None:
    """The end lies after the beginning, in the future, and not years away."""
    if until <= since:
        raise RefusedError(_("The end must be after the beginning."))
    if until <= timezone.now():
        raise RefusedError(_("This time is over. Choose hours that are still to come."))
    if until - since > LONGEST:
        raise RefusedError(_("That is more than 400 days. Choose a shorter time."))


def check_active(person: Person) -> None:
    """The account was not ended."""
    if not person.is_active:
        raise RefusedError(_("%(name)s no longer has an account here. Choose somebody else.") % {"name": person.name})
