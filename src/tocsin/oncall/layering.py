"""The layers of a rota: adding, changing, moving and removing them, without ever rewriting what was."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.oncall.duty import layer_of
from tocsin.oncall.models import EVERY_DAY, Layer, LayerPerson, Rota
from tocsin.oncall.refusals import RefusedError, check_active, check_arranger, check_zone, locked
from tocsin.people.models import Person

HOURS = (1, 2, 3, 4, 6, 8, 12)
_LONGEST = {Layer.Unit.DAY: 60, Layer.Unit.WEEK: 12}
_MOST_PEOPLE = 100
_FAR_BACK, _FAR_AHEAD = timedelta(days=3_660), timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Turns:
    """What a layer is to be: whose turns, in which order (ids of people), how long, and when they hand over.

    ``weekdays`` has bit 0 for Monday. ``from_time`` and ``until_time`` come both or not at all.
    """

    people: tuple[int, ...]
    starts_on: date
    handover_at: time
    time_zone: str = "UTC"
    unit: str = Layer.Unit.WEEK
    length: int = 1
    weekdays: int = EVERY_DAY
    from_time: time | None = None
    until_time: time | None = None
    name: str = ""


@transaction.atomic
def add_layer(by: Person | None, rota: Rota, turns: Turns) -> Layer:
    """Put a layer on top of the others. It covers from now on, or from its first hand-over if that is later."""
    actor = check_arranger(by)
    rota = locked(rota)
    _check_turns(turns)
    highest = Layer.objects.filter(rota=rota).order_by("-position").values_list("position", flat=True).first()
    layer = _open(rota, turns, 0 if highest is None else highest + 1, timezone.now())
    record(actor, "oncall.layer_added", f"layer:{layer.pk}", rota=rota.pk, people=len(turns.people))
    return layer


@transaction.atomic
def change_layer(by: Person | None, layer: Layer, turns: Turns) -> Layer:
    """Let a layer be something else from now on, or from the new first hand-over if that is later.

    Gives the layer that stands in its place; the hours before stay with the old one.
    """
    check_arranger(by)
    layer = _current(layer)
    _check_turns(turns)
    if replace(turns, name="") == replace(turns_of(layer), name=""):
        Layer.objects.filter(pk=layer.pk).update(name=turns.name[:80])
        layer.name = turns.name[:80]
        return layer
    changed = _replace(layer, turns, layer.position, timezone.now())
    record(
        by.pk if by else None, "oncall.layer_changed", f"layer:{changed.pk}", before=layer.pk, people=len(turns.people)
    )
    return changed


@transaction.atomic
def move_layer(by: Person | None, layer: Layer, up: bool) -> None:
    """Let a layer change places with the one above it, or below; nothing happens at the end of the row."""
    actor = check_arranger(by)
    layer = _current(layer)
    others = Layer.objects.filter(rota=layer.rota, closed_at=None)
    above, below = others.filter(position__gt=layer.position), others.filter(position__lt=layer.position)
    other = above.order_by("position").first() if up else below.order_by("-position").first()
    if other is None:
        return
    now = timezone.now()
    moved = [(one, turns_of(one), max(now, one.opened_at or now)) for one in (layer, other)]
    for one, _turns, _opened in moved:
        _close(one, now)
    for (_one, turns, opened), position in zip(moved, (other.position, layer.position), strict=True):
        _open(layer.rota, turns, position, opened)
    record(actor, "oncall.layer_moved", f"layer:{layer.pk}", rota=layer.rota_id, up=up)


@transaction.atomic
def remove_layer(by: Person | None, layer: Layer) -> None:
    """From now on the layer covers nothing; what was stays on record."""
    actor = check_arranger(by)
    layer = _current(layer)
    _close(layer, timezone.now())
    record(actor, "oncall.layer_removed", f"layer:{layer.pk}", rota=layer.rota_id)


def turns_of(layer: Layer) -> Turns:
    """What a layer is now, as it is written: to fill a form, and to change one thing of it."""
    return Turns(
        people=tuple(layer.people.order_by("position").values_list("person_id", flat=True)),
        starts_on=layer.starts_on,
        handover_at=layer.handover_at,
        time_zone=layer.time_zone,
        unit=layer.unit,
        length=layer.length,
        weekdays=layer.weekdays,
        from_time=layer.from_time,
        until_time=layer.until_time,
        name=layer.name,
    )


def _current(layer: Layer) -> Layer:
    rota = locked(layer.rota)
    row = Layer.objects.filter(pk=layer.pk, closed_at=None).first()
    if row is None:
        raise RefusedError(_("This layer was changed meanwhile. Open the rota again to see how it is now."))
    row.rota = rota
    return row


def _replace(layer: Layer, turns: Turns, position: int, now: datetime) -> Layer:
    """The old one covers until the new one's first hand-over, unless that is past already."""
    begin = max(now, _first(turns))
    if _begins(layer) > now:
        # It never covered anything: whichever was to make room for it now makes room for the new one.
        Layer.objects.filter(rota=layer.rota, position=position, closed_at=layer.opened_at).update(closed_at=begin)
        layer.delete()
    else:
        Layer.objects.filter(pk=layer.pk).update(closed_at=begin)
    return _open(layer.rota, turns, position, begin)


