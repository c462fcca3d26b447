"""Open plans, for programs: everything but the yes or the no, which needs a person with a second factor at hand.

Sealed plans are not here at all: they open in their members' own sessions alone.
"""

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from tocsin.alerts import clock
from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import access, actions, beginning, involved, listing
from tocsin.responses import api_shapes as shapes
from tocsin.responses.access import Seen
from tocsin.responses.api_shapes import PublicId
from tocsin.responses.authority import RefusedError
from tocsin.responses.log import acts
from tocsin.responses.log.content import Content, WrongError
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import ChangedError
from tocsin.responses.playbooks import library
from tocsin.situations.access import access_situation

router = Router(tags=["responses"])

_PLANS = Bearer(Right.PLANS)


class WrongInputError(RefusedError):
    """Something that was sent can't stand like this; ``field`` says which part."""

    def __init__(self, wrong: WrongError) -> None:
        super().__init__(wrong.words)
        self.field = wrong.name


def _seen(request: HttpRequest, public_id: str) -> tuple[Person, Seen]:
    person = caller(request)
    seen = access.access_plan(person, public_id)
    if not seen.whole:
        raise Http404
    return person, seen


@router.get("/plans", response=Listed[shapes.PlanOut], auth=_PLANS, summary="List plans")
def listed(request: HttpRequest, filters: Query[shapes.PlanFilters]) -> Listed[shapes.PlanOut]:
    """Open plans that you may read, those that began last first. Sealed ones are in no list."""
    person = caller(request)
    rows, following = after(listing.narrowed(person, filters.show, filters.situation), filters.cursor, filters.limit)
    found = listing.shown(person, [row.pk for row in rows])
    items = [shapes.row_out(one.plan, one.code if one.situation else "", proved=one.proved) for one in found]
    return Listed[shapes.PlanOut](items=items, next=following)


@router.post("/plans", response={201: shapes.PlanDetail}, auth=_PLANS, summary="Begin a plan")
def begin(request: HttpRequest, given: shapes.BeginIn) -> tuple[int, shapes.PlanDetail]:
    """Begin a plan from a playbook or from nothing, for a situation or for none."""
    person = caller(request)
    situation = access_situation(person, given.situation) if given.situation else None
    playbook = library.playbook(given.playbook) if given.playbook else None
    if given.playbook and playbook is None:
        raise Http404
    begun = acts.Begun(
        severity=given.severity,
        about=situation.public_id if situation is not None else "",
        playbook=playbook.key if playbook is not None else "",
        playbook_digest=playbook.digest if playbook is not None else "",
        drill=given.drill,
        exercise=settings.EXERCISE,
    )
    first, tasks = Content(given.title, given.objective), []
    if playbook is not None:
        first = beginning.content_of(playbook, given.title, given.objective or beginning.objective_of(playbook))
        tasks = beginning.tasks_of(playbook, clock.now())
    try:
        book = actions.begin(person, begun, first, tasks, situation)
    except WrongError as wrong:
        raise WrongInputError(wrong) from None
    return 201, shapes.detail(book.read())


@router.get("/plans/{public_id}", response=shapes.PlanDetail, auth=_PLANS, summary="Read one plan")
def one(request: HttpRequest, public_id: PublicId) -> shapes.PlanDetail:
    """What it says, its tasks, and whether somebody's yes covers it."""
    _person, seen = _seen(request, public_id)
    return shapes.detail(seen.plan)


@router.put(
    "/plans/{public_id}/content",
    response={200: shapes.PlanDetail, 409: shapes.StalePlanOut},
    auth=_PLANS,
    summary="Write a new version",
)
def write(
    request: HttpRequest, public_id: PublicId, given: shapes.WriteIn
) -> tuple[int, shapes.PlanDetail | shapes.StalePlanOut]:
    """Store a new version. If somebody wrote meanwhile, nothing is stored and the answer says what they changed."""
    person, seen = _seen(request, public_id)
    wanted = given.content.content()
    _named(person, seen, [one.person for one in wanted.stakeholders])
    try:
        return 200, shapes.detail(actions.write(seen.book, person, wanted, given.base, given.note))
    except WrongError as wrong:
        raise WrongInputError(wrong) from None
    except ChangedError as changed:
        found = [
            shapes.DifferenceOut(field=one.field, before=one.before, after=one.after, grave=one.grave)
            for one in changed.differences
        ]
        words = "Somebody wrote a newer version. Read it, and write yours upon it."
        return 409, shapes.StalePlanOut(detail=words, fields=[], version=changed.plan.version, differences=found)


