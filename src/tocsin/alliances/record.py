"""What is written down of an act. Of slices only that something was done: the record must not tell of a case."""

import hmac
from hashlib import sha256

from django.conf import settings

from tocsin.alliances.models import Contact
from tocsin.audit import actions as audit
from tocsin.people.models import Person


def note(by: Person, verb: str, contact: Contact, *, purpose: str = "", **facts: int | str | bool | None) -> None:
    """Add an entry about an ally, in the transaction of the act."""
    audit.record(by.pk, f"ally.{verb}", f"ally:{contact.public_id}", purpose=purpose, **facts)


def note_sealed(by: Person | None, verb: str, target: str) -> None:
    """Add an entry as a keyed hash that no page shows."""
    text = f"alliances.{verb}:{target}:{by.pk if by is not None else ''}".encode()
    audit.record(None, "private", audit.PRIVATE, hash=hmac.new(settings.SECRET_KEY.encode(), text, sha256).hexdigest())
