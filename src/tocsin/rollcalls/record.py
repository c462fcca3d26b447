"""What is written down of an act: that something was done, as a keyed hash that no page shows."""

import hmac
from hashlib import sha256

from django.conf import settings

from tocsin.audit import actions as audit


def note(actor: int | None, verb: str, target: str) -> None:
    """Add an entry to the record in the transaction of the act; who reads the record learns nothing of a person."""
    text = f"rollcalls.{verb}:{target}:{actor}".encode()
    audit.record(None, "private", audit.PRIVATE, hash=hmac.new(settings.SECRET_KEY.encode(), text, sha256).hexdigest())
