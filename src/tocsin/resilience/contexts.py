"""Takes files of context in: looked at first, then taken as it was shown, and taken back whole.

Rows are written in small transactions, so that nothing else waits; they count from the moment that the file stands as
taken, and cease at once when it is taken back. Whoever dies in between leaves a file that is taken in anew.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alliances.refusals import RefusedError
from tocsin.lib.claims import drop_lease, take_lease
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience import importing
from tocsin.resilience.access import contexts
from tocsin.resilience.importing import Read, Wrong
from tocsin.resilience.models import Batch, Context, Index
from tocsin.resilience.record import needs_right, note

_CHUNK = 250
_KEPT = timedelta(days=1)
_LEASE = 120
Values = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """What a file says otherwise than what stands: the row as it would stand, and as it does."""

    read: Read
    before: Context


@dataclass(frozen=True, slots=True)
class Outcome:
    """What taking a file in would do."""

    new: tuple[Read, ...]
    changed: tuple[Changed, ...]
    same: int
    doubled: tuple[Wrong, ...]
    refused: tuple[Wrong, ...]

    def digest(self) -> str:
        """The same for the same effect."""
        told = [(*_key(one), *_values(one)) for one in self.new]
        told += [(*_key(one.read), *_values(one.read), *_values(one.before)) for one in self.changed]
        return sha256(repr(told).encode()).hexdigest()


def look_at(by: Person, index: str, body: bytes, file: str = "", on: date | None = None) -> Batch:
    """Read a file and keep it for a day, without taking anything from it.

    Raises:
        RefusedError: when it can't be used at all: too large, no table, not one line to take.
    """
    needs_right(by, Right.STEWARD)
    if index not in Index.values:
        raise RefusedError(_("Choose whose file it is from the list."), "index")
    at = clock.now()
    if index == Index.PROTECTION and (on is None or on > at.date()):
        raise RefusedError(_("Say for which day the file holds; it can’t be to come."), "on")
    found = outcome(index, body, at.date(), on)
    if not (found.new or found.changed or found.same):
        why = found.refused[0].why if found.refused else _("There is no line in it that could be taken.")
        raise RefusedError(why, "file")
    with transaction.atomic():
        row = Batch.objects.create(
            public_id=random_name(10), index=index, file=importing.quoted(file)[:120], at=at, by=by, on=on,
            digest=sha256(body).hexdigest(), body=zlib.compress(body), **_counts(found),
        )  # fmt: skip
        note(by, "look", f"context:{row.public_id}", index=index)
        return row


def seen(batch: Batch, today: date) -> Outcome:
    """What taking in a file that was looked at would do now."""
    body = Batch.objects.values_list("body", flat=True).get(pk=batch.pk)
    return outcome(batch.index, zlib.decompress(bytes(body)), today, batch.on)


def outcome(index: str, body: bytes, today: date, on: date | None) -> Outcome:
    """What taking a file in would do."""
    table = importing.read(index, body, today, on)
    standing: dict[tuple[str, date], Context] = {}
    days = [one.on for one in table.rows]
    if days:
        rows = contexts().filter(index=index, on__gte=min(days), on__lte=max(days)).order_by("pk")
        standing = {(one.country, one.on): one for one in rows}
    new: list[Read] = []
    changed: list[Changed] = []
    for one in table.rows:
        before = standing.get(_key(one))
        if before is None:
            new.append(one)
        elif _values(merged := _merged(one, before)) != _values(before):
            changed.append(Changed(merged, before))
    same = len(table.rows) - len(new) - len(changed)
    return Outcome(tuple(new), tuple(changed), same, table.doubled, table.wrong)


def take(by: Person, batch: Batch) -> Batch:
    """Take in a file as it was shown; one whose taking broke off is taken anew.

    Raises:
        RefusedError: when it was taken or taken back already, somebody takes it at this moment, or what it would do is
            not what was shown any more.
    """
    needs_right(by, Right.STEWARD)
    holder = random_name(16)
    name = f"resilience.context.{batch.public_id}"
    if not take_lease(name, _LEASE, holder):
        raise RefusedError(_("Somebody takes it in at this moment. Look again soon."))
    try:
        return _take(by, batch.pk)
    finally:
        drop_lease(name, holder)


def _take(by: Person, number: int) -> Batch:
    row = Batch.objects.filter(pk=number, state__in=[Batch.State.SEEN, Batch.State.TAKING]).first()
    if row is None:
        raise RefusedError(_("It changed meanwhile. Look again how it stands."))
    found = seen(row, clock.now().date())
    if found.digest() != row.shown:
        Batch.objects.filter(pk=row.pk).update(**_counts(found))
        raise RefusedError(_("Something else was taken in since, so it would do something else now. Look again."))
    Batch.objects.filter(pk=row.pk).update(state=Batch.State.TAKING)
    while _clear(row):
        pass
    rows = [*found.new, *(one.read for one in found.changed)]
    for start in range(0, len(rows), _CHUNK):
        Context.objects.bulk_create(_context(row, one) for one in rows[start : start + _CHUNK])
    with transaction.atomic():
        moved = Batch.objects.filter(pk=row.pk, state=Batch.State.TAKING).update(state=Batch.State.TAKEN, body=b"")
        if not moved:
            raise RefusedError(_("It changed meanwhile. Look again how it stands."))
        note(by, "take", f"context:{row.public_id}", new=row.new, changed=row.changed)
    row.refresh_from_db()
    return row


def undo_batch(by: Person, batch: Batch) -> Batch:
    """Take a file back: at once nothing of it counts, and what it had changed stands as before.

    Raises:
        RefusedError: when it does not stand as taken in.
    """
    needs_right(by, Right.STEWARD)
    with transaction.atomic():
        row = Batch.objects.select_for_update(of=("self",)).defer("body").get(pk=batch.pk)
        if row.state == Batch.State.UNDONE:
            raise RefusedError(_("There is nothing to undo."))
        row.state, row.undone_at, row.body = Batch.State.UNDONE, clock.now(), b""
        row.save()
        note(by, "undo", f"context:{row.public_id}")
        return row


def tidy(at: datetime) -> bool:
    """Erase rows of what was taken back, and files that nobody took in within a day; a part of them at a time."""
    for row in Batch.objects.filter(state=Batch.State.UNDONE, rows__isnull=False).distinct().defer("body")[:1]:
        return _clear(row)
    idle = [Batch.State.SEEN, Batch.State.TAKING]
    for row in Batch.objects.filter(state__in=idle, at__lt=at - _KEPT).defer("body")[:1]:
        if not _clear(row):
            row.delete()
        return True
    return False


def _clear(row: Batch) -> bool:
    numbers = list(Context.objects.filter(batch=row).values_list("pk", flat=True)[:_CHUNK])
    return bool(numbers) and bool(Context.objects.filter(pk__in=numbers).delete()[0])


def _counts(found: Outcome) -> dict[str, object]:
    sizes: dict[str, Sequence[object]] = {
        "new": found.new, "changed": found.changed, "doubled": found.doubled, "refused": found.refused,
    }  # fmt: skip
    return {**{name: len(rows) for name, rows in sizes.items()}, "same": found.same, "shown": found.digest()}


def _key(one: Read) -> tuple[str, date]:
    return one.country, one.on


def _values(one: Read | Context) -> Values:
    return one.word, one.score, one.rank, one.more


def _merged(one: Read, before: Context) -> Read:
    """What a file does not say stays as another said it."""
    score = one.score if one.score is not None else before.score
    rank = one.rank if one.rank is not None else before.rank
    return Read(one.line, one.country, one.on, one.word or before.word, score, rank, one.more or before.more)


def _context(batch: Batch, one: Read) -> Context:
    return Context(
        batch=batch, index=batch.index, country=one.country, on=one.on, word=one.word, score=one.score,
        rank=one.rank, more=one.more,
    )  # fmt: skip
