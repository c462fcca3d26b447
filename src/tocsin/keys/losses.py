"""Says in advance what would be lost, and with whom."""

from dataclasses import dataclass
from enum import StrEnum

from tocsin.keys import entrusting
from tocsin.keys.safes import OpenSafe


class Why(StrEnum):
    """Why nobody could bring a compartment back."""

    NOBODY = "no custodians"
    NOT_ENTRUSTED = "not entrusted"
    TOO_FEW = "too few custodians"


@dataclass(frozen=True, slots=True)
class Loss:
    """A compartment to which one person's passphrase is the only way; ``holder`` None: to which there is none."""

    compartment: str
    holder: int | None
    why: Why


def warnings(opened: OpenSafe) -> list[Loss]:
    """The compartments that are lost if one person loses their passphrase.

    Who is in it for a while, or has made new keys since they were let in, does not count as a holder; a custodian who
    made new keys, or who is the very holder, does not count as a custodian.
    """
    head, sound = opened.head, entrusting.standing(opened.id, opened.head)
    able = {person for person, keys in head.custodians.items() if _current(opened, person, keys)}
    found = []
    for name in sorted(head.epochs):
        lasting = [one for one in head.holders(name) if _lasting(opened, one)]
        if len(lasting) > 1:
            continue
        if not head.custodians:
            why = Why.NOBODY
        elif name not in sound:
            why = Why.NOT_ENTRUSTED
        elif len(able - set(lasting)) < head.quorum:
            why = Why.TOO_FEW
        else:
            continue
        found.append(Loss(name, lasting[0] if lasting else None, why))
    return found


def _lasting(opened: OpenSafe, person: int) -> bool:
    return not opened.head.members[person].until and _current(opened, person, opened.head.signers[person])


def _current(opened: OpenSafe, person: int, keys: str) -> bool:
    now = opened.vault.directory.now(person)
    return now is not None and now.digest.hex() == keys
