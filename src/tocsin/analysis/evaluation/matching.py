"""Which alarms found an episode, which are false, which say nothing, and how long a system was watched."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from tocsin.analysis.evaluation.alarms import Alarm
from tocsin.analysis.evaluation.events import Episode, Event
from tocsin.analysis.evaluation.plain import Series
from tocsin.analysis.series import Direction, Evidence

WINDOW: Final = timedelta(days=6)
"""An alarm so near to a known event is explained by it, as CenAlert matches them."""

MISS: Final = timedelta(days=30)
"""What a miss counts as; a first alarm later than that is a miss."""

_END: Final = datetime(2100, 1, 1, tzinfo=UTC)
_YEAR: Final = timedelta(days=365.25)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Hit:
    """How a system did in one episode.

    ``delay`` is measured from the earliest moment at which it may have begun, never below zero; None: missed.
    ``end_found`` is None where no end is known, it was missed, or the system doesn't tell ends.
    """

    delay: timedelta | None
    alarm: Alarm | None = None
    end_found: bool | None = None

    @property
    def days(self) -> float:
        """The delay in days, a miss as 30."""
        return (MISS if self.delay is None else self.delay) / timedelta(days=1)

    @property
    def words(self) -> str:
        """For people: the days, and whether the end was found (+) or not (-), where an end is known."""
        if self.delay is None:
            return "missed"
        return f"{self.days:.2f}" + {None: "", True: " +", False: " -"}[self.end_found]


def hit(episode: Episode, alarms: Sequence[Alarm], *, tells_ends: bool = True) -> Hit:
    """The first alarm in a direction of the episode that can be about it.

    It was raised within 30 days after the latest moment of the onset, and not later than six days after the end; or
    up to six days before the earliest moment of the onset and not over by then, which is a delay of zero.
    """
    until = episode.onset_latest + MISS
    if episode.end_latest is not None:
        until = min(until, episode.end_latest + WINDOW)
    for alarm in alarms:
        if alarm.direction not in episode.directions or not episode.onset_earliest - WINDOW <= alarm.time <= until:
            continue
        if alarm.time >= episode.onset_earliest or alarm.open_at(episode.onset_earliest):
            delay = max(alarm.time - episode.onset_earliest, timedelta(0))
            if delay <= MISS or not episode.dated:
                return Hit(delay, alarm, _end_found(episode, alarm) if tells_ends else None)
    return Hit(None)


def with_ends(alarms: Sequence[Alarm], trouble: Iterable[Direction]) -> tuple[Alarm, ...]:
    """The alarms, and the ends that they told as alarms of the other direction where that one is no trouble.

    So that an episode which is the end of another, such as the second change of a block, can be found.
    """
    ways = frozenset(trouble)
    ends = [
        Alarm(alarm.ended, alarm.ended, other)
        for alarm in alarms
        for other in Direction
        if alarm.ended is not None and alarm.direction in ways and other not in ways
    ]
    return tuple(sorted([*alarms, *ends], key=lambda alarm: alarm.time))


def windows(series: Series, episodes: Iterable[Episode], events: Iterable[Event]) -> list[Span]:
    """Spans in which an alarm on the series is neither true nor false, in order, none touching another.

    Six days before and after the start and the end of each event of its country, and of each episode of that
    country in another series; an episode of the series itself from six days before its onset to six days after its
    end, or for good if nobody knows an end.
    """
    spans: list[Span] = []
    for episode in episodes:
        if episode.series == series.name:
            after = _END if episode.end_latest is None else episode.end_latest + WINDOW
            spans.append((episode.onset_earliest - WINDOW, after))
        elif episode.country == series.country:
            spans.append((episode.onset_earliest - WINDOW, episode.onset_latest + timedelta(days=1) + WINDOW))
            if episode.end_earliest is not None and episode.end_latest is not None:
                spans.append((episode.end_earliest - WINDOW, episode.end_latest + WINDOW))
    for event in events:
        if event.country == series.country:
            spans.append((event.start - WINDOW, event.start + timedelta(days=1) + WINDOW))
            if event.end is not None:
                spans.append((event.end - timedelta(days=1) - WINDOW, event.end + WINDOW))
    return _joined(spans)


def inside(spans: Sequence[Span], time: datetime) -> bool:
    """Whether the time lies in one of the spans, its last moment included."""
    place = bisect_right(spans, (time, _END))
    return place > 0 and time <= spans[place - 1][1]


def false_alarms(alarms: Iterable[Alarm], trouble: Iterable[Direction], spans: Sequence[Span]) -> list[Alarm]:
    """The alarms in a direction of trouble that nothing known explains."""
    ways = frozenset(trouble)
    return [alarm for alarm in alarms if alarm.direction in ways and not inside(spans, alarm.time)]


def exposure(series: Series, spans: Sequence[Span]) -> float:
    """Years in which an alarm of this series would be a false one: measured intervals outside the spans."""
    scored = [point for point in series.points if point.evidence is Evidence.SCORED]
    if series.step is None:
        days = {point.time.date() for point in scored if not inside(spans, point.time)}
        return timedelta(days=len(days)) / _YEAR
    return sum(not inside(spans, point.time) for point in scored) * (series.step / _YEAR)


def _end_found(episode: Episode, alarm: Alarm) -> bool | None:
    """Whether the end was told between six days before its earliest moment and 30 days after its latest."""
    if episode.end_earliest is None or episode.end_latest is None:
        return None
    if alarm.ended is None:
        return False
    return episode.end_earliest - WINDOW <= alarm.ended <= episode.end_latest + MISS


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