@router.post("/plans/{public_id}/tasks", response={201: shapes.PlanDetail}, auth=_PLANS, summary="Add a task")
def add_task(request: HttpRequest, public_id: PublicId, given: shapes.TaskShape) -> tuple[int, shapes.PlanDetail]:
    """Add a task. An approval that was given before does not cover it: it waits for a yes of its own."""
    person, seen = _seen(request, public_id)
    return 201, shapes.detail(_put(person, seen, given, ""))


@router.put("/plans/{public_id}/tasks/{key}", response=shapes.PlanDetail, auth=_PLANS, summary="Change a task")
def change_task(
    request: HttpRequest, public_id: PublicId, key: shapes.Key, given: shapes.TaskShape
) -> shapes.PlanDetail:
    """Change what a task says; how it stands is moved. By when, by whom and after what moves within an approval."""
    person, seen = _seen(request, public_id)
    if seen.plan.task(key) is None:
        raise Http404
    return shapes.detail(_put(person, seen, given, key))


def _put(person: Person, seen: Seen, given: shapes.TaskShape, key: str) -> Plan:
    _named(person, seen, [given.owner])
    try:
        return actions.put_task(seen.book, person, beginning.guarded(given.task(key)))
    except WrongError as wrong:
        raise WrongInputError(wrong) from None


def _named(person: Person, seen: Seen, wanted: list[int]) -> None:
    """Only people who could open the plan are named in it, and whoever it names already."""
    there = {one.person for one in seen.plan.content.stakeholders} | {one.owner for one in seen.plan.tasks}
    able = {one.pk for one in involved.people(seen.book.id, None)} | there | {0}
    if not set(wanted) <= able:
        raise RefusedError("Somebody who is named could not open this plan. Name people who may read it.")


@router.post("/plans/{public_id}/tasks/{key}/move", response=shapes.PlanDetail, auth=_PLANS, summary="Move a task")
def move_task(
    request: HttpRequest, public_id: PublicId, key: shapes.Key, given: shapes.TaskMoveIn
) -> shapes.PlanDetail:
    """Begin, end or drop a task, or open it again."""
    person, seen = _seen(request, public_id)
    if seen.plan.task(key) is None:
        raise Http404
    try:
        return shapes.detail(actions.move(seen.book, person, key, given.state, given.words))
    except WrongError as wrong:
        raise WrongInputError(wrong) from None


@router.post("/plans/{public_id}/ask", response=shapes.PlanDetail, auth=_PLANS, summary="Ask for approval")
def ask(request: HttpRequest, public_id: PublicId, given: shapes.PlanAskIn) -> shapes.PlanDetail:
    """Ask a named person for a yes to exactly what the plan says now. The answer is given in the console alone."""
    person, seen = _seen(request, public_id)
    _named(person, seen, [given.approver, given.deputy])
    approver = get_object_or_404(Person, pk=given.approver, is_active=True)
    deputy = get_object_or_404(Person, pk=given.deputy, is_active=True) if given.deputy else None
    try:
        return shapes.detail(actions.ask(seen.book, person, approver, deputy, given.words))
    except WrongError as wrong:
        raise WrongInputError(wrong) from None


@router.post("/plans/{public_id}/updates", response=shapes.PlanDetail, auth=_PLANS, summary="Say how it stands")
def update(request: HttpRequest, public_id: PublicId, given: shapes.TextIn) -> shapes.PlanDetail:
    """A situation update, for everybody with a part in the plan."""
    person, seen = _seen(request, public_id)
    try:
        return shapes.detail(actions.update(seen.book, person, given.text))
    except WrongError as wrong:
        raise WrongInputError(wrong) from None


@router.get("/plans/{public_id}/log", response=Listed[shapes.LineOut], auth=_PLANS, summary="Read the log")
def log(request: HttpRequest, public_id: PublicId, part: Query[Part]) -> Listed[shapes.LineOut]:
    """Every line of the log, newest first, with whether it is as it was written."""
    _person, seen = _seen(request, public_id)
    lines = [line for line in reversed(seen.plan.lines) if part.cursor is None or line.number < part.cursor]
    shown, rest = lines[: part.limit], lines[part.limit :]
    items = [
        shapes.LineOut(
            number=line.number, at=line.at, by=line.by, verb=line.act.verb, body=acts.packed(line.act),
            proved=line.proved, drill=seen.plan.begun.drill,
        )
        for line in shown
    ]  # fmt: skip
    return Listed[shapes.LineOut](items=items, next=shown[-1].number if rest else None)
