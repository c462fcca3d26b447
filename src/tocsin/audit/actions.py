"""Writing to the record."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from tocsin.audit.models import Entry

# The target of entries about what only named people may know of: they hold a keyed hash, and no page shows them.
PRIVATE = "private:0"


def record(actor: int | None, verb: str, target: str, *, purpose: str = "", **facts: int | str | bool | None) -> Entry:
    """Add one entry in the transaction of the act itself.

    ``actor`` is a person's id, None for the system; ``target`` is ``kind:id``. ``facts`` hold ids, counts and keyed
    hashes, never a body.

    Raises:
        RuntimeError: outside a transaction, where the act could stand without its entry.
    """
    entry = Entry(at=timezone.now(), actor=actor, verb=verb, target=target, purpose=purpose, facts=facts)
    record_all([entry])
    return entry


def record_all(entries: Sequence[Entry]) -> None:
    """Add entries, as ``record`` does, in their order.

    Raises:
        RuntimeError: outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an audit entry must share the transaction of what it records")
    Entry.objects.bulk_create(entries)
