"""The two clocks of a letter: minutes to a human acknowledgement, hours to an answer of substance."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
