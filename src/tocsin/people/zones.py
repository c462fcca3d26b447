"""The time zones that a form offers."""

from functools import cache
from zoneinfo import available_timezones

from django import forms


def offered(kept: str = "") -> list[tuple[str, str]]:
    """UTC and the zones of places, and ``kept``, which already stands somewhere.

    The machine's own “localtime”, and names such as Etc/GMT+1, which lies an hour *behind* UTC, are not offered.
    """
    known = {zone for zone, _name in _places()}
    more = [(kept, kept.replace("_", " "))] if kept in available_timezones() and kept not in {*known, "UTC"} else []
    return [("UTC", "UTC"), *_places(), *more]


def offer(form: forms.Form) -> None:
    """Let the form's field ``time_zone`` offer them."""
    kept = form.data.get("time_zone") if form.is_bound else form.initial.get("time_zone")
    form.fields["time_zone"].choices = offered(kept or "")  # type: ignore[attr-defined]  # a choice field


@cache
def _places() -> tuple[tuple[str, str], ...]:
    # The list is read from the disk, file by file.
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return tuple((zone, zone.replace("_", " ")) for zone in places)
