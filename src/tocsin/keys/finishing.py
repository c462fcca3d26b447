"""The end of a recovery: the new holder puts a quorum's shares together and comes in."""

import json
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tocsin.keys import announcing, custodians, tampering
from tocsin.keys.consents import Given as Yes
from tocsin.keys.consents import consents, state
from tocsin.keys.directory import Keys
from tocsin.keys.models import Consent, Custody, Recovery
from tocsin.keys.recovery import check_asked, entrusted, handed_on, one_of, standing, what_is_agreed
from tocsin.keys.safes import Given, NotInError, OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.tampering import TamperError
from tocsin.keys.vaults import OpenVault, Seen


class TooFewError(Exception):
    """Not enough custodians agreed yet."""

    def __init__(self, have: int, need: int) -> None:
        super().__init__(have, need)
        self.have, self.need = have, need


def finish(vault: OpenVault, recovery: UUID, leaving_out: Collection[int] = ()) -> OpenSafe:
    """Put the shares together and come in. For good, new epochs begin at once; ``reseal`` then renews what was written.

    ``leaving_out`` are people in it who lost their keys, and made new ones since: they are taken out.

    Raises:
        NotInError: for anybody but the named new holder.
        NotNowError: when it is early, over, or the safe's keys changed since it was asked.
        TooFewError: when fewer than a quorum agreed.
        TamperError: when what they handed on is not what was entrusted.
        UnverifiedError: when somebody stays in it whose keys were not compared with them.
        StaysError: when somebody can't be left out.
        ChangedError: when somebody changed the safe at this moment: try again.
    """
    row = one_of(vault.person, recovery)
    own = vault.directory.at(vault.person, vault.generation)
    if own is None or (row.holder, row.holder_generation) != (own.person, own.generation):
        raise NotInError
    seen = standing(vault, row)
    check_asked(vault, row, seen)
    stored = entrusted(row.safe_id, seen)
    handed = _handed(vault, row, seen, own)
    if len(handed) < max(seen.quorum, custodians.LEAST):
        raise TooFewError(len(handed), seen.quorum)
    keys = _put_together(row, stored, {yes.person: shares for yes, shares in handed})
    packed = what_is_agreed(row).by(tuple(yes for yes, _ in handed)).pack()
    opened = OpenSafe(vault, row.safe_id, Given(keys, packed))
    opened.take_over(row.compartments, row.until, leaving_out)
    opened.commit()
    opened.log("recovered", kind=str(row.kind), id=row.pk.hex, agreed=sorted(yes.person for yes, _ in handed))
    with transaction.atomic():
        Recovery.objects.filter(pk=row.pk).update(done_at=timezone.now())
        Consent.objects.filter(recovery=row).delete()
        announcing.tell({*seen.members, *seen.custodians} - {vault.person}, f"{row.pk.hex}:done", life=False)
        tampering.note("recovered", row.pk.hex)
    return opened


def _handed(vault: OpenVault, row: Recovery, seen: Seen, own: Keys) -> list[tuple[Yes, dict[str, str]]]:
    """Who agreed, with their shares by compartment. What a custodian of this safe did not sign is passed over."""
    said = what_is_agreed(row).statement(row.safe_id, own, state(seen))
    sound: list[tuple[Yes, bytes]] = []
    for one in Consent.objects.filter(recovery=row).order_by("person"):
        yes = Yes(one.person, one.generation, bytes(one.signature))
        handed = Yes(one.person, one.generation, bytes(one.sealed_signature))
        message = handed_on(row, one.person, bytes(one.sealed))
        signed = [consents(yes, seen.custodians, said, vault.directory)]
        signed.append(consents(handed, seen.custodians, message, vault.directory))
        if all(signed):
            sound.append((yes, bytes(one.sealed)))
        else:
            tampering.report(TamperError(row.safe_id.hex, f"consent {one.person}"))
    plain = vault.open_boxes([sealed for _, sealed in sound])
    opened = [(yes, _shares(box)) for (yes, _), box in zip(sound, plain, strict=True)]
    return [(yes, shares) for yes, shares in opened if shares]


def _shares(box: bytes | None) -> dict[str, str]:
    """A custodian's words by compartment; none of what is anything else."""
    try:
        words = json.loads(box or b"")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(words, dict):
        return {}
    return {name: one for name, one in words.items() if isinstance(one, str)}


def _put_together(
    row: Recovery, stored: Mapping[str, Custody], handed: Mapping[int, Mapping[str, str]]
) -> dict[tuple[str, int], bytes]:
    keys: dict[tuple[str, int], bytes] = {}
    for name in row.compartments:
        shares = {person: words for person, given in handed.items() if (words := given.get(name))}
        try:
            opened = custodians.open_keys(stored[name], _sound(stored[name], shares))
        except SealError:
            error = TamperError(row.safe_id.hex, f"shares {name}")
            tampering.report(error)
            raise error from None
        keys |= {(name, number): key for number, key in opened.items()}
    return keys


def _sound(custody: Custody, shares: Mapping[int, str]) -> dict[int, str]:
    """Those shares that are what was committed to."""
    return {person: words for person, words in shares.items() if custodians.is_share(custody, person, words)}
