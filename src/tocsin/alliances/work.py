"""What the worker does for this room: chases stale entries, destroys expired slices, erases who was let go long ago.

Each part may be killed anywhere and done again: rows are opened, told and closed in one transaction each.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q

from tocsin.alerts import clock, leads
from tocsin.alliances import actions, slices
from tocsin.alliances.access import stale
from tocsin.alliances.models import Again, Contact
from tocsin.lib.claims import hold
from tocsin.people.models import Person

BATCH = 50
REMIND = timedelta(days=14)
KEPT = timedelta(days=365)


def step() -> bool:
    """Do what is due; False when nothing was."""
    if not hold("alliances.work"):
        return False
    at = clock.now()
    return any([open_agains(at), close_agains(at), tell(at), slices.tidy(at), erase(at)])


def open_agains(at: datetime, limit: int = BATCH) -> bool:
    """Put everybody on the list who must be verified again."""
    waiting = Again.objects.filter(closed_at=None).values("contact")
    rows = list(Contact.objects.filter(stale(at)).exclude(pk__in=waiting).order_by("pk")[:limit])
    for row in rows:
        try:
            with transaction.atomic():
                Again.objects.create(contact=row, opened_at=at)
        except IntegrityError:  # another worker was faster
            continue
    return bool(rows)


def close_agains(at: datetime) -> bool:
    """Take everybody off the list who was verified, or is not in use any more."""
    due = Contact.objects.filter(stale(at))
    return bool(Again.objects.filter(closed_at=None).exclude(contact__in=due.values("pk")).update(closed_at=at))


def tell(at: datetime, limit: int = BATCH) -> bool:
    """Tell who looks after them and whoever leads, by day, without a name; every fortnight until it is done."""
    due = Again.objects.filter(Q(told_at=None) | Q(told_at__lte=at - REMIND), closed_at=None)
    rows = list(due.select_related("contact__owner").order_by("pk")[:limit])
    if not rows:
        return False
    leading = leads.people()
    references: dict[Person, list[str]] = defaultdict(list)
    for row in rows:
        owner = row.contact.owner
        for person in {*leading, *([owner] if owner is not None and owner.is_active else [])}:
            references[person].append(f"ally:{row.contact.public_id}:{row.pk}:{row.told_times}")
    with transaction.atomic():
        for person, names in references.items():
            leads.tell_once([person], "verify", names, at)
        for row in rows:
            Again.objects.filter(pk=row.pk).update(told_at=at, told_times=row.told_times + 1)
    return True


def erase(at: datetime, limit: int = BATCH) -> bool:
    """Erase those who were let go a year ago."""
    rows = list(Contact.objects.filter(state=Contact.State.LET_GO, state_at__lt=at - KEPT).order_by("pk")[:limit])
    for row in rows:
        actions.forget(None, row)
    return bool(rows)
