"""How the plans for a situation stand, in one line each for its page, to who may see the plan."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.alerts import clock as time
from tocsin.people.models import Person
from tocsin.responses import access, models, phrases, recovering
from tocsin.responses.log.folding import Standing
from tocsin.responses.models import Clock
from tocsin.situations.beside import Beside
from tocsin.situations.models import Situation

_MOST = 4
_UNDER_WAY = (Standing.APPROVED, Standing.ACTING)


def of_situation(person: Person, situation: Situation) -> Sequence[Beside]:
    """The open plans for a situation, the gravest first; where none is open, the one that was closed last."""
    rows = access.plans_for(person).filter(situation=situation)
    found = list(rows.filter(closed_at=None).order_by("-severity", "-changed_at", "-pk")[:_MOST])
    return [_line(person, situation, one) for one in found or rows.order_by("-closed_at", "-pk")[:1]]


def resting_on(situations: Collection[int]) -> set[int]:
    """Those of these situations that a plan is for."""
    found = models.Plan.objects.filter(situation__in=situations).values_list("situation_id", flat=True)
    return {one for one in found if one is not None}


def _line(person: Person, situation: Situation, row: models.Plan) -> Beside:
    how = Standing(row.standing) if access.proved(row) else Standing.UNPROVED
    words, since = str(phrases.STANDINGS[how]), None
    match how:
        case Standing.ASKED:
            words, since = _asked(person, row)
        case Standing.CLOSED:
            since = row.closed_at
        case Standing.DRAFT:
            since = row.opened_at
    if how in _UNDER_WAY and not row.open_tasks and recovering.still_away(person, situation):
        words = _("%(standing)s; its tasks are done, and things are not back as usual yet") % {"standing": words}
    kind = _("Drill") if row.drill else _("Plan")
    url = reverse("responses:plan", args=[row.public_id])
    return Beside(kind, row.title, url, phrases.SHAPES[how], words, since)


def _asked(person: Person, row: models.Plan) -> tuple[str, datetime | None]:
    """Whose yes it waits for, and since when; who sees the frame alone learns no name."""
    asks = (Clock.What.ASK, Clock.What.DEPUTY)
    clocks = Clock.objects.filter(plan=row.public_id, sealed=False, what__in=asks, due_at__lte=time.now())
    newest = clocks.order_by("-due_at").first()
    names = Person.objects.filter(pk=newest.person) if newest is not None and access.sees_whole(person) else None
    name = names.values_list("name", flat=True).first() if names is not None else None
    words = _("waits for the yes of %(name)s") % {"name": name} if name else str(phrases.STANDINGS[Standing.ASKED])
    return words, newest.due_at if newest is not None else None
