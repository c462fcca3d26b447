"""Arranging duty: rotas, overrides, absences, limits, calendar links, and what duty cost.

This is the one door to every verb of the room: those of layers are written in `layering`, those of swaps in
`swapping`, those of rest in `resting`. Each refuses with a `RefusedError` in words for whoever asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models.deletion import Collector, ProtectedError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.oncall.layering import Turns, add_layer, change_layer, move_layer, remove_layer, turns_of
from tocsin.oncall.models import Absence, CalendarLink, Layer, Limits, Load, Override, Rota
from tocsin.oncall.refusals import (
    RefusedError,
    check_active,
    check_arranger,
    check_span,
    check_there,
    check_zone,
    locked,
)
from tocsin.oncall.resting import accept_rest, ask_rest, decline_rest, end_rest, propose_substitute
from tocsin.oncall.secrets import CalendarToken
from tocsin.oncall.swapping import agree, ask_swap, decline, withdraw
from tocsin.people.models import Person
from tocsin.people.roles import Right

__all__ = [
    "Bounds",
    "RefusedError",
    "Turns",
    "accept_rest",
    "add_layer",
    "agree",
    "ask_rest",
    "ask_swap",
    "away",
    "back",
    "cancel",
    "change_layer",
    "change_rota",
    "create_rota",
    "decline",
    "decline_rest",
    "end_rest",
    "end_rota",
    "is_asked",
    "make_calendar_link",
    "move_layer",
    "note_after_shift",
    "note_load",
    "note_loads",
    "override",
    "propose_substitute",
    "remove_layer",
    "revoke_calendar_link",
    "set_limits",
    "take_back_load",
    "turns_of",
    "withdraw",
]

PUBLIC_ID = 8
NOTED_WITHIN = timedelta(days=7)
_DAY_MINUTES = 1_440
LINKS = 20


# Rotas


@transaction.atomic
def create_rota(by: Person | None, name: str, time_zone: str = "UTC") -> Rota:
    """A rota without layers: nobody holds it yet."""
    actor = check_arranger(by)
    rota = Rota.objects.create(public_id=random_name(PUBLIC_ID), **_checked(name, time_zone))
    record(actor, "oncall.rota_created", f"rota:{rota.pk}")
    return rota


@transaction.atomic
def change_rota(by: Person | None, rota: Rota, name: str, time_zone: str) -> Rota:
    """Give a rota another name, or another zone to be shown in; hand-overs stay where they are."""
    actor = check_arranger(by)
    rota = locked(rota)
    for field, value in _checked(name, time_zone).items():
        setattr(rota, field, value)
    rota.save(update_fields=["name", "time_zone"])
    record(actor, "oncall.rota_changed", f"rota:{rota.pk}")
    return rota


@transaction.atomic
def end_rota(by: Person | None, rota: Rota) -> None:
    """From now on nobody holds it; what was stays on record. Refused while a policy calls whoever is on duty."""
    actor = check_arranger(by)
    rota, now = locked(rota), timezone.now()
    if is_asked(rota):
        raise RefusedError(gettext("A policy still calls whoever is on duty here. Let it call somebody else first."))
    Layer.objects.filter(rota=rota, closed_at=None).update(closed_at=now)
    Layer.objects.filter(rota=rota, closed_at__gt=now).update(closed_at=now)
    Override.objects.filter(rota=rota, until__gt=now, ended_at=None).update(ended_at=now)
    Rota.objects.filter(pk=rota.pk).update(ended_at=now)
    record(actor, "oncall.rota_ended", f"rota:{rota.pk}")


def is_asked(rota: Rota) -> bool:
    """Whether rows of rooms that this one does not know protect the rota: policies that call whoever is on duty."""
    try:
        Collector(using=DEFAULT_DB_ALIAS).collect(Rota.objects.filter(pk=rota.pk))
    except ProtectedError:
        return True
    return False


def _checked(name: str, time_zone: str) -> dict[str, str]:
    name = " ".join(name.split())[:80]
    if not name:
        raise RefusedError(gettext("Give the rota a name."))
    check_zone(time_zone)
    return {"name": name, "time_zone": time_zone}


# Overrides and absences


@transaction.atomic
def override(by: Person | None, rota: Rota, person: Person, since: datetime, until: datetime) -> Override:
    """Let a person hold the rota between two moments, whatever layers and earlier overrides say.

    What is past of it is left out. Asking for the same twice gives the one that is there.
    """
    actor = check_arranger(by)
    rota = locked(rota)
    check_span(since, until)
    check_active(person)
    since = max(since, timezone.now())
    check_there(person, since, until)
    newest = Override.objects.filter(rota=rota, ended_at=None, until__gt=since, since__lt=until).order_by("-pk").first()
    if newest and (newest.person_id, newest.since, newest.until) == (person.pk, since, until):
        return newest
    made = Override.objects.create(rota=rota, person=person, since=since, until=until, by=by, made_at=timezone.now())
    record(actor, "oncall.overridden", f"override:{made.pk}", rota=rota.pk, person=person.pk)
    return made


@transaction.atomic
def cancel(by: Person | None, override: Override) -> None:
    """End an override; of an agreed swap all of them. The hours so far stay as they were; twice changes nothing."""
    actor = check_arranger(by)
    locked(override.rota)
    now = timezone.now()
    these = (
        Override.objects.filter(swap=override.swap_id) if override.swap_id else Override.objects.filter(pk=override.pk)
    )
    if these.filter(ended_at=None, until__gt=now).update(ended_at=now):
        record(actor, "oncall.override_cancelled", f"override:{override.pk}", swap=override.swap_id)


@transaction.atomic
def away(by: Person, person: Person, since: datetime, until: datetime) -> Absence:
    """Say that somebody is away; their turns go to the next in the layer. Nobody asks why."""
    _check_own(by, person)
    check_span(since, until)
    check_active(person)
    since = max(since, timezone.now())
    known = Absence.objects.filter(person=person, since__lte=since, until__gte=until, ended_at=None).first()
    if known is not None:
        return known
    made = Absence.objects.create(person=person, since=since, until=until, made_at=timezone.now())
    record(by.pk, "oncall.away", f"absence:{made.pk}", person=person.pk)
    return made


@transaction.atomic
def back(by: Person, absence: Absence) -> None:
    """End an absence, or call it off before it begins; twice changes nothing."""
    _check_own(by, absence.person)
    now = timezone.now()
    if Absence.objects.filter(pk=absence.pk, ended_at=None, until__gt=now).update(ended_at=now):
        record(by.pk, "oncall.back", f"absence:{absence.pk}", person=absence.person_id)


def _check_own(by: Person, person: Person) -> None:
    if by.pk != person.pk:
        check_arranger(by)


# Limits


@dataclass(frozen=True, slots=True)
class Bounds:
    """What duty may ask of a person within seven days, and for how long they rest then."""

    hours: int = 84
    nights: int = 4
    night_pages: int = 6
    exposure_minutes: int = 240
    rest_hours: int = 24


_BOUNDS = {
    "hours": (_("hours on duty"), 1, 168),
    "nights": (_("nights on duty"), 1, 7),
    "night_pages": (_("pages at night"), 1, 200),
    "exposure_minutes": (_("minutes with distressing material"), 1, 10_080),
    "rest_hours": (_("hours of rest"), 8, 168),
}


@transaction.atomic
def set_limits(by: Person | None, person: Person | None, bounds: Bounds | None) -> None:
    """Set the limits of the team (``person`` is None) or of one person; None for ``bounds`` goes back to the team's.

    People may set their own limits, up to those of the team.
    """
    if by is None or person is None or by.pk != person.pk:
        check_arranger(by)
    _check_bounds(by, person, bounds)
    rows = Limits.objects.filter(person=person)
    if bounds is None:
        rows.delete()
    elif not rows.update(**_fields(bounds)):
        Limits.objects.create(person=person, **_fields(bounds))
    target = f"person:{person.pk}" if person else "team:0"
    record(by.pk if by else None, "oncall.limits_set", target, cleared=bounds is None)


def _check_bounds(by: Person | None, person: Person | None, bounds: Bounds | None) -> None:
    if bounds is None:
        return
    values = _fields(bounds)
    for name, (label, least, most) in _BOUNDS.items():
        if not least <= values[name] <= most:
            words = gettext("“%(name)s” lies between %(least)d and %(most)d.")
            raise RefusedError(words % {"name": label, "least": least, "most": most})
    if person is None or by is None or by.may(Right.DUTY):
        return
    team = Limits.objects.filter(person=None).first() or Limits()
    if any(values[name] > getattr(team, name) for name in _BOUNDS if name != "rest_hours"):
        raise RefusedError(gettext("Your own limits may be lower than the team's, not higher. Ask a lead for more."))
    if values["rest_hours"] < team.rest_hours:
        raise RefusedError(gettext("Your own rest may be longer than the team's, not shorter. Ask a lead for less."))


def _fields(bounds: Bounds) -> dict[str, int]:
    return {name: getattr(bounds, name) for name in _BOUNDS}


# Calendars


@transaction.atomic
def make_calendar_link(person: Person, rota: Rota | None = None) -> tuple[CalendarLink, CalendarToken]:
    """A secret address of one's own shifts, or of a whole rota. The token can't be had again."""
    if rota is not None and not person.may(Right.ROTAS):
        raise RefusedError(gettext("You may not see this rota. Your own shifts have a calendar too."))
    if CalendarLink.objects.filter(person=person, revoked_at=None).count() >= LINKS:
        raise RefusedError(gettext("You have 20 calendar links. End one that you no longer use first."))
    token = CalendarToken.mint()
    link = CalendarLink.objects.create(token_hash=token.digest, person=person, rota=rota, made_at=timezone.now())
    record(person.pk, "oncall.calendar_linked", f"calendar:{link.pk}", rota=rota.pk if rota else None)
    return link, token


@transaction.atomic
def revoke_calendar_link(person: Person, pk: int) -> bool:
    """End one of the person's own links at once; False if there is no such one."""
    ended = CalendarLink.objects.filter(pk=pk, person=person, revoked_at=None).update(revoked_at=timezone.now())
    if ended:
        record(person.pk, "oncall.calendar_ended", f"calendar:{pk}")
    return bool(ended)


