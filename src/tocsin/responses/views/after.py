"""After a plan: what was recorded, the debrief, and what is to change because of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tocsin.alerts import clock as time
from tocsin.cases.looking import looked
from tocsin.people.roles import Right
from tocsin.responses import assembling, debriefs, recovering, recovering_case, shown
from tocsin.responses.after_forms import CHANGES, DebriefForm, LessonForm, LessonMoveForm
from tocsin.responses.authority import RefusedError
from tocsin.responses.log.acts import Changes, Debriefed, Learnt
from tocsin.responses.log.content import State, WrongError
from tocsin.responses.log.keeping import ChangedError
from tocsin.responses.recovering import Reading
from tocsin.responses.recovering_case import OfCase, of_case
from tocsin.responses.views.opening import Opened, done, page, whole, writes

_SHOWN = 12


@require_http_methods(["GET", "HEAD", "POST"])
@whole
def debrief(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Everything that was recorded, side by side with what was planned, and the debrief itself."""
    if request.method != "POST":
        return _debrief(request, opened, DebriefForm(initial=_initial(opened)))
    if not opened.may_write:
        raise Http404
    form = DebriefForm(request.POST)
    if not form.is_valid():
        return _debrief(request, opened, form, 422)
    try:
        debriefs.write(opened.book, opened.person, form.debrief())
    except WrongError as wrong:
        form.wrong(wrong)
        return _debrief(request, opened, form, 422)
    except ChangedError as changed:
        # What was typed stays in the form; theirs stands beside it, and the next press of the button counts on it.
        again = request.POST.copy()
        theirs = changed.plan.of(Debriefed)
        again["base"] = str(len(theirs))
        return _debrief(request, opened, DebriefForm(again), 409, theirs=theirs[-1][1])
    messages.success(request, _("The debrief is stored."))
    return redirect(opened.url("debrief"))


def _initial(opened: Opened) -> dict[str, Any]:
    found = debriefs.debrief(opened.plan)
    base = len(opened.plan.of(type(found[1]))) if found else 0
    words = {name: getattr(found[1], name) for name in DebriefForm.base_fields if name != "base"} if found else {}
    return {**words, "base": base}


def _debrief(request: HttpRequest, opened: Opened, form: DebriefForm, status: int = 200, **more: Any) -> HttpResponse:
    plan, names = opened.plan, shown.names(opened.plan)
    case, readings = _measured(request, opened)
    moments = assembling.folded(assembling.timeline(opened.person, plan, names, opened.url("plan")))
    held = assembling.planned_and_done(plan, time.now())
    alone, left = assembling.left_undone(held)
    found = debriefs.debrief(plan)
    context = {
        "form": form,
        "written": found,
        "by": names.get(found[0].by, "") if found else "",
        "moments": moments[:_SHOWN],
        "later_moments": moments[_SHOWN:],
        "clocks": assembling.clocks(opened.person, plan, readings, case),
        "held": alone,
        "left": left,
        "held_all": len(held),
        "held_dropped": sum(one.task.state is State.DROPPED for one in held),
        "held_late": sum(one.late is not None for one in held),
        "held_ended": sum(one.task.state is State.DONE for one in held),
        "fold_held": len(alone) > _SHOWN,
        "change": form.is_bound,
        "readings": readings,
        "lessons": debriefs.lessons(plan.lines),
        "changes": CHANGES,
        "tasks_names": names,
        "lesson_form": more.pop("lesson_form", None) or LessonForm(),
        "now": time.now(),
        "urls": {name: opened.url(name) for name in ("debrief", "lessons", "plan")},
        **more,
    }
    return page(request, opened, "debrief", status, **context)


@require_POST
@writes
def lessons(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Add a lesson."""
    form = LessonForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        changes = Changes(given["changes"])
        wanted = Learnt("", given["text"], changes, given["owner"], given["due"], given["target"])
        try:
            debriefs.learn(opened.book, opened.person, wanted)
        except WrongError as wrong:
            form.wrong(wrong)
        except RefusedError as refused:
            form.add_error(None, refused.args[0])
        else:
            messages.success(request, _("It is chased from now on, until it is done."))
            return redirect(opened.url("debrief") + "#lessons")
    return _debrief(request, opened, DebriefForm(initial=_initial(opened)), 422, lesson_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def lesson(request: HttpRequest, opened: Opened, key: str) -> HttpResponse:
    """One lesson: done, dropped, or open again, by whoever sees to it."""
    found = next((one for one in debriefs.lessons(opened.book.read().lines) if one.said.key == key), None)
    mine = found is not None and found.said.owner == opened.person.pk
    if found is None or not (mine or opened.person.may(Right.PLANS)):
        raise Http404
    form = LessonMoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        state = State(given["state"])
        back = opened.url("debrief") if opened.seen.whole else opened.url("lesson", key)
        return done(
            request,
            opened,
            lambda: debriefs.move(opened.book, opened.person, key, state, given["words"]),
            _("It is written down."),
            back,
        )
    status = 422 if request.method == "POST" else 200
    return page(request, opened, "lesson", status, lesson=found, form=form, changes=CHANGES)


@whole
def recovery(request: HttpRequest, opened: Opened) -> HttpResponse:
    """How long it took until what was measured was back as usual."""
    case, found = _measured(request, opened)
    lasted = recovering_case.lasted(case.promises) if case is not None else None
    return page(
        request, opened, "recovery", readings=found, recovered=recovering.recovered(found), case=case,
        silent=any(one.silent for one in found), promises_lasted=lasted, today=time.now().date(), now=time.now(),
    )  # fmt: skip


def _measured(request: HttpRequest, opened: Opened) -> tuple[OfCase | None, list[Reading]]:
    """What the plan's case tells, as far as this member opens it, and what was measured."""
    case = of_case(opened.vault, opened.plan)
    if case is not None and case.safe is not None and request.method == "GET":
        looked(request, case.safe, page="plan")
    return case, recovering.readings(opened.person, opened.plan, case.situations if case is not None else ())
