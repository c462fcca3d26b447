"""Taking back one's own last act on a page of duty, with the verb that does the opposite."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time

from tocsin.oncall import actions
from tocsin.oncall.access import (
    access_absence,
    access_layer,
    access_override,
    access_rest,
    access_rota,
    access_swap,
)
from tocsin.oncall.actions import Bounds, Turns
from tocsin.people.models import Person

_KEY = "duty_undo"
_FOR = timedelta(minutes=30)
_PLACES = 100

Facts = dict[str, Any]


def keep(request: HttpRequest, what: str, **facts: Any) -> None:
    """Remember how the act that was just done is taken back: ``what`` is a key of `_ACTS`, facts are plain values."""
    request.session[_KEY] = {"what": what, "facts": facts, "at": timezone.now().isoformat()}


def can_undo(request: HttpRequest) -> bool:
    """Whether there is an act of the last half hour to take back."""
    kept = request.session.get(_KEY)
    at = parse_datetime(kept["at"]) if kept else None
    return at is not None and timezone.now() - at < _FOR


def undo(request: HttpRequest, person: Person) -> bool:
    """Take the last act back; False if there is none.

    Raises:
        RefusedError: when things stand otherwise by now.
    """
    if not can_undo(request):
        request.session.pop(_KEY, None)
        return False
    kept = request.session.pop(_KEY)
    _ACTS[kept["what"]](person, kept["facts"])
    return True


def plain(turns: Turns) -> Facts:
    """A layer as values that a session can hold."""
    return {
        "people": list(turns.people),
        "starts_on": turns.starts_on.isoformat(),
        "handover_at": turns.handover_at.isoformat(),
        "time_zone": turns.time_zone,
        "unit": str(turns.unit),
        "length": turns.length,
        "weekdays": turns.weekdays,
        "from_time": turns.from_time.isoformat() if turns.from_time else "",
        "until_time": turns.until_time.isoformat() if turns.until_time else "",
        "name": turns.name,
    }


def _turns(kept: Facts) -> Turns:
    starts, hands = parse_date(kept["starts_on"]), parse_time(kept["handover_at"])
    assert starts is not None
    assert hands is not None
    rest = {name: kept[name] for name in ("time_zone", "unit", "length", "weekdays", "name")}
    return Turns(
        people=tuple(kept["people"]),
        starts_on=starts,
        handover_at=hands,
        from_time=parse_time(kept["from_time"]) if kept["from_time"] else None,
        until_time=parse_time(kept["until_time"]) if kept["until_time"] else None,
        **rest,
    )


def _cancel_override(person: Person, facts: Facts) -> None:
    rota = access_rota(person, facts["rota"])
    actions.cancel(person, access_override(person, rota, facts["override"]))


def _override_again(person: Person, facts: Facts) -> None:
    other = get_object_or_404(Person, pk=facts["person"])
    since, until = (_moment(facts[name]) for name in ("since", "until"))
    actions.override(person, access_rota(person, facts["rota"]), other, since, until)


def _change_layer(person: Person, facts: Facts) -> None:
    layer = access_layer(person, access_rota(person, facts["rota"]), facts["layer"])
    actions.change_layer(person, layer, _turns(facts["turns"]))


def _remove_layer(person: Person, facts: Facts) -> None:
    actions.remove_layer(person, access_layer(person, access_rota(person, facts["rota"]), facts["layer"]))


def _add_layer(person: Person, facts: Facts) -> None:
    """Where it was: added on top, and moved down past those that stood above it."""
    rota = access_rota(person, facts["rota"])
    actions.add_layer(person, rota, _turns(facts["turns"]))
    for _step in range(min(facts["above"], _PLACES)):
        top = rota.layers.filter(closed_at=None, position=_place(rota, facts, _step)).get()
        actions.move_layer(person, top, up=False)


def _place(rota: Any, facts: Facts, step: int) -> int:
    """The position of the layer that is on its way down, so many steps from the top."""
    positions = list(rota.layers.filter(closed_at=None).order_by("-position").values_list("position", flat=True))
    return int(positions[step])


def _move_layer(person: Person, facts: Facts) -> None:
    layer = access_layer(person, access_rota(person, facts["rota"]), facts["layer"])
    actions.move_layer(person, layer, facts["up"])


def _limits(person: Person, facts: Facts) -> None:
    other = get_object_or_404(Person, pk=facts["person"]) if facts["person"] else None
    actions.set_limits(person, other, Bounds(**facts["bounds"]) if facts["bounds"] else None)


def _moment(text: str) -> datetime:
    found = parse_datetime(text)
    assert found is not None
    return found


_ACTS: dict[str, Callable[[Person, Facts], object]] = {
    "override": _cancel_override,
    "cancel": _override_again,
    "change": _change_layer,
    "add": _remove_layer,
    "remove": _add_layer,
    "move": _move_layer,
    "away": lambda person, facts: actions.back(person, access_absence(person, facts["absence"])),
    "rest": lambda person, facts: actions.end_rest(person, access_rest(person, facts["rest"])),
    "swap": lambda person, facts: actions.withdraw(access_swap(person, facts["swap"]), person),
    "load": lambda person, facts: actions.take_back_load(person, facts["loads"]),
    "rota": lambda person, facts: actions.change_rota(
        person, access_rota(person, facts["rota"]), facts["name"], facts["time_zone"]
    ),
    "limits": _limits,
}
