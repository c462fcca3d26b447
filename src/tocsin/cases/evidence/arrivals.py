"""Files that came with a letter which was taken into the case, and are no evidence of it yet."""

import base64
from dataclasses import dataclass
from uuid import UUID

from django.http import Http404

from tocsin.cases.evidence.access import pieces
from tocsin.keys.safes import OpenSafe
from tocsin.mailbox.files import place_of

_LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file of a letter: the letter's row and the file's number in it, and what opens it. The name is foreign."""

    row: UUID
    number: int
    came: str
    name: str
    kind: str
    place: str
    key: bytes
    size: int
    sha256: str

    @property
    def is_there(self) -> bool:
        """Whether its sealed file is on this disk; a letter that names none is no reason to fail."""
        try:
            return bool(self.place) and place_of(self.place).is_file()
        except ValueError:
            return False


def arrivals(safe: OpenSafe) -> list[Arrival]:
    """Those of every letter that this person can read, without what is evidence already."""
    known = {one.piece.file.sha256 for one in pieces(safe)}
    letters = (one for one in safe.records() if one.body.get("kind") == _LETTER)
    found = (
        Arrival(
            letter.id,
            number,
            str(letter.body.get("came", "")),
            str(file.get("name", ""))[:200],
            str(file.get("type", ""))[:100],
            str(file.get("place", "")),
            base64.b64decode(file.get("key", "")),
            int(file.get("size", 0)),
            str(file.get("sha256", "")),
        )
        for letter in letters
        for number, file in enumerate(letter.body.get("files", []))
    )
    return [one for one in found if one.sha256 not in known and one.is_there]


def arrival(safe: OpenSafe, row: UUID, number: int) -> Arrival:
    """One of them.

    Raises:
        Http404: when it is not there.
    """
    found = next((one for one in arrivals(safe) if (one.row, one.number) == (row, number)), None)
    if found is None:
        raise Http404
    return found