def _close(layer: Layer, now: datetime) -> None:
    if _begins(layer) > now:
        Layer.objects.filter(pk=layer.pk).delete()
    else:
        Layer.objects.filter(pk=layer.pk).update(closed_at=now)


def _begins(layer: Layer) -> datetime:
    first = layer_of(layer, ()).start_of(0)
    return max(first, layer.opened_at or first)


def _first(turns: Turns) -> datetime:
    return layer_of(Layer(pk=0, **_columns(turns)), ()).start_of(0)


def _columns(turns: Turns) -> dict[str, Any]:
    return {
        "starts_on": turns.starts_on,
        "handover_at": turns.handover_at,
        "time_zone": turns.time_zone,
        "unit": turns.unit,
        "length": turns.length,
        "weekdays": turns.weekdays,
        "from_time": turns.from_time,
        "until_time": turns.until_time,
        "name": turns.name[:80],
    }


def _open(rota: Rota, turns: Turns, position: int, opened_at: datetime) -> Layer:
    layer = Layer.objects.create(rota=rota, position=position, opened_at=opened_at, **_columns(turns))
    LayerPerson.objects.bulk_create(
        LayerPerson(layer=layer, person_id=person, position=place) for place, person in enumerate(turns.people)
    )
    return layer


def _check_turns(turns: Turns) -> None:
    check_zone(turns.time_zone)
    _check_people(turns.people)
    _check_length(turns)
    if not 0 < turns.weekdays <= EVERY_DAY:
        raise RefusedError(_("Choose at least one day of the week."))
    if (turns.from_time is None) != (turns.until_time is None):
        raise RefusedError(_("Give both the hour from which and the hour until which it covers, or neither."))
    today = timezone.now().date()
    if not today - _FAR_BACK <= turns.starts_on <= today + _FAR_AHEAD:
        raise RefusedError(_("Choose a first day within the last ten years or the next two."))


def _check_people(ids: tuple[int, ...]) -> None:
    if not ids:
        raise RefusedError(_("Nobody is in this layer. Add at least one person."))
    if len(ids) > _MOST_PEOPLE:
        raise RefusedError(_("A layer has at most 100 places."))
    found = Person.objects.in_bulk(ids)
    if len(found) < len(set(ids)):
        raise RefusedError(_("One of these people is not known here. Choose from the list."))
    for person in found.values():
        check_active(person)


def _check_length(turns: Turns) -> None:
    if turns.unit == Layer.Unit.HOUR:
        if turns.length not in HOURS:
            raise RefusedError(_("Turns of hours last 1, 2, 3, 4, 6, 8 or 12 hours, the same each day."))
    elif turns.unit not in _LONGEST:
        raise RefusedError(_("Count turns in hours, days or weeks."))
    elif not 1 <= turns.length <= _LONGEST[Layer.Unit(turns.unit)]:
        raise RefusedError(_("A turn lasts at most 60 days or 12 weeks, and at least one."))
