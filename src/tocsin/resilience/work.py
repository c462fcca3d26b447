"""What the worker does here: ends acceptances whose time is over, tells whose promise or treatment is late, tidies.

Each part may be killed anywhere and done again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tocsin.alerts import clock, leads
from tocsin.alliances.refusals import RefusedError
from tocsin.lib.claims import hold
from tocsin.people.models import Person
from tocsin.resilience import contexts, judging
from tocsin.resilience.models import Dealing
from tocsin.resilience.risk_models import Acceptance, Risk, Treatment

BATCH = 50
REMIND = timedelta(days=14)


def step() -> bool:
    """Do what is due; False when nothing was."""
    if not hold("resilience.work"):
        return False
    at = clock.now()
    return any([expire(at), tell(at), remind(at), contexts.tidy(at)])


def expire(at: datetime, limit: int = BATCH) -> bool:
    """End acceptances whose last day has passed; their risks are to be treated again, and whoever owns them is told."""
    rows = Acceptance.objects.filter(ended_at=None, until__lt=at.date()).select_related("risk__owner").order_by("pk")
    found = list(rows[:limit])
    for row in found:
        with transaction.atomic():
            try:
                judging.end_acceptance(None, row.risk)
            except RefusedError:  # a person was faster
                continue
            _tell({_whose(row.risk.owner): [f"acceptance:{row.pk}"]}, at)
    return bool(found)


def tell(at: datetime, limit: int = BATCH) -> bool:
    """Tell whoever keeps a late promise; every fortnight until it is kept or given up."""
    late = Dealing.objects.filter(kind=Dealing.Kind.PROMISED, ended_on=None, due__lt=at.date())
    late = late.filter(_again(at), community__put_away_at=None)
    rows = list(late.select_related("keeper").order_by("pk")[:limit])
    with transaction.atomic():
        _tell(_grouped((row.keeper, f"promise:{row.pk}:{row.told_times}") for row in rows), at)
        for row in rows:
            Dealing.objects.filter(pk=row.pk).update(told_at=at, told_times=row.told_times + 1)
    return bool(rows)


def remind(at: datetime, limit: int = BATCH) -> bool:
    """Tell whoever does a late treatment; every fortnight until it is done or dropped."""
    late = Treatment.objects.filter(_again(at), ended_on=None, due__lt=at.date(), risk__community__put_away_at=None)
    late = late.exclude(risk__state=Risk.State.CLOSED)
    rows = list(late.select_related("owner").order_by("pk")[:limit])
    with transaction.atomic():
        _tell(_grouped((row.owner, f"treatment:{row.pk}:{row.told_times}") for row in rows), at)
        for row in rows:
            Treatment.objects.filter(pk=row.pk).update(told_at=at, told_times=row.told_times + 1)
    return bool(rows)


def _again(at: datetime) -> Q:
    return Q(told_at=None) | Q(told_at__lte=at - REMIND)


def _whose(person: Person | None) -> Person | None:
    return person if person is not None and person.is_active else None


def _grouped(given: Iterable[tuple[Person | None, str]]) -> dict[Person | None, list[str]]:
    found: dict[Person | None, list[str]] = defaultdict(list)
    for person, reference in given:
        found[_whose(person)].append(reference)
    return found


def _tell(references: Mapping[Person | None, list[str]], at: datetime) -> None:
    """By day and without a name; whoever leads, where nobody has it any more."""
    for person, names in references.items():
        leads.tell_once([person] if person is not None else leads.people(), "promise", names, at)
