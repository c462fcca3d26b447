"""Finds that less of a network can be reached than usual, and which signals of one country fell together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.analysis.detectors.base import State
from tocsin.analysis.detectors.levels import LevelJudgement, LevelWatcher
from tocsin.analysis.series import Cell, Direction, Finding, RuleId


class Outage(LevelWatcher):
    """Finds that connectivity drops below what is usual at this hour and on this weekday.

    As ``Traffic``, for routes, answering addresses and probes, and for drops alone. Two days of hourly values suffice
    to judge; a fall by half of a steady signal opens in its first interval. One signal of one country says little
    about the cause: ``joined`` tells which signals fell together, and how much of all was lost.

    It misleads where probes or vantage points fail instead of the network, in a signal younger than a few days, and
    where a network is renumbered. A loss of a few percent that creeps in over weeks teaches the baseline.

    >>> from datetime import UTC, datetime, timedelta
    >>> from tocsin.analysis.series import Cell, Point, Stream
    >>> detector = Outage(Cell(Stream.CONNECTIVITY, "probing", "XX", "hosts"))
    >>> hour = timedelta(hours=1)
    >>> for number, answering in enumerate([97.5, 98.1, 97.9] * 40 + [20.2] * 4):
    ...     time = datetime(2024, 1, 1, tzinfo=UTC) + number * hour
    ...     finding = detector.update(Point(time, hour, value=answering))
    ...     if finding is not None:
    ...         print(finding.opened.isoformat(), finding.seen.hour, finding.direction.value, round(finding.now, 1))
    2024-01-06T00:00:00+00:00 0 drop 20.2

    Reference: Guillot et al., "Chocolatine: Outage Detection for Internet Background Radiation", TMA 2019.

    Args:
        cell: The series.
        entry: Years in which such a departure happens by itself at most once.
        least: The least change that opens, as a natural logarithm: 0.12 is about an eighth.
        calm: Usual intervals in a row that close.
        adopt: After so long a new level is the usual one.
        late: How far back late points are taken.
        stale: Without measurements for so long, an open finding says that nobody sees it any more.
        forget: Without measurements for so long, it closes.
    """

    rule = RuleId("outage", 2)

    def __init__(
        self,
        cell: Cell,
        *,
        entry: float = 1.0,
        least: float = 0.12,
        calm: int = 3,
        adopt: timedelta = timedelta(days=28),
        late: timedelta = timedelta(days=2),
        stale: timedelta = timedelta(days=3),
        forget: timedelta = timedelta(days=30),
    ) -> None:
        super().__init__(cell, entry=entry, least=least, calm=calm, adopt=adopt, late=late, stale=stale, forget=forget)

    def _ways(self) -> tuple[int, int]:
        return 0, 1

    def _lasting(self) -> LevelJudgement:
        assert isinstance(self._live, LevelJudgement)
        return self._live

    def _blank(self) -> LevelJudgement:
        return LevelJudgement(self._settings())

    def _load(self, saved: State) -> LevelJudgement:
        return LevelJudgement.load(self._settings(), saved)


@dataclass(frozen=True, slots=True)
class Joint:
    """Drops of several signals of one country that began together.

    ``signals`` are the kinds that dropped, each once, in the order of their onsets, and ``losses`` the share that each
    lost. ``lost`` is the product of these shares, as IODA corroborates: it is large only if every signal lost much.
    ``apart`` is the time between the first onset and the last. ``closed`` is None while any of them lasts.
    """

    country: str
    opened: datetime
    closed: datetime | None
    signals: tuple[str, ...]
    losses: tuple[float, ...]
    lost: float
    apart: timedelta
    findings: tuple[Finding, ...]


def joined(findings: Iterable[Finding], *, within: timedelta = timedelta(hours=6)) -> tuple[Joint, ...]:
    """Drops that began within ``within`` of the first of them, by country and in order of time.

    Of several findings of one kind the one that lost most speaks: more of the same signal corroborates nothing.
    A drop that stands alone is joined with nothing and given as one of one. Withdrawn findings are left out.
    """
    drops = [each for each in findings if each.direction is Direction.DROP and not each.withdrawn]
    groups: list[list[Finding]] = []
    for finding in sorted(drops, key=lambda each: (each.cell.country, each.opened, each.cell.key())):
        first = groups[-1][0] if groups else None
        if first and first.cell.country == finding.cell.country and finding.opened - first.opened <= within:
            groups[-1].append(finding)
        else:
            groups.append([finding])
    return tuple(sorted(map(_joint, groups), key=lambda each: (each.opened, each.country)))


def _joint(group: list[Finding]) -> Joint:
    most: dict[str, float] = {}
    lost = 1.0
    for finding in group:
        most[finding.cell.kind] = max(most.get(finding.cell.kind, 0.0), _loss(finding))
    for share in most.values():
        lost *= share
    ends = [finding.closed for finding in group]
    return Joint(
        country=group[0].cell.country,
        opened=group[0].opened,
        closed=None if None in ends else max(end for end in ends if end is not None),
        signals=tuple(most),
        losses=tuple(most.values()),
        lost=lost,
        apart=group[-1].opened - group[0].opened,
        findings=tuple(group),
    )


def _loss(finding: Finding) -> float:
    return min(max(1 - finding.now / finding.before, 0.0), 1.0) if finding.before > 0 else 0.0
