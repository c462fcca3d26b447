"""Keeps what custodians hold in step with a safe: it is made anew for new epochs, new keys, and what was changed."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from tocsin.keys import custodians, tampering
from tocsin.keys.custodians import Made
from tocsin.keys.directory import Keys
from tocsin.keys.heads import Head
from tocsin.keys.models import Custody
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault, UnverifiedError


def standing(safe: UUID, head: Head) -> frozenset[str]:
    """The compartments that are entrusted as the head says; the record names one that was changed or is missing."""
    if not head.custody:
        return frozenset()
    stored = custodians.stored(safe)
    sound = {name for name, said in head.custody.items() if name in stored and _is(stored[name], said)}
    for name in head.custody.keys() - sound:
        tampering.report(TamperError(safe.hex, f"custody {name}"))
    return frozenset(sound)


def _is(custody: Custody, said: str) -> bool:
    return custodians.digest_of(custody).hex() == said


def renewed(
    vault: OpenVault,
    safe: UUID,
    head: Head,
    keys: Mapping[tuple[str, int], bytes],
    begun: Collection[str],
    *,
    fixed: bool = False,
) -> tuple[Head, list[Made]]:
    """The head with what it entrusts now, and what is to be stored for it.

    When the keys of a custodian were not compared with them in this vault, nothing is made: a compartment whose epoch
    is new is then entrusted to nobody until somebody changes the safe who can. Taking a person out never waits for it.
    While a quorum gives the keys away the custodians are ``fixed``: none gets other keys by it.
    """
    people = _people(vault, head)
    if people is None or (fixed and {one.person: one.digest.hex() for one in people} != head.custodians):
        return replace(head, custody={name: one for name, one in head.custody.items() if name not in begun}), []
    chosen = {one.person: one.digest.hex() for one in people}
    sound = standing(safe, head) - set(begun) if chosen == head.custodians else frozenset()
    held = {name for name, number in head.epochs.items() if (name, number) in keys}
    # What this person does not hold is not theirs to change.
    custody = {name: one for name, one in head.custody.items() if name in sound or name not in held}
    made = []
    for name, number in sorted(head.epochs.items()):
        living = {epoch: key for (one, epoch), key in keys.items() if one == name}
        if people and name not in sound and number in living:
            made.append(custodians.make(vault, safe, name, living, people, head.quorum, head.barred))
            one = made[-1]
            custody[name] = custodians.digest(safe, name, one.number, one.custody, one.shares).hex()
    return replace(head, custodians=chosen, custody=custody), made


def _people(vault: OpenVault, head: Head) -> list[Keys] | None:
    try:
        return [vault.keys_to_wrap_for(person) for person in sorted(head.custodians)]
    except UnverifiedError:
        return None
