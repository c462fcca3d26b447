"""The ledger: what was shredded and who was taken out, in random ids, so that a restored backup forgets it again.

It stands in rows and, since a backup that is older does not know the newest of them, in a file beside the backups.
Each line of that file carries its number and a keyed hash over itself and all before it, and a last line says where it
ends, so that nobody can make a restore destroy more than was shredded, or less. An older file is whole, too: only who
wrote its number down elsewhere knows that it is an older one.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID

from django.db import connection

from tocsin.keys.models import Removal, Shredding
from tocsin.keys.tampering import mark


class ForgedLedgerError(Exception):
    """A line was not written by this home, or was changed, or is not there."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be forgotten: a safe or a compartment of it (``person`` 0), or somebody's wraps of it.

    ``version`` is that of the safe from which on somebody, or a compartment, is out.
    """

    safe: str
    compartment: str = ""
    person: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True)
class End:
    """How many lines there are, and the keyed hash over all of them in hex: what to write down elsewhere."""

    number: int
    mark: str

    @property
    def words(self) -> str:
        """As a person writes it down."""
        return f"number {self.number}, hash {self.mark[:16]}"


def removed(safe: UUID, people: Iterable[int], version: int) -> None:
    """From this version on these people are out."""
    Removal.objects.bulk_create([Removal(safe=safe, person=person, version=version) for person in sorted(people)])


def gone(safe: UUID, version: int) -> set[str]:
    """The compartments that were shredded after this version, which only a restored backup can show.

    A row that this home did not mark is passed over: nobody hides a deletion by writing one.
    """
    rows = Shredding.objects.filter(safe=safe, version__gt=version).exclude(compartment="")
    return {one.compartment for one in rows if _is_ours(one)}


def stamp(line: Line) -> str:
    """This home's mark that something was shredded."""
    return mark("shredding", line.safe, line.compartment, line.version)


def is_ours(line: Line, given: str) -> bool:
    """Whether this home marked it so."""
    return hmac.compare_digest(given, stamp(line))


def _is_ours(row: Shredding) -> bool:
    return is_ours(Line(row.safe.hex, row.compartment, version=row.version), row.stamp)


def lines() -> list[Line]:
    """Everything that was shredded, then everybody who was taken out."""
    rows = Shredding.objects.order_by("day", "pk")
    shredded = [Line(one.safe.hex, one.compartment, version=one.version) for one in rows if _is_ours(one)]
    out = [Line(one.safe.hex, one.compartment, one.person, one.version) for one in Removal.objects.order_by("pk")]
    return [*shredded, *out]


def text(known: Iterable[Line]) -> str:
    """A file of lines."""
    written, end = [], End(0, "")
    for line in known:
        end = _next(end, line)
        written.append({**asdict(line), "number": end.number, "mark": end.mark})
    last = {"end": end.number, "mark": _last(end)}
    return "".join(json.dumps(one, sort_keys=True) + "\n" for one in [*written, last])


def end_of(known: Iterable[Line]) -> End:
    """Where a ledger of these lines ends."""
    end = End(0, "")
    for line in known:
        end = _next(end, line)
    return End(end.number, _last(end))


def _next(end: End, line: Line) -> End:
    return End(end.number + 1, mark("ledger", end.number + 1, end.mark, *asdict(line).values()))


def _last(end: End) -> str:
    return mark("ledger end", end.number, end.mark)


def read(path: Path) -> list[Line]:
    """The lines of a file.

    Raises:
        ForgedLedgerError: for one that this home's secret key did not mark, or that is missing.
        OSError: when it can't be read.
    """
    found, end = [], End(0, "")
    written = path.read_text(encoding="utf-8").splitlines()
    for number, one in enumerate(written[:-1], start=1):
        try:
            words = json.loads(one)
            said, _ = str(words.pop("mark")), words.pop("number")
            line = Line(**words)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ForgedLedgerError(number) from None
        end = _next(end, line)
        if not hmac.compare_digest(said, end.mark):
            raise ForgedLedgerError(number)
        found.append(line)
    if written[-1:] != [json.dumps({"end": end.number, "mark": _last(end)}, sort_keys=True)]:
        raise ForgedLedgerError(max(len(written), 1))
    return found


def sweep() -> bool:
    """Let the database overwrite what shredded rows left behind in its own files. True when it did."""
    if not Shredding.objects.filter(swept=False).exists() or connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table in ("keys_wrap", "keys_share", "keys_custody", "keys_epoch", "keys_row", "keys_safe"):
                cursor.execute(f"VACUUM {table}")
    Shredding.objects.filter(swept=False).update(swept=True)
    return True
