"""The time of whoever writes and the time where somebody is: which zones there are, and which moment is meant."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global
from django.utils import timezone
from django.utils.translation import gettext as _

HERE, THERE = "here", "there"


def of_country(country: str) -> list[str]:
    """The zones of a country by its two letters; none for anything else."""
    return sorted(get_global("territory_zones").get(country.strip().upper(), [])) if len(country.strip()) == 2 else []


def choices(country: str) -> list[tuple[str, str]]:
    """Every zone with its time of now, those of a country first."""
    near = of_country(country)
    others = sorted(
        one for one in available_timezones() if "/" in one and not one.startswith(("Etc/", "posix", "right"))
    )
    return [("", _("not known")), *((one, said(one)) for one in [*near, *(one for one in others if one not in near)])]


def said(zone: str) -> str:
    """A zone in words, with its time of now."""
    return f"{zone.replace('_', ' ')} ({timezone.now().astimezone(ZoneInfo(zone)):%H:%M})"


def meant(moment: datetime, zone: str) -> datetime:
    """The moment whose clock face was typed, if it was theirs: the same digits, in their zone."""
    face = timezone.localtime(moment).replace(tzinfo=None)
    return face.replace(tzinfo=ZoneInfo(zone))
