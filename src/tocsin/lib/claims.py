"""Leases and cursors over the database: the only module that knows which database it is.

Leases use the database's own clock, so that two machines whose clocks disagree never both hold one.
"""

import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from time import monotonic
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, models, transaction

from tocsin.lib.models import Cursor, Lease

Row = TypeVar("Row", bound=models.Model)
P = ParamSpec("P")
T = TypeVar("T")

# PostgreSQL's codes for a deadlock and for a failed serialization.
_BROKEN_OFF = {"40P01", "40001"}
_PATIENCE = 3

HOLDER = f"{socket.gethostname()[:40]}:{secrets.token_hex(6)}"


def database_now() -> datetime:
    """The database's own time, aware, in UTC."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]  # type: ignore[no-any-return]
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0])


def take_lease(name: str, seconds: float, holder: str = HOLDER) -> bool:
    """Take or renew a lease. True if this holder now has it."""
    with transaction.atomic():
        now = database_now()
        until = now + timedelta(seconds=seconds)
        free = models.Q(holder=holder) | models.Q(until__lt=now)
        if Lease.objects.filter(free, name=name).update(holder=holder, until=until):
            return True
        if Lease.objects.filter(name=name).exists():
            return False
        Lease.objects.bulk_create([Lease(name=name, holder=holder, until=until)], ignore_conflicts=True)
        return Lease.objects.filter(name=name, holder=holder).exists()


def drop_lease(name: str, holder: str = HOLDER) -> None:
    """Give a lease back before its time."""
    Lease.objects.filter(name=name, holder=holder).delete()


_held: dict[str, float] = {}


def hold(name: str, seconds: float = 15) -> bool:
    """Have a lease and keep it: asks the database only when half of the time is over.

    A holder that dies is followed after at most ``seconds``. Work done under it must stay safe to do twice, since a
    holder that hangs for longer than that loses the lease without noticing.
    """
    if _held.get(name, 0) > monotonic():
        return True
    asked = monotonic()
    if take_lease(name, seconds):
        _held[name] = asked + seconds / 2
        return True
    _held.pop(name, None)
    return False


def confirm(name: str, seconds: float = 15) -> bool:
    """Have the lease still, asked in the transaction of the work itself; nobody else can have it until that ends.

    ``hold`` believes its own clock. A process that hung between ``hold`` and its transaction learns here that another
    went on in its place; it must read anew what it is about to write.
    """
    if take_lease(name, seconds):
        return True
    _held.pop(name, None)
    return False


def let_go() -> None:
    """Give back every lease that this process holds, at its end."""
    for name in list(_held):
        drop_lease(name)
        _held.pop(name, None)


def claim(rows: models.QuerySet[Row], change: Callable[[Row, datetime], None], limit: int = 1) -> list[Row]:
    """Lock up to ``limit`` of these rows, change each, save it, and return them.

    Rows that another worker is claiming at this moment are passed over (PostgreSQL) or waited for (SQLite, where
    writers queue and the rows are then read afresh).
    """
    with transaction.atomic():
        now = database_now()
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        claimed = list(rows[:limit])
        for row in claimed:
            change(row, now)
            row.save()
        return claimed


def patient(act: Callable[P, T]) -> Callable[P, T]:
    """Do an act anew when the database broke it off because two waited for each other; nothing of it was kept then.

    Inside somebody else's transaction the error goes on to whoever began it.
    """

    @wraps(act)
    def patiently(*given: P.args, **more: P.kwargs) -> T:
        for _ in range(_PATIENCE):
            try:
                return act(*given, **more)
            except OperationalError as error:
                broken_off = getattr(error.__cause__, "sqlstate", "") in _BROKEN_OFF
                if not broken_off or connection.in_atomic_block:
                    raise
        return act(*given, **more)

    return patiently


# A sequence hands out ids before their rows are visible, so on PostgreSQL a row can appear below one already read.
# Readers therefore look back this far; a full sweep now and then catches what even that missed.
LOOK_BACK = 5_000


def unread(rows: models.QuerySet[Row], cursor: str, taken: models.QuerySet[models.Model], limit: int) -> list[Row]:
    """Up to ``limit`` rows, oldest first, that ``taken`` does not hold yet.

    ``taken`` is a queryset filtered by ``OuterRef("pk")``. The cursor bounds how far back is looked.
    """
    fresh = rows.filter(~models.Exists(taken), pk__gt=max(0, position(cursor) - _look_back())).order_by("pk")
    return list(fresh[:limit])


def in_order(log: str) -> None:
    """Call in a transaction before adding to a log that others follow by id: its rows then appear in that order.

    PostgreSQL hands out ids before rows are visible, so a follower could pass a row by; writers of one log therefore
    take turns until they commit. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [log])


def position(cursor: str) -> int:
    """How far the reader of this name has come."""
    return Cursor.objects.filter(name=cursor).values_list("position", flat=True).first() or 0


def advance(cursor: str, to: int) -> None:
    """Remember that rows up to this id were read; never moves backwards."""
    if not Cursor.objects.filter(name=cursor, position__lt=to).update(position=to):
        Cursor.objects.bulk_create([Cursor(name=cursor, position=to)], ignore_conflicts=True)


def rewind(cursor: str) -> None:
    """Let the next read look at every row again; rows already taken are passed over."""
    Cursor.objects.filter(name=cursor).update(position=0)


def _look_back() -> int:
    return LOOK_BACK if connection.vendor == "postgresql" else 0
