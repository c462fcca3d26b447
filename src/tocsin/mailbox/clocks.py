"""The two clocks of a letter: minutes to a human acknowledgement, hours to an answer of substance."""

from collections.abc import Collection
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


def running(ids: dict[str, str], at: datetime) -> list[Running]:
    """Those of a letter's clocks that still run, the next first."""
    numbers = {UUID(hex=number): name for name, number in ids.items() if name in WITHIN}
    rows = Due.objects.filter(pk__in=numbers).order_by("due_at")
    return [Running(numbers[row.pk], row.due_at, at - row.due_at) for row in rows]


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
