"""What is written down of an alert: a line of its timeline, and an entry of the record."""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.conf import settings

from tocsin.alerts.models import Alert, Event
from tocsin.audit import actions as audit
from tocsin.people.models import Person


def note(alert: Alert, verb: str, at: datetime, person: Person | None = None, via: str = "", **facts: object) -> None:
    """Add a line to the timeline and to the record, in the transaction of the act."""
    Event.objects.create(alert=alert, at=at, verb=verb, person=person, via=via, facts=facts)
    actor = person.pk if person is not None else None
    if not alert.named:
        plain: dict[str, Any] = {name: value for name, value in facts.items() if isinstance(value, int | str | bool)}
        audit.record(actor, f"alert.{verb}", f"alert:{alert.public_id}", **plain)
        return
    # The chain holds that something was done; what, and to which alert, only a keyed hash of it.
    text = f"{verb}:{alert.public_id}:{actor}".encode()
    audit.record(None, "private", audit.PRIVATE, hash=hmac.new(settings.SECRET_KEY.encode(), text, sha256).hexdigest())
