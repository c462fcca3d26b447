"""Which rows of plans a list may believe. The log alone is not asked: it may have been put back with the row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat

from tocsin.audit.models import Entry
from tocsin.responses import models
from tocsin.responses.log import marks, projecting


def vouched(rows: Iterable[models.Plan]) -> frozenset[int]:
    """The keys of those rows that say what the last line of their log led to, and whose last line the record knows.

    A row that was put back together with its lines is not among them: the record, which is chained and witnessed,
    names a later line. Two queries, however many rows.
    """
    given = list(rows)
    heads = _heads(given)
    return frozenset(row.pk for row in given if row.pk in heads and stands(row, *heads[row.pk]))


def stands(row: models.Plan, newest: str, noted: Entry | None) -> bool:
    """Whether a row bears the mark over itself and its log's last digest, and the record names just that line."""
    if noted is None or not newest or not marks.right(row.mark, projecting.said(row, newest)):
        return False
    return (noted.facts.get("line"), noted.facts.get("digest")) == (row.lines, newest)


def wholly(rows: Iterable[models.Plan]) -> frozenset[int]:
    """The keys of those that are vouched for with all their tasks, parts and lessons. Three queries more."""
    given = list(rows)
    believed = vouched(given)
    told = _told(believed)
    return frozenset(row.pk for row in given if row.pk in believed and row.follows == projecting.follows(*told[row.pk]))


def noted(public_id: str) -> Entry | None:
    """What the record says last of a plan's log."""
    return Entry.objects.filter(target=f"plan:{public_id}", verb__startswith="plan.").order_by("-pk").first()


def _heads(rows: Iterable[models.Plan]) -> Mapping[int, tuple[str, Entry | None]]:
    """By plan, the digest of its log's last line, and what the record says last of it."""
    last = models.Line.objects.filter(plan=OuterRef("pk")).order_by("-number").values("digest")[:1]
    said = Entry.objects.filter(target=Concat(Value("plan:"), OuterRef("public_id")), verb__startswith="plan.")
    found = models.Plan.objects.filter(pk__in=[row.pk for row in rows]).values_list(
        "pk", Subquery(last), Subquery(said.order_by("-pk").values("pk")[:1])
    )
    heads = list(found)
    entries = Entry.objects.in_bulk([entry for _pk, _digest, entry in heads if entry is not None])
    return {pk: (digest or "", entries.get(entry)) for pk, digest, entry in heads}


def _told(numbers: Iterable[int]) -> Mapping[int, tuple[list[Any], list[Any], list[Any]]]:
    """By plan, what its tasks, parts and lessons say."""
    told: dict[int, tuple[list[Any], list[Any], list[Any]]] = defaultdict(lambda: ([], [], []))
    for task in models.PlanTask.objects.filter(plan__in=numbers):
        told[task.plan_id][0].append(projecting.task_says(task))
    for part in models.Part.objects.filter(plan__in=numbers):
        told[part.plan_id][1].append(projecting.part_says(part))
    for lesson in models.Lesson.objects.filter(plan__in=numbers):
        told[lesson.plan_id][2].append(projecting.lesson_says(lesson))
    return told
