"""Lists of open plans, made from rows alone: none folds a log, and each row says whether it can be believed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from tocsin.alerts import clock as time
from tocsin.people.models import Person
from tocsin.responses import access, models, waiting
from tocsin.responses.log import vouching
from tocsin.responses.log.folding import Standing
from tocsin.situations import access as situations

SHOWS = ("open", "mine", "approve", "overdue", "drill", "closed")
# What cannot wait first, within one severity.
_ORDER = (
    Standing.UNPROVED,
    Standing.ACTING,
    Standing.BROKEN,
    Standing.ASKED,
    Standing.DECLINED,
    Standing.APPROVED,
    Standing.DRAFT,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One plan in a list. ``proved`` False: somebody wrote to the database what no log says."""

    plan: models.Plan
    proved: bool
    situation: str
    code: str


def narrowed(person: Person, show: str, situation: str = "") -> QuerySet[models.Plan]:
    """The plans of one tab, of one situation where its public id is given."""
    rows = access.plans_for(person)
    if situation:
        named = situations.titles(person, [situation])
        rows = rows.filter(situation__public_id__in=list(named))
    if show == "closed":
        return rows.filter(closed_at__isnull=False)
    rows = rows.filter(closed_at=None)
    now = time.now()
    match show:
        case "mine":
            return rows.filter(Q(owner=person) | Q(pk__in=models.Part.objects.filter(person=person).values("plan")))
        case "approve":
            return rows.filter(pk__in=[one.plan.pk for one in waiting.answers(person)])
        case "overdue":
            # Asked once for all plans: asked of each, SQLite walks every late task of the house for every plan.
            late = models.PlanTask.objects.filter(state__in=waiting.OPEN, due_at__lt=now).values("plan")
            return rows.filter(Q(update_due_at__lt=now) | Q(answer_due_at__lt=now) | Q(pk__in=late))
        case "drill":
            return rows.filter(drill=True)
    return rows


def ordered(rows: QuerySet[models.Plan], *, closed: bool) -> QuerySet[models.Plan]:
    """The gravest first, and among them what stands worst; of closed ones the newest."""
    if closed:
        return rows.order_by("-closed_at", "-pk")
    ranks = [When(standing=standing, then=Value(rank)) for rank, standing in enumerate(_ORDER)]
    rank = Case(*ranks, default=Value(len(_ORDER)), output_field=IntegerField())
    return rows.annotate(rank=rank).order_by("-severity", "rank", "-changed_at", "-pk")


def shown(person: Person, numbers: Iterable[int]) -> list[Row]:
    """The rows with these keys, in this order, each held against its log's last line and the record."""
    wanted = list(numbers)
    found = access.plans_for(person).filter(pk__in=wanted).select_related("situation", "owner").in_bulk()
    believed = vouching.vouched(found.values())
    codes = [row.situation.public_id for row in found.values() if row.situation is not None]
    titles = situations.titles(person, codes)
    return [_row(found[number], titles, proved=number in believed) for number in wanted if number in found]


def _row(row: models.Plan, titles: Mapping[str, str], *, proved: bool) -> Row:
    code = row.situation.public_id if row.situation is not None else ""
    return Row(row, proved, titles.get(code, ""), code)
