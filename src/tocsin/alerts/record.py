"""What is written down of an alert: a line of its timeline, and an entry of the record."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.utils import timezone

from tocsin.alerts.models import Alert, Event
from tocsin.audit import actions as audit
from tocsin.audit.models import Entry
from tocsin.people.models import Person


def note(alert: Alert, verb: str, at: datetime, person: Person | None = None, via: str = "", **facts: object) -> None:
    """Add a line to the timeline and to the record, in the transaction of the act."""
    note_all([Line(alert, verb, at, person, via, facts)])


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is yet to be written."""

    alert: Alert
    verb: str
    at: datetime
    person: Person | None = None
    via: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


def note_all(lines: Sequence[Line]) -> None:
    """Add lines, in their order, to the timelines of their alerts and to the record."""
    Event.objects.bulk_create(
        [
            Event(alert=one.alert, at=one.at, verb=one.verb, person=one.person, via=one.via, facts=dict(one.facts))
            for one in lines
        ]
    )
    audit.record_all([_entry(one) for one in lines])


def _entry(line: Line) -> Entry:
    actor = line.person.pk if line.person is not None else None
    if not line.alert.named:
        facts = {name: value for name, value in line.facts.items() if isinstance(value, int | str | bool)}
        target = f"alert:{line.alert.public_id}"
        return Entry(at=timezone.now(), actor=actor, verb=f"alert.{line.verb}", target=target, facts=facts)
    # The chain holds that something was done; what, and to which alert, only a keyed hash of it.
    text = f"{line.verb}:{line.alert.public_id}:{actor}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), text, sha256).hexdigest()
    return Entry(at=timezone.now(), verb="private", target=audit.PRIVATE, facts={"hash": digest})