# What duty cost


def note_load(person_id: int, kind: Load.Kind | str, at: datetime, amount: int = 1, private: bool = False) -> None:
    """Note what duty cost somebody. A private one counts for their rest, and is in no number that others see."""
    note_loads([Load(person_id=person_id, kind=kind, at=at, amount=amount, private=private)])


def note_loads(loads: Sequence[Load]) -> None:
    """Note several at once, as ``note_load`` does."""
    Load.objects.bulk_create(loads)


@transaction.atomic
def note_after_shift(person: Person, at: datetime, exposure_minutes: int, extra_minutes: int) -> list[int]:
    """What somebody says of themselves after a shift; gives the numbers of the rows, to take them back.

    Time with distressing material is shown to that person alone. Minutes beyond the plan are hours like all others.
    """
    if not 0 <= exposure_minutes <= _DAY_MINUTES or not 0 <= extra_minutes <= _DAY_MINUTES:
        raise RefusedError(gettext("A day has 1,440 minutes. Give a number between 0 and that."))
    now = timezone.now()
    if not now - NOTED_WITHIN <= at <= now:
        raise RefusedError(gettext("Choose a shift of the last seven days."))
    said = ((Load.Kind.EXPOSURE, exposure_minutes, True), (Load.Kind.EXTRA, extra_minutes, False))
    rows = [
        Load.objects.create(person=person, kind=kind, at=at, amount=amount, private=private)
        for kind, amount, private in said
        if amount
    ]
    if not rows:
        raise RefusedError(gettext("There is nothing to note: both are zero."))
    record(person.pk, "oncall.load_noted", f"person:{person.pk}")
    return [one.pk for one in rows]


@transaction.atomic
def take_back_load(person: Person, numbers: Iterable[int]) -> int:
    """Take back what somebody noted of themselves after a shift; gives how many rows that were."""
    own = Load.objects.filter(pk__in=list(numbers), person=person, kind__in=(Load.Kind.EXPOSURE, Load.Kind.EXTRA))
    gone = own.filter(at__gte=timezone.now() - NOTED_WITHIN).delete()[0]
    if gone:
        record(person.pk, "oncall.load_taken_back", f"person:{person.pk}")
    return gone
