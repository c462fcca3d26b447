"""One plan: its page, its whole log, and its versions with what changed between them."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language_bidi
from django.views.decorators.http import require_safe

from tocsin.alerts import clock
from tocsin.cases import access as cases
from tocsin.cases.names import code_name
from tocsin.responses import doing, drawing, loglines, phrases, shown
from tocsin.responses.log import acts
from tocsin.responses.log.content import Stakeholder, State, Task, Wording
from tocsin.responses.log.covering import Cover
from tocsin.responses.log.folding import Line, Plan, Standing, covers_at, lapsed
from tocsin.responses.playbooks import library
from tocsin.responses.views.lists import asks
from tocsin.responses.views.opening import Opened, page, whole
from tocsin.situations import access as situations

_LOG, _UPDATES, _TASKS, _NEXT = 6, 3, 5, 3
VIEWS = ("list", "board", "time")


@dataclass(frozen=True, slots=True)
class Item:
    """A task as the page shows it: what it waits for, whether it is late, whether the risk to others was weighed.

    ``free``: it needs no yes, and there is none yet. ``uncovered``: it needs one of its own, since it came after.
    """

    task: Task
    waits: tuple[Task, ...]
    late: bool
    unweighed: bool
    free: bool = False
    uncovered: bool = False


@require_safe
def plan(request: HttpRequest, opened: Opened) -> HttpResponse:
    """The plan on one page, the approval first."""
    one = opened.plan
    known = shown.names(one)
    view = request.GET.get("tasks", "")
    now = clock.now()
    covers = covers_at(one, now)
    items = sorted((_item(one, task, now, covers[task.key]) for task in one.tasks), key=_first)
    may = doing.able(one, covers)
    still = [each for each in items if each.task.state in {State.OPEN, State.BEGUN}]
    turns = sorted(still, key=lambda each: doing.turn(each.task, opened.person.pk))
    following = [each for each in turns if each.task.key in may][:_NEXT]
    still = [each for each in still if each not in following or view in VIEWS[1:]]
    more: dict[str, Any] = {
        "seal": shown.seal(one, known, whole=opened.seen.whole),
        "view": view if view in VIEWS else "list",
        "next_items": following,
        "ticks": doing.ticks(one, may, opened.person.pk, whole=opened.may_write),
        "ticked": _ticked(request, opened),
        "open_items": still[:_TASKS],
        "later_items": still[_TASKS:],
        "ended_items": [each for each in items if each.task.state in {State.DONE, State.DROPPED}],
        "columns": [
            (words, [each for each in items if each.task.state is state]) for state, words in phrases.COLUMNS.items()
        ],
        "chosen_title": next((each.title for each in one.content.options if each.key == one.content.chosen), ""),
        "parts": _parts(one),
        "whom": shown.whom(one, known),
        "wordings": _wordings(one),
        "decisions": list(reversed(one.of(acts.Decided))),
        "updates": list(reversed(one.of(acts.Updated)))[:_UPDATES],
        "log": loglines.lines(one, known)[:_LOG],
        "asked_of_me": asks(one, opened.person),
        "asked_act": one.question.act if one.question is not None else None,
        "acted": _acted(one.acting),
        "moves": one.standing in {Standing.APPROVED, Standing.ACTING} and one.closed is None and not lapsed(one, now),
        "lapsed": lapsed(one, now),
        "some_free": any(each.free for each in items),
        "now_at": now,
    }
    if more["view"] == "time" and (line := drawing.time_line(one, now)) is not None:
        zone = timezone.get_current_timezone()
        drawn = "".join(drawing.draw(line, zone, width, rtl=get_language_bidi()) for width in drawing.Width)
        # Text in it is escaped where it is drawn.
        more["picture"] = mark_safe(drawn)  # noqa: S308
        more["stretched"] = line.stretched
        more["table"] = drawing.table(line, zone, known)
    return page(request, opened, "plan", **more, **_about(opened))


def _first(item: Item) -> tuple[bool, float]:
    """What is due first first; what has no due time last."""
    due = item.task.due
    return due is None, due.timestamp() if due is not None else 0.0


def _item(one: Plan, task: Task, now: Any, cover: Cover) -> Item:
    late = task.state in {State.OPEN, State.BEGUN} and one.late(task, now) is not None
    unweighed = task.risk_check and task.key not in one.checks
    free = cover is Cover.AT_ONCE and task.state is State.OPEN
    return Item(task, tuple(one.waits_for(task)), late, unweighed, free, task in one.uncovered)


def _ticked(request: HttpRequest, opened: Opened) -> Task | None:
    """The task that was ticked off just now, so that it can be undone."""
    task = opened.plan.task(request.GET.get("done", ""))
    return task if task is not None and task.state is State.DONE and opened.plan.closed is None else None


def _acted(line: Line | None) -> acts.ActedFirst | None:
    return line.act if line is not None and isinstance(line.act, acts.ActedFirst) else None


def _parts(one: Plan) -> list[tuple[Any, list[Stakeholder]]]:
    given = one.content.stakeholders
    return [
        (words, [each for each in given if each.function is key])
        for key, words in phrases.FUNCTIONS.items()
        if any(each.function is key for each in given)
    ]


def _wordings(one: Plan) -> list[tuple[Any, list[Wording]]]:
    given = one.content.words
    return [
        (words, [each for each in given if each.audience is key])
        for key, words in phrases.AUDIENCES.items()
        if any(each.audience is key for each in given)
    ]


def _about(opened: Opened) -> dict[str, Any]:
    """What the plan is for, as far as this person may know: a situation, or the case of a sealed one."""
    begun = opened.plan.begun
    found: dict[str, Any] = {"playbook_title": "", "playbook_url": ""}
    if begun.playbook and (book := library.playbook(begun.playbook)) is not None:
        found["playbook_title"] = book.title
        with suppress(NoReverseMatch):
            found["playbook_url"] = reverse("playbooks:page", args=[begun.playbook])
    if opened.vault is None and begun.about:
        titles = situations.titles(opened.person, [begun.about])
        if begun.about in titles:
            url = reverse("situations:situation", args=[begun.about])
            found |= {"about_title": titles[begun.about], "about_url": url}
    if opened.vault is not None and begun.about:
        case = UUID(begun.about)
        if case in cases.numbers_of(opened.vault):
            found |= {"about_title": code_name(case), "about_url": reverse("cases:case", args=[case])}
    return found


@require_safe
@whole
def log(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Every line of the log, with whether it is as it was written."""
    lines = loglines.lines(opened.plan, shown.names(opened.plan))
    return page(request, opened, "log", lines=lines, wrong=[one for one in lines if not one.proved])


@require_safe
@whole
def versions(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Every version, newest first, with what changed from the one before."""
    known = shown.names(opened.plan)
    rows = opened.plan.versions
    pairs = zip([None, *rows], rows, strict=False)
    found = [
        (one, shown.changes(before.content, one.content, known) if before is not None else []) for before, one in pairs
    ]
    yes = {line.act.version for line, _act in opened.plan.of(acts.Approved)}  # type: ignore[attr-defined]
    return page(request, opened, "versions", found=list(reversed(found)), approved=yes)


@require_safe
@whole
def version(request: HttpRequest, opened: Opened, number: int) -> HttpResponse:
    """One version as it was, and what is different now."""
    if not 1 <= number <= opened.plan.version:
        raise Http404
    then = opened.plan.versions[number - 1]
    known = shown.names(opened.plan)
    since = shown.changes(then.content, opened.plan.content, known)
    return page(request, opened, "version", then=then, since=since)
