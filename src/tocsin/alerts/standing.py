"""How the pager is and who is on duty, for every page: cheap enough to be asked each time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.alerts import clock, sending
from tocsin.alerts.channels.here import usable
from tocsin.alerts.models import Pulse
from tocsin.alerts.watch import able, life
from tocsin.alerts.watch.pulses import BACK_WITHIN
from tocsin.lib.models import Lease
from tocsin.oncall.duty import Roster

Kept = TypeVar("Kept")

_BEAT_LEASE = timedelta(seconds=life.COUNTS_SECONDS)
LATE_AFTER = able.LATE_SECONDS
_STATE_FOR, _DUTY_FOR = 5.0, 20.0
_FAILING = "failing "
_PULSES_LOOKED_AT = timedelta(hours=6)


class How(StrEnum):
    """What is the matter with the pager."""

    WELL = "well"
    UNSET = "unset"  # no channel is set up, so nobody can be woken yet
    STOPPED = "stopped"  # no pager process lives
    FAILING = "failing"  # it lives, and a part of it fails again and again
    LATE = "late"  # it lives, and what is due does not go out
    UNHEARD = "unheard"  # what it sends does not come back
    WAITS = "waits"  # the database has not the shape that it knows
    CLOCK = "clock"  # its clock and the database's differ
    OTHER = "other"  # all is well, but it runs other code than these pages


_OF_STATE = {life.CLOCK: How.CLOCK, life.WAITS: How.WAITS}


@dataclass(frozen=True, slots=True)
class PagerState:
    """How the pager is now. ``beat_at`` is when it last said that it lives, None when nobody knows."""

    how: How
    beat_at: datetime | None
    overdue_seconds: float

    @property
    def ok(self) -> bool:
        """Whether a page would go out now."""
        return self.how in {How.WELL, How.OTHER}

    @property
    def loud(self) -> bool:
        """Whether everything else on a page must be less loud."""
        return self.how not in {How.WELL, How.UNSET, How.OTHER}

    @property
    def age_seconds(self) -> float | None:
        """How long ago the pager said that it lives."""
        return max(0.0, (clock.now() - self.beat_at).total_seconds()) if self.beat_at is not None else None

    @property
    def words(self) -> str:
        """The same, in one sentence. It names no number of what waits: that may be what few may know of."""
        age = round(self.age_seconds or 0)
        well = ngettext("Pager ✓ %(n)d s ago", "Pager ✓ %(n)d s ago", age) % {"n": age}
        return {
            How.WELL: well,
            How.UNSET: _("Nobody can be woken yet: no channel is set up."),
            How.STOPPED: _("The pager has stopped: nobody is woken."),
            How.FAILING: _("The pager fails again and again: maybe nobody is woken."),
            How.LATE: _("The pager is late: somebody may not be woken."),
            How.UNHEARD: _("What the pager sends does not come back: maybe nobody is woken."),
            How.WAITS: _("The pager waits until the database is brought to its version: nobody is woken."),
            How.CLOCK: _("The pager’s clock is wrong: messages may be refused or late."),
            How.OTHER: f"{well} · " + _("another version runs; restart it"),
        }[self.how]


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds one rota now, as plain values. ``person`` is None where nobody does."""

    rota: str
    rota_id: str
    person: str | None
    until: datetime | None


def pager_state() -> PagerState:
    """How the pager is, as it was at most five seconds ago."""
    return _kept("pager", _STATE_FOR, _look)


def on_duty(*, anew: bool = False) -> tuple[Held, ...]:
    """Who holds each rota now, as it was at most twenty seconds ago; ``anew``, as it is."""
    if anew:
        _known.pop("duty", None)
    return _kept("duty", _DUTY_FOR, _duty)


def forget() -> None:
    """Look anew at the next question."""
    _known.clear()


def _look() -> PagerState:
    now = clock.now()
    beats = list(Lease.objects.filter(name__startswith="alive:page:").values_list("name", "until"))
    beat_at = max((until - _BEAT_LEASE for _name, until in beats), default=None)
    living = [name for name, until in beats if until > now]
    overdue = sending.overdue(now)
    return PagerState(_how(living, overdue, now), beat_at, overdue)


def _how(living: list[str], overdue: float, now: datetime) -> How:
    if not usable():
        return How.UNSET
    if not living:
        return How.STOPPED
    states = [name.rsplit(":", 1)[-1] for name in living]
    if all(state.startswith(_FAILING) for state in states):
        return _OF_STATE.get(states[0].removeprefix(_FAILING), How.FAILING)
    if overdue > LATE_AFTER:
        return How.LATE
    if _unheard(now):
        return How.UNHEARD
    return How.OTHER if life.others() else How.WELL


def _unheard(now: datetime) -> bool:
    """Whether by every channel the last heartbeat that should have come back did not."""
    lately = Pulse.objects.filter(sent_at__gt=now - _PULSES_LOOKED_AT).order_by("sent_at", "pk")
    last: dict[str, bool] = {}
    for channel, sent_at, returned_at in lately.values_list("channel", "sent_at", "returned_at"):
        if returned_at is not None or sent_at <= now - BACK_WITHIN:
            last[channel] = returned_at is not None
    return bool(last) and not any(last.values())


def _duty() -> tuple[Held, ...]:
    now = clock.now()
    roster = Roster.load(now=now)
    found = []
    for rota in roster.rotas:
        duty = roster.at(rota, now)
        name = duty.person.name if duty.person is not None else None
        found.append(Held(rota.name, rota.public_id, name, duty.until))
    return tuple(found)


_known: dict[str, tuple[float, object]] = {}


def _kept(name: str, seconds: float, ask: Callable[[], Kept]) -> Kept:
    """What was asked lately in this process, or what is answered now."""
    kept = _known.get(name)
    if kept is not None and kept[0] > monotonic():
        return kept[1]  # type: ignore[return-value]  # each name has one question
    answer = ask()
    _known[name] = (monotonic() + seconds, answer)
    return answer
