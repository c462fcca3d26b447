"""The two clocks of a letter: minutes to a human acknowledgement, hours to an answer of substance."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from tocsin.alerts import clock
from tocsin.mailbox.models import Desk, Due, Measured

ACKNOWLEDGE, REPLY = "acknowledge", "reply"
WITHIN: Final = {ACKNOWLEDGE: timedelta(minutes=15), REPLY: timedelta(hours=2)}
# A deadline that nobody stopped for so long counts as never kept.
GIVEN_UP: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Running:
    """One clock of a letter: until when, and by how much it is over; ``over`` is negative while there is time."""

    clock: str
    due_at: datetime
    over: timedelta

    @property
    def late(self) -> bool:
        """Whether its time is over."""
        return self.over > timedelta(0)


def begin(desk: Desk, at: datetime) -> dict[str, str]:
    """Start both clocks of a letter that came at this moment; gives their ids by clock, to be sealed."""
    ids = {name: uuid4() for name in WITHIN}
    Due.objects.bulk_create(
        [Due(id=ids[name], due_at=at + within, policy=f"{name}:{desk.public_id}") for name, within in WITHIN.items()]
    )
    return {name: number.hex for name, number in ids.items()}


def running(tags: Sequence[Mapping[str, str]], at: datetime) -> list[tuple[Running, ...]]:
    """For the tag of each letter those of its clocks that still run, the next first. One question for all of them."""
    numbers = [{UUID(hex=tag[name]): name for name in WITHIN if name in tag} for tag in tags]
    rows = Due.objects.in_bulk({number for each in numbers for number in each})
    return [
        tuple(
            sorted(
                (
                    Running(name, rows[number].due_at, at - rows[number].due_at)
                    for number, name in each.items()
                    if number in rows
                ),
                key=lambda one: one.due_at,
            )
        )
        for each in numbers
    ]


def quarter(at: datetime) -> str:
    """A quarter of an hour, as part of a key."""
    return f"{at:%Y%m%d%H}{at.minute // 15}"


def stop(number: str) -> bool:
    """It was kept: the deadline goes, and one row stays that tells of no letter; False when it had gone before."""
    row = Due.objects.select_for_update().filter(pk=UUID(hex=number)).first()
    if row is None:
        return False
    at = clock.now()
    _measure(row, at, Measured.How.MET if at <= row.due_at else Measured.How.LATE)
    row.delete()
    return True


def miss(number: str) -> None:
    """It was put away while it ran: the deadline goes, counted as never kept."""
    row = Due.objects.select_for_update().filter(pk=UUID(hex=number)).first()
    if row is not None:
        _measure(row, clock.now(), Measured.How.MISSED)
        row.delete()


def forget(numbers: Collection[str]) -> None:
    """These deadlines are of something that was no report: they go unmeasured."""
    Due.objects.filter(pk__in=[UUID(hex=one) for one in numbers]).delete()


def give_up(at: datetime) -> bool:
    """Count what nobody stopped for two weeks as never kept; True when there was some."""
    rows = list(Due.objects.filter(due_at__lt=at - GIVEN_UP)[:100])
    for row in rows:
        _measure(row, row.due_at, Measured.How.MISSED)
        row.delete()
    return bool(rows)


def _measure(row: Due, at: datetime, how: Measured.How) -> None:
    Measured.objects.create(clock=row.policy.partition(":")[0], month=at.date().replace(day=1), how=how)


# No figure about fewer than so many is given out.
FEWEST: Final = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """How one clock ended, over all desks: how many letters, and of them in time, late, never.

    A number that would be 1 to 4, and one from which that could be reckoned, is None; 0 is 0. ``month`` is the month's
    first day; None for a whole period.
    """

    clock: str
    within: timedelta
    month: date | None
    count: int
    met: int | None
    late: int | None
    missed: int | None

    @property
    def share(self) -> int | None:
        """How many of a hundred were kept in time, to the next five; None where it can't be said."""
        return None if not self.count or self.met is None else round(20 * self.met / self.count) * 5


@dataclass(frozen=True, slots=True)
class Figures:
    """Each clock over a period, and each of its months. ``left_out``: months of a clock that have too few to be shown;
    they are in no sum either, so that nothing can be reckoned from two periods.
    """

    since: date
    until: date
    whole: tuple[Kept, ...]
    months: tuple[Kept, ...]
    left_out: int


def measured(since: date, until: date) -> Figures:
    """How the clocks of letters ended in the months from that of ``since`` to that of ``until``, for reports.

    It needs no key and tells no letter, desk or person. Deadlines that still run are not in it.
    """
    first, last = since.replace(day=1), until.replace(day=1)
    rows = Measured.objects.filter(month__gte=first, month__lte=last).values_list("clock", "month", "how")
    ended = {name: dict[date, Counter[str]]() for name in WITHIN}
    for name, month, how in rows:
        if name in ended:
            ended[name].setdefault(month, Counter())[how] += 1
    months, whole, left_out = list[Kept](), list[Kept](), 0
    for name, of_month in ended.items():
        shown = {month: counts for month, counts in of_month.items() if counts.total() >= FEWEST}
        left_out += len(of_month) - len(shown)
        months += [_kept(name, month, counts) for month, counts in sorted(shown.items())]
        whole.append(_kept(name, None, sum(shown.values(), Counter[str]())))
    return Figures(first, last, tuple(whole), tuple(months), left_out)


def _kept(name: str, month: date | None, counts: Counter[str]) -> Kept:
    by_size = sorted(Measured.How.values, key=lambda how: (counts[how], how))
    hidden = {how for how in by_size if 0 < counts[how] < FEWEST}
    if len(hidden) == 1:
        # The one that is hidden could be reckoned from the others.
        hidden.add(next(how for how in by_size if how not in hidden and counts[how]))
    given = {how: None if how in hidden else counts[how] for how in by_size}
    how = Measured.How
    return Kept(name, WITHIN[name], month, counts.total(), given[how.MET], given[how.LATE], given[how.MISSED])
