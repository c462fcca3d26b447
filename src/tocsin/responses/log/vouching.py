"""Which rows of plans a list may believe. The log alone is not asked: it may have been put back with the row."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from tocsin.audit.models import Entry
from tocsin.responses import models
from tocsin.responses.log import marks, projecting

LOOKS: Final = 4
"""How often what is written to while it is read is read again before it counts as wrong."""
_CLAIMS: Final = ("approved", "acting")


def vouched(rows: Iterable[models.Plan], *, lines: bool = True) -> frozenset[int]:
    """The keys of those rows that say what the last line of their log led to, and whose last line the record knows.

    ``lines``: of those that claim that they may be acted on, every line is as it was written too, which takes one query
    more and a moment for each line. A yes holds for the words that it was given to.

    A row that was put back together with its lines is not among them: the record, which is chained and witnessed,
    names a later line. Two queries, however many rows; three more where a row does not fit, since somebody may have
    written to its plan after it was read.
    """
    given = list(rows)
    found = _noted(_heads(given).only("pk"))
    right = frozenset(row.pk for row in given if row.pk in found and stands(row, *found[row.pk]))
    right |= _overtaken([row for row in given if row.pk not in right])
    return right - _altered([row for row in given if row.pk in right and row.standing in _CLAIMS]) if lines else right


def _altered(given: Sequence[models.Plan]) -> frozenset[int]:
    """Those of whose log a line before the last reads otherwise by now: the last one's digest covers each of them."""
    names, before = {row.pk: row.public_id for row in given}, dict[int, tuple[int, str]]()
    found = set[int]()
    for line in models.Line.objects.filter(plan__in=names).order_by("plan", "number") if names else ():
        number, digest = before.get(line.plan_id, (0, ""))
        if line.number != number + 1 or line.digest != marks.digest_of(names[line.plan_id], line, digest):
            found.add(line.plan_id)
        before[line.plan_id] = line.number, line.digest
    return frozenset(found)


def _overtaken(given: Sequence[models.Plan]) -> frozenset[int]:
    """Those that were right when they were read, and whose plan took a line since and stands: all of it in one look."""
    if not given:
        return frozenset()
    numbers = {row.pk: row.lines for row in given}
    lines = models.Line.objects.filter(plan__in=numbers, number__in=set(numbers.values()))
    digests = {(plan, number): digest for plan, number, digest in lines.values_list("plan", "number", "digest")}
    own = {row.pk: (row, digests.get((row.pk, row.lines), "")) for row in given}
    once = [pk for pk, (row, digest) in own.items() if digest and marks.right(row.mark, projecting.said(row, digest))]
    now = list(_heads(given).filter(pk__in=once))
    noted = _noted(now)
    return frozenset(row.pk for row in now if row.lines > numbers[row.pk] and stands(row, *noted[row.pk]))


def stands(row: models.Plan, newest: str, noted: Entry | None) -> bool:
    """Whether a row bears the mark over itself and its log's last digest, and the record names just that line."""
    if noted is None or not newest or not marks.right(row.mark, projecting.said(row, newest)):
        return False
    return (noted.facts.get("line"), noted.facts.get("digest")) == (row.lines, newest)


def wholly(rows: Iterable[models.Plan]) -> frozenset[int]:
    """The keys of those that are vouched for with all their tasks, parts and lessons. Three queries more."""
    seen = {row.pk: row for row in rows}
    whole: frozenset[int] = frozenset()
    for _look in range(LOOKS):
        believed = vouched(seen.values())
        told = _told(believed)
        whole |= {pk for pk in believed if seen[pk].follows == projecting.follows(*told[pk])}
        # Its tasks are read after it: whoever writes to it in between makes no forgery of it.
        left = believed - whole
        marked = {row.pk: row for row in models.Plan.objects.filter(pk__in=left)} if left else {}
        seen = {pk: row for pk, row in marked.items() if row.mark != seen[pk].mark}
        if not seen:
            break
    return whole


def noted(public_id: str) -> Entry | None:
    """What the record says last of a plan's log."""
    return Entry.objects.filter(target=f"plan:{public_id}", verb__startswith="plan.").order_by("-pk").first()


def _heads(rows: Iterable[models.Plan]) -> QuerySet[models.Plan, Any]:
    """Each row anew, with its log's last digest and the record's last entry of it: one statement sees one moment."""
    last = models.Line.objects.filter(plan=OuterRef("pk")).order_by("-number").values("digest")[:1]
    said = Entry.objects.filter(target=Concat(Value("plan:"), OuterRef("public_id")), verb__startswith="plan.")
    return models.Plan.objects.filter(pk__in=[row.pk for row in rows]).annotate(
        newest=Subquery(last), entry=Subquery(said.order_by("-pk").values("pk")[:1])
    )


def _noted(heads: Iterable[Any]) -> Mapping[int, tuple[str, Entry | None]]:
    """By plan, the digest of its log's last line, and what the record says last of it."""
    found = list(heads)
    entries = Entry.objects.in_bulk([one.entry for one in found if one.entry is not None])
    return {one.pk: (one.newest or "", entries.get(one.entry)) for one in found}


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
