"""The clock of a plan: by life's for a plan in earnest, by one of its own for a drill, which may run faster or stand.

Whatever a plan says of when something is due stands in its own time; only here is it turned into moments of life.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tocsin.responses.log import acts
from tocsin.responses.log.acts import Act


@dataclass(frozen=True, slots=True)
class Leg:
    """From ``at`` on, when the clock showed ``shown``, it runs ``rate`` times as fast as life; 0: it stands still."""

    at: datetime
    shown: datetime
    rate: int

    def told(self, at: datetime) -> datetime:
        """What it shows at a moment of this leg."""
        return self.shown + max(at - self.at, timedelta(0)) * self.rate


@dataclass(frozen=True, slots=True)
class Pace:
    """How a plan's own time runs; without legs it is life's."""

    legs: tuple[Leg, ...] = ()
    speed: int = 1

    @property
    def runs(self) -> bool:
        """Whether it goes on now."""
        return not self.legs or self.legs[-1].rate > 0

    @property
    def begins(self) -> datetime | None:
        """What a drill's clock showed when it was begun; None before, and in earnest."""
        return next((one.shown for one in self.legs if one.rate), None)

    def told(self, at: datetime) -> datetime:
        """What the plan's clock shows at a moment of life."""
        if not self.legs:
            return at
        leg = next((one for one in reversed(self.legs) if one.at <= at), self.legs[0])
        return leg.told(at)

    def comes(self, shown: datetime) -> datetime | None:
        """The first moment of life at which the plan's clock shows this or more; None: it stands still before it."""
        if not self.legs:
            return shown
        if shown <= self.legs[0].shown:
            return self.legs[0].at - (self.legs[0].shown - shown)
        for leg, following in zip(self.legs, [*self.legs[1:], None], strict=True):
            if leg.rate and (following is None or shown <= following.shown):
                # Rounded up: at that moment the clock shows no less.
                return leg.at - (leg.shown - shown) // leg.rate
        return None

    def would(self, shown: datetime, now: datetime) -> datetime:
        """The same; where it stands still, as if it went on now."""
        return self.comes(shown) or now + (shown - self.told(now)) // self.speed

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How long it was in the plan's own time between two moments of life."""
        return self.told(end) - self.told(start)


LIFE: Final = Pace()
"""The clock of a plan in earnest."""


def of(lines: Iterable[tuple[datetime, Act]], *, drill: bool) -> Pace:
    """The clock of a plan with these lines; a drill's stands still before it begins, while it rests and once over."""
    if not drill:
        return LIFE
    legs: list[Leg] = []
    speed, rests, over = 0, False, False
    for at, act in lines:
        match act:
            case acts.Begun():
                legs.append(Leg(at, at, 0))
                continue
            case acts.Started():
                speed = act.speed
            case acts.Rested():
                rests = True
            case acts.Resumed():
                rests = False
            case acts.Closed():
                over = True
            case acts.Reopened():
                over = False
            case _:
                continue
        at = max(at, legs[-1].at)
        legs.append(Leg(at, legs[-1].told(at), 0 if rests or over else speed))
    return Pace(tuple(legs), speed or 1)
