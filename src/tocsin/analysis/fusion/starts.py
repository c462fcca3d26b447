"""How a loss of connectivity began and went on: the published regularities that tell ordered shutdowns from outages.

Reference: Bischof, Pitcher, Carisimo, Meng, Nunes, Padmanabhan, Roberts, Snoeren, Dainotti, "Destination Unreachable:
Characterizing Internet Outages and Shutdowns" (SIGCOMM 2023).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from functools import cache
from math import log
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import core

_FINE = timedelta(minutes=15)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_NEAR = timedelta(minutes=30)
_BRIEF = timedelta(hours=2)
_DAYS_BACK = 14


class Regularity(StrEnum):
    """One question about a loss that may be answered by yes, by no, or not at all."""

    ROUND = "round"  # did it begin on the full or half hour of local time?
    NIGHT = "night"  # did it begin between 22 and 6 o'clock of local time?
    AGAIN = "again"  # did the country's network fail one to four whole days before, at the same time of day?
    OFTEN = "often"  # did it do so on two or more of the fourteen days before?
    ABROAD = "abroad"  # did another country lose its network in the same hours?
    EVERY_SIGNAL = "every-signal"  # did all kinds of signals fall that were watched?
    BRIEF = "brief"  # was it over within two hours?
    LONG = "long"  # did it last longer than a day?


class Known(StrEnum):
    """When the question is asked: what is not known by then is not used."""

    ONSET = "at onset"
    TWO_HOURS = "after 2 h"
    AFTER = "afterwards"


ASKED: Final[Mapping[Known, tuple[Regularity, ...]]] = MappingProxyType(
    {
        Known.ONSET: (Regularity.ROUND, Regularity.NIGHT, Regularity.AGAIN, Regularity.OFTEN, Regularity.ABROAD),
        Known.TWO_HOURS: tuple(one for one in Regularity if one is not Regularity.LONG),
        Known.AFTER: tuple(Regularity),
    }
)
"""Which questions can be answered by when."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of connectivity in a country.

    ``start`` is aware and ``resolution`` how exactly it is known. ``end`` None: it lasts, or nobody knows;
    ``lasted`` is until when it is known to have lasted.
    ``earlier`` are starts of earlier losses in the same country, ``abroad`` those in other countries around the same
    time; None where nobody watched. ``fell`` and ``watched`` count kinds of signals.
    """

    country: str
    start: datetime
    resolution: timedelta
    end: datetime | None = None
    earlier: Sequence[datetime] | None = None
    abroad: Sequence[datetime] | None = None
    fell: int | None = None
    watched: int = 0
    lasted: datetime | None = None


Answers = Mapping[Regularity, bool | None]
"""Yes, no, or None where nobody knows, which speaks neither for nor against anything."""


def answers(loss: Loss, known: Known) -> dict[Regularity, bool | None]:
    """What can be said of a loss by a certain time, from nothing that came later."""
    asked: dict[Regularity, Callable[[], bool | None]] = {
        Regularity.ROUND: lambda: _round(loss),
        Regularity.NIGHT: lambda: _night(loss),
        Regularity.AGAIN: lambda: None if (days := _days(loss)) is None else not days.isdisjoint({1, 2, 3, 4}),
        Regularity.OFTEN: lambda: None if (days := _days(loss)) is None else len(days) >= 2,
        Regularity.ABROAD: lambda: _abroad(loss, known),
        Regularity.EVERY_SIGNAL: lambda: None if loss.fell is None or loss.watched < 2 else loss.fell >= loss.watched,
        Regularity.BRIEF: lambda: _shorter(loss, _BRIEF),
        Regularity.LONG: lambda: None if (brief := _shorter(loss, _DAY)) is None else not brief,
    }
    return {question: asked[question]() for question in ASKED[known]}


def _round(loss: Loss) -> bool | None:
    local = local_start(loss)
    return None if local is None or loss.resolution > _FINE else local.minute in (0, 30)


def _night(loss: Loss) -> bool | None:
    local = local_start(loss)
    return None if local is None or loss.resolution > _HOUR else not 6 <= local.hour < 22


def _days(loss: Loss) -> set[int] | None:
    """How many whole days ago earlier losses began at the same time of day, within half an hour."""
    if loss.earlier is None or loss.resolution > _HOUR:
        return None
    ago = [loss.start - before for before in loss.earlier if before < loss.start]
    whole = [(passed, round(passed / _DAY)) for passed in ago]
    return {days for passed, days in whole if 1 <= days <= _DAYS_BACK and abs(passed - days * _DAY) <= _NEAR}


def _abroad(loss: Loss, known: Known) -> bool | None:
    if loss.abroad is None:
        return None
    until = loss.start + (timedelta(0) if known is Known.ONSET else _BRIEF)
    return any(loss.start - _HOUR <= other <= until for other in loss.abroad)


def _shorter(loss: Loss, limit: timedelta) -> bool | None:
    if loss.end is not None:
        return loss.end - loss.start <= limit
    return False if loss.lasted is not None and loss.lasted - loss.start > limit else None


def local_start(loss: Loss) -> datetime | None:
    """The start on the clocks of the country, of the offset that most of its zones had then; None: nobody knows."""
    zones = _zones(loss.country)
    offsets = Counter(offset for zone in zones if (offset := loss.start.astimezone(zone).utcoffset()) is not None)
    if not offsets:
        return None
    offset, _zones_of_it = max(offsets.items(), key=lambda pair: (pair[1], pair[0]))
    return loss.start.astimezone(timezone(offset))


@cache
def _zones(country: str) -> tuple[ZoneInfo, ...]:
    found = []
    for name, territory in sorted(core.get_global("zone_territories").items()):
        if territory == country:
            try:
                found.append(ZoneInfo(name))
            except ZoneInfoNotFoundError:
                continue
    return tuple(found)


def _ratio(ordered: float, technical: float) -> tuple[float, float]:
    return log(ordered / technical), log((1 - ordered) / (1 - technical))


def _lasting(hours: float) -> float:
    """How much a loss that lasts longer than so many hours speaks for an order, by the medians and a constant rate."""
    return hours * log(2) * (1 / 2.0 - 1 / 5.5)


PUBLISHED: Final[Mapping[Regularity, tuple[float, float]]] = MappingProxyType(
    {
        Regularity.ROUND: _ratio(0.848, 0.395),
        Regularity.EVERY_SIGNAL: _ratio(0.945, 0.539),
        Regularity.AGAIN: _ratio(107 / 158, 1 / 574),
        Regularity.BRIEF: (log((1 - 2 ** (-2 / 5.5)) / (1 - 2 ** (-2 / 2.0))), _lasting(2)),
    }
)
"""Log likelihood ratios of yes and no as published for 182 shutdowns against 729 outages: national events of 2018 to
July 2021. Duration is from the two medians, 5.5 and 2.0 hours, as if losses ended at a constant rate."""
