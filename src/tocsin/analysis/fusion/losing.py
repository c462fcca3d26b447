"""What the way in which a country lost its network says of its cause: shutdown against outage."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from tocsin.analysis.fusion.causes import Cause
from tocsin.analysis.fusion.clues import Clue, Says
from tocsin.analysis.fusion.facts import Measured, Window
from tocsin.analysis.fusion.fitted import FITTED
from tocsin.analysis.fusion.measuring import cut
from tocsin.analysis.fusion.origins import instrument
from tocsin.analysis.fusion.starts import Known, Loss, Regularity, answers
from tocsin.analysis.series import Stream

_SAYS: Final[Mapping[Regularity, tuple[Says, Says]]] = MappingProxyType(
    {
        Regularity.ROUND: (Says.ROUND, Says.NOT_ROUND),
        Regularity.NIGHT: (Says.NIGHT, Says.NOT_NIGHT),
        Regularity.AGAIN: (Says.AGAIN, Says.NOT_AGAIN),
        Regularity.OFTEN: (Says.OFTEN, Says.NOT_OFTEN),
        Regularity.ABROAD: (Says.ABROAD, Says.NOT_ABROAD),
        Regularity.EVERY_SIGNAL: (Says.EVERY_SIGNAL, Says.NOT_EVERY_SIGNAL),
        Regularity.BRIEF: (Says.BRIEF, Says.NOT_BRIEF),
        Regularity.LONG: (Says.LONG, Says.NOT_LONG),
    }
)
_TWO_HOURS, _DAY = timedelta(hours=2), timedelta(days=1)


def losses(window: Window) -> Iterator[Clue]:
    """Clues of how each loss of connectivity began and went on.

    A weight is shared: half of it for one cause, half against the other, so that how likely either is against all
    else hardly moves.
    """
    for found in window.measured:
        if not cut(found):
            continue
        known = stage(found, window.now)
        for regularity, answer in answers(_loss(window, found), known).items():
            weight = FITTED[known].weight(regularity, answer)
            if weight:
                yes, no = _SAYS[regularity]
                weights = ((Cause.SHUTDOWN, weight / 2), (Cause.OUTAGE, -weight / 2))
                yield Clue(regularity.name, (yes if answer else no).value, instrument(found), weights, (found.source,))


def stage(found: Measured, now: datetime) -> Known:
    """How much of a loss can be known by now."""
    if found.closed is not None or now - found.opened > _DAY:
        return Known.AFTER
    return Known.TWO_HOURS if now - found.opened >= _TWO_HOURS else Known.ONSET


def _loss(window: Window, found: Measured) -> Loss:
    watched = {one.kind for one in window.steady if one.stream is Stream.CONNECTIVITY}
    fell = {one.kind for one in window.measured if cut(one) and abs(one.opened - found.opened) <= _DAY}
    fine = found.resolution <= timedelta(hours=1)
    return Loss(
        country=found.country,
        start=found.opened,
        resolution=found.resolution,
        end=found.closed,
        lasted=window.now if found.closed is None else found.closed,
        earlier=None if window.earlier is None else _starts(window.earlier, window.measured),
        abroad=None if window.elsewhere is None or not fine else _starts(window.elsewhere),
        fell=len(fell),
        watched=len(fell | watched),
    )


def _starts(*found: tuple[Measured, ...]) -> tuple[datetime, ...]:
    return tuple(one.opened for group in found for one in group if cut(one))
