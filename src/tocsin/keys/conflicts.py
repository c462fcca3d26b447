"""Who is in conflict with a safe: kept out by who leads it, with a reason that stands in its log."""

from uuid import UUID

from django.db import transaction

from tocsin.keys import safes, tampering
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault


def change(vault: OpenVault, safe: UUID, person: int, reason: str, *, out: bool) -> None:
    """Keep somebody out, or no longer. The safe's log says who and why; the record that something was done.

    Raises:
        NotInError: for somebody who does not hold every compartment.
        NotLastingError: for somebody who is in it for a while.
        BarredError: for one who is in it, or keeps a share of it.
        ValueError: without a reason.
    """
    why = " ".join(reason.split())
    if not why:
        raise ValueError("a conflict needs a reason")

    def act(opened: OpenSafe) -> None:
        before = opened.head.barred
        opened.bar(before | {person} if out else before - {person})

    with transaction.atomic():
        safes.changing(vault, safe, act)
        OpenSafe(vault, safe).log("kept_out" if out else "no_longer_kept_out", person=person, reason=why)
        tampering.note("barred", safe.hex, person, out)
