"""Records as this room reads them: who wrote what when, and what it says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from tocsin.cases.kinds import base
from tocsin.cases.kinds.base import Due, Kind
from tocsin.cases.kinds.registry import KINDS
from tocsin.keys.safes import OpenSafe, Record
from tocsin.keys.tampering import mark

K = TypeVar("K", bound=Kind)


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: what it says, who wrote it when, and who changed it last."""

    id: UUID
    compartment: str
    version: int
    at: datetime
    by: int
    changed_at: datetime
    changed_by: int
    what: Kind


@dataclass(frozen=True, slots=True)
class Dated:
    """Something due, and the entry that says so."""

    due: Due
    entry: Entry


def body(what: Kind, at: datetime, by: int, before: Entry | None = None) -> dict[str, Any]:
    """What is sealed."""
    first = before or Entry(UUID(int=0), "", 0, at, by, at, by, what)
    words: dict[str, Any] = {"kind": what.kind, "at": first.at.isoformat(), "by": first.by, "is": base.pack(what)}
    return words if before is None else {**words, "changed_at": at.isoformat(), "changed_by": by}


def entry(record: Record) -> Entry | None:
    """What a record says; None for a kind that is not of this room."""
    words = record.body
    kind = KINDS.get(words.get("kind", ""))
    if kind is None:
        return None
    at, by = datetime.fromisoformat(words["at"]), int(words["by"])
    changed = datetime.fromisoformat(words["changed_at"]) if "changed_at" in words else at
    what = base.unpack(kind, words["is"])
    return Entry(record.id, record.compartment, record.version, at, by, changed, int(words.get("changed_by", by)), what)


def entries(safe: OpenSafe, *compartments: str) -> list[Entry]:
    """The records of these compartments that this person can read, or of all but identity; newest first."""
    wanted = compartments or tuple(safe.compartments - {"identity", "evidence"})
    held = [one for one in wanted if one in safe.compartments]
    found = [entry(one) for one in safe.records(*held)] if held else []
    return sorted((one for one in found if one is not None), key=lambda one: (one.at, one.id), reverse=True)


def of(found: Iterable[Entry], kind: type[K]) -> list[tuple[Entry, K]]:
    """Those of one kind."""
    return [(one, one.what) for one in found if isinstance(one.what, kind)]


def first(found: Iterable[Entry], kind: type[K]) -> tuple[Entry, K] | tuple[None, None]:
    """The newest of one kind."""
    return next(iter(of(found, kind)), (None, None))


def dues(found: Iterable[Entry], now: datetime) -> list[Dated]:
    """What is due, soonest first."""
    all_of_it = [Dated(due, one) for one in found for due in one.what.dues(now)]
    return sorted(all_of_it, key=lambda one: (one.due.on, one.due.at or now, str(one.entry.id)))


def hashed(row: UUID) -> str:
    """What the log calls a record: a keyed hash that leads nobody to it, and is the same each time."""
    return mark("record", row.hex)[:12]


def holds(found: Sequence[Entry], row: str, kind: type[Kind], today: date) -> bool:
    """Whether a record of this kind stands there that can be built on now."""
    one = next((one for one in found if str(one.id) == row and isinstance(one.what, kind)), None)
    judge = getattr(one.what, "holds", None) if one is not None else None
    return bool(judge and judge(today))
