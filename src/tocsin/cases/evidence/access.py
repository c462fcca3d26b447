"""How evidence is obtained: through its case, by who holds its compartment. Missing and forbidden look the same."""

from typing import Final
from uuid import UUID

from django.http import Http404

from tocsin.cases.access import BOTH, access_case
from tocsin.cases.entries import entries
from tocsin.cases.evidence.items import KIND, Evidence, Kept
from tocsin.keys.safes import NotInError, OpenSafe
from tocsin.keys.vaults import OpenVault

COMPARTMENT: Final = "evidence"
_WITH_FILES: Final = frozenset({"report", "happened", "threat", "detention", "contact", "instruction"})


def access_evidence(vault: OpenVault, case: UUID) -> OpenSafe:
    """The case, or reporter's safe, of some evidence.

    Raises:
        Http404: when there is none, or this person does not hold its evidence.
        SealError: when something in it is not as its members sealed it.
    """
    safe = access_case(vault, case, BOTH)
    if COMPARTMENT not in safe.compartments:
        raise Http404
    return safe


def pieces(safe: OpenSafe) -> list[Kept]:
    """Every piece of a case, the newest first."""
    found = [
        Kept(one.id, one.version, Evidence.unpack(one.body))
        for one in safe.records(COMPARTMENT)
        if one.body.get("kind") == KIND
    ]
    return sorted(found, key=lambda one: (one.piece.custody[0].at, one.id.hex), reverse=True)


def piece(safe: OpenSafe, row: UUID) -> Kept:
    """One piece.

    Raises:
        Http404: when it is not there.
    """
    try:
        found = safe.record(row)
    except NotInError:
        raise Http404 from None
    if found.compartment != COMPARTMENT or found.body.get("kind") != KIND:
        raise Http404
    return Kept(found.id, found.version, Evidence.unpack(found.body))


def belongs_to(safe: OpenSafe) -> list[tuple[str, str]]:
    """The records that a piece may belong to, as this person reads them: the report with which it came, say."""
    found = [one for one in entries(safe) if one.what.kind in _WITH_FILES]
    return [(str(one.id), f"{one.what.title}: {one.what.headline[:80]}") for one in found]


def attached(safe: OpenSafe) -> dict[str, list[Kept]]:
    """The pieces that belong to a record, by its id, as far as this person holds the evidence."""
    found: dict[str, list[Kept]] = {}
    for one in pieces(safe) if COMPARTMENT in safe.compartments else []:
        if one.piece.about:
            found.setdefault(one.piece.about, []).append(one)
    return found
