"""A piece of evidence as a sealed record: the file, where it came from, and every hand that it went through.

The lines of custody follow the Berkeley Protocol on Digital Open Source Investigations (OHCHR, 2022), chapter VI.
Each line carries the hash of the one before, so that whoever knows the last hash sees whether one was taken away.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from tocsin.keys.files import StoredFile

KIND: Final = "evidence"


class Act(StrEnum):
    """What somebody did with it."""

    RECEIVED = "received"
    VIEWED = "viewed"
    COPIED = "copied"
    SENT = "sent"
    STAMPED = "stamped"
    DESCRIBED = "described"
    RESEALED = "sealed again"
    REMOVED = "taken out"


class Harm(StrEnum):
    """What it does to who looks. Nobody has looked yet, as far as we know, unless somebody says so."""

    UNKNOWN = "unknown"
    DISTRESSING = "distressing"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of custody. ``by`` is a person's id, ``to`` whoever it was handed to, ``digest`` closes the chain."""

    at: str
    by: int
    act: Act
    why: str = ""
    to: str = ""
    digest: str = ""

    @property
    def moment(self) -> datetime:
        """When."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A trusted stamp (RFC 3161) over the file's SHA-256: when, by whose clock, and the answer itself as hex digits."""

    at: str
    service: str
    answer: str

    @property
    def moment(self) -> datetime:
        """When the service saw the hash."""
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece. The description comes before everything that can be seen of it.

    ``captured_on`` is the day on which it was made, as far as anybody knows; ``captured_by`` and ``captured_how`` say
    who made it and by what means, ``source`` who gave it to us, ``about`` the record of the case with which it came.
    ``name`` and ``claimed`` are what its sender called it; ``facts`` what the file tells beside what it shows.
    ``epoch`` is that of the compartment when the file was sealed; ``gone`` the day on which the file was taken out: its
    key is then no longer here.
    """

    description: str
    source: str
    file: StoredFile
    captured_on: date | None = None
    captured_by: str = ""
    captured_how: str = ""
    harm: Harm = Harm.UNKNOWN
    about: str = ""
    name: str = ""
    claimed: str = ""
    media: str = "other"
    warnings: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    trouble: str = ""
    epoch: int = 1
    gone: str = ""
    stamp: Stamp | None = None
    custody: tuple[Line, ...] = field(default=())

    def then(self, at: datetime, by: int, act: Act, why: str = "", to: str = "") -> "Evidence":
        """The same with one more line of custody."""
        before = self.custody[-1].digest if self.custody else self.file.sha256
        line = Line(at.isoformat(timespec="seconds"), by, act, why, to)
        return replace(self, custody=(*self.custody, replace(line, digest=_closed(before, line))))

    @property
    def unbroken(self) -> bool:
        """Whether every line follows from the one before, back to the file's own hash."""
        before = self.file.sha256
        for line in self.custody:
            if line.digest != _closed(before, replace(line, digest="")):
                return False
            before = line.digest
        return bool(self.custody)

    def pack(self) -> dict[str, Any]:
        """For a sealed record."""
        words = {
            "kind": KIND,
            "description": self.description,
            "source": self.source,
            "file": self.file.pack(),
            "captured_on": self.captured_on.isoformat() if self.captured_on else "",
            "captured_by": self.captured_by,
            "captured_how": self.captured_how,
            "harm": self.harm.value,
            "about": self.about,
            "name": self.name,
            "claimed": self.claimed,
            "media": self.media,
            "warnings": list(self.warnings),
            "facts": [list(one) for one in self.facts],
            "trouble": self.trouble,
            "epoch": self.epoch,
            "gone": self.gone,
            "custody": [asdict(line) for line in self.custody],
        }
        return words | ({"stamp": asdict(self.stamp)} if self.stamp else {})

    @classmethod
    def unpack(cls, body: Mapping[str, Any]) -> "Evidence":
        """From a sealed record."""
        return cls(
            description=body["description"],
            source=body["source"],
            file=StoredFile.unpack(body["file"]),
            captured_on=date.fromisoformat(body["captured_on"]) if body["captured_on"] else None,
            captured_by=body["captured_by"],
            captured_how=body["captured_how"],
            harm=Harm(body["harm"]),
            about=body.get("about", ""),
            name=body["name"],
            claimed=body["claimed"],
            media=body["media"],
            warnings=tuple(body["warnings"]),
            facts=tuple((name, value) for name, value in body["facts"]),
            trouble=body["trouble"],
            epoch=body["epoch"],
            gone=body["gone"],
            stamp=Stamp(**body["stamp"]) if body.get("stamp") else None,
            custody=tuple(Line(**{**line, "act": Act(line["act"])}) for line in body["custody"]),
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece as it stands in its safe: the row, and the version that a change must name."""

    id: UUID
    version: int
    piece: Evidence


def _closed(before: str, line: Line) -> str:
    words = json.dumps([before, line.at, line.by, line.act.value, line.why, line.to], ensure_ascii=False)
    return hashlib.sha256(words.encode()).hexdigest()
