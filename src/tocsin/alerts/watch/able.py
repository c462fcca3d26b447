"""Whether a page could be delivered now, as far as one pager can know."""

from enum import StrEnum

from tocsin.alerts import clock, sending
from tocsin.alerts.channels.base import Settings
from tocsin.alerts.channels.here import usable
from tocsin.alerts.watch import clocks, pulses

# What is due for longer than this is late.
LATE_SECONDS = 60.0


class Unable(StrEnum):
    """Why not."""

    NO_CHANNEL = "no channel"
    FAILING = "failing"
    OVERDUE = "overdue"
    UNHEARD = "unheard"
    CLOCK = "clock"


def why_not(paging: Settings, failing: str) -> Unable | None:
    """The first reason why a page could not be delivered now; None when it could.

    ``failing`` is the part of this pager that fails again and again. Without a heartbeat by a real channel this knows
    only that pages leave, not that they arrive.
    """
    if not usable():
        return Unable.NO_CHANNEL
    if failing:
        return Unable.FAILING
    now = clock.now()
    if sending.overdue(now) > LATE_SECONDS:
        return Unable.OVERDUE
    channel = pulses.channel_of(paging)
    if channel and pulses.is_late(channel, now):
        return Unable.UNHEARD
    return None if clocks.agree() else Unable.CLOCK
