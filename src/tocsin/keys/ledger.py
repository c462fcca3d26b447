"""The ledger: what was shredded and who was taken out, in random ids, so that a restored backup forgets it again.

It stands in rows and, since a backup that is older does not know the newest of them, in a file beside the backups.
Each line of that file carries its number and a keyed hash over itself and all before it, and a last line says where it
ends, so that nobody can make a restore destroy more than was shredded, or less. An older file is whole, too: only who
wrote its number down elsewhere knows that it is an older one.
"""

import hmac
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from tocsin.keys import directory, proofs
from tocsin.keys.models import Removal, Shredding
from tocsin.keys.tampering import mark
from tocsin.keys.vaults import OpenVault


class ForgedLedgerError(Exception):
    """A line was not written by this home, or was changed, or is not there."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to be forgotten: a safe or a compartment of it (``person`` 0), or somebody's wraps of it.

    ``version`` is that of the safe from which on somebody, or a compartment, is out; ``proof``, in hexadecimal digits,
    what somebody signed of it: see ``proofs``.
    """

    safe: str
    compartment: str = ""
    person: int = 0
    version: int = 0
    proof: str = field(default="", compare=False)

    def words(self) -> dict[str, Any]:
        """As a file of the ledger has it."""
        words = asdict(self)
        return words if self.proof else {name: one for name, one in words.items() if name != "proof"}


@dataclass(frozen=True, slots=True)
class End:
    """How many lines there are, and the keyed hash over all of them in hex: what to write down elsewhere."""

    number: int
    mark: str

    @property
    def words(self) -> str:
        """As a person writes it down."""
        return f"number {self.number}, hash {self.mark[:16]}"


def removed(vault: OpenVault, safe: UUID, people: Iterable[int], version: int) -> None:
    """From this version on these people are out, by this person's hand."""
    signed = [proofs.removed(vault, safe, person, version) for person in sorted(people)]
    Removal.objects.bulk_create(
        [Removal(safe=safe, person=one.person, version=version, proof=one.pack()) for one in signed]
    )


def stamp(line: Line) -> str:
    """This home's mark that something was shredded."""
    return mark("shredding", line.safe, line.compartment, line.version)


def is_ours(line: Line, given: str) -> bool:
    """Whether this home marked it so."""
    return hmac.compare_digest(given, stamp(line))


def lines() -> list[Line]:
    """Everything that was shredded, then everybody who was taken out.

    What this home did not mark, or nobody signed, is passed over: no row makes a restore destroy anything. It can be
    asked of a database whose tables are of an earlier shape.
    """
    if not _has_proofs():
        return [line for line, stamp in _shredded("") if is_ours(line, stamp)]
    return [*(line for line, stamp in _shredded("proof") if is_ours(line, stamp)), *_removed()]


def _shredded(*also: str) -> list[tuple[Line, str]]:
    rows = Shredding.objects.order_by("day", "pk")
    columns = ["safe", "compartment", "version", "stamp", *(one for one in also if one)]
    return [
        (Line(safe.hex, name, version=version, proof=bytes(proof[0]).hex() if proof else ""), stamp)
        for safe, name, version, stamp, *proof in rows.values_list(*columns)
    ]


def _removed() -> list[Line]:
    known, found = directory.load(), []
    for row in Removal.objects.order_by("pk"):
        said = proofs.removal(bytes(row.proof))
        same = said is not None and (said.safe, said.person, said.version) == (row.safe.hex, row.person, row.version)
        if said is not None and same and said.holds(known):
            found.append(Line(row.safe.hex, row.compartment, row.person, row.version, bytes(row.proof).hex()))
    return found


def _has_proofs() -> bool:
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, Removal._meta.db_table)
    return "proof" in {column.name for column in columns}


def text(known: Iterable[Line]) -> str:
    """A file of lines."""
    written, end = [], End(0, "")
    for line in known:
        end = _next(end, line)
        written.append({**line.words(), "number": end.number, "mark": end.mark})
    last = {"end": end.number, "mark": _last(end)}
    return "".join(json.dumps(one, sort_keys=True) + "\n" for one in [*written, last])


def end_of(known: Iterable[Line]) -> End:
    """Where a ledger of these lines ends."""
    end = End(0, "")
    for line in known:
        end = _next(end, line)
    return End(end.number, _last(end))


def _next(end: End, line: Line) -> End:
    return End(end.number + 1, mark("ledger", end.number + 1, end.mark, *line.words().values()))


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
