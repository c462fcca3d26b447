"""What is written down of an act: that something was done, as a keyed hash that no page shows."""

from tocsin.keys.tampering import note as _note


def note(actor: int | None, verb: str, target: object) -> None:
    """Add an entry to the record in the transaction of the act; who reads the record learns nothing of a letter."""
    _note("mailbox", verb, target, actor)
