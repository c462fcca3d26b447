"""Filters of the register: the same for its page and for programs."""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, Q, QuerySet

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.resilience.risk_models import Rating, Risk, Treatment
from tocsin.resilience.scales import BANDS


def narrowed(rows: QuerySet[Risk], chosen: Mapping[str, str], stage: str, person: Person) -> QuerySet[Risk]:
    """The risks that fit every filter that is not empty. Without a state, all but closed ones."""
    columns = {"q": "scenario__icontains", "community": "community__public_id", "harm": "harm"}
    rows = rows.filter(**{column: chosen[name] for name, column in columns.items() if chosen.get(name)})
    for one in BANDS:
        if one.key == chosen.get("band"):
            rows = rows.filter(level__gte=one.least, level__lte=one.most)
    cell = chosen.get("cell", "")
    if len(cell) == 2 and cell.isascii() and cell.isdigit():
        here = Rating.objects.filter(risk=OuterRef("pk"), stage=stage, until=None)
        rows = rows.filter(Exists(here.filter(likelihood=int(cell[0]), impact=int(cell[1]))))
    return rows.filter(_state(chosen.get("state", ""), person))


def _state(state: str, person: Person) -> Q:
    if state in Risk.State.values:
        return Q(state=state)
    late = Treatment.objects.filter(risk=OuterRef("pk"), ended_on=None, due__lt=clock.now().date())
    more = {"mine": Q(owner=person), "lapsed": Q(lapsed_at__isnull=False), "late": Q(Exists(late))}
    return ~Q(state=Risk.State.CLOSED) & more.get(state, Q())
