"""Tasks: added, changed, moved, and the risk to others weighed before some of them."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tocsin.alerts import clock
from tocsin.responses import actions, beginning, loglines, shown
from tocsin.responses.authority import RefusedError
from tocsin.responses.forms import RiskForm, TaskForm, WordsForm
from tocsin.responses.log import acts
from tocsin.responses.log.content import Function, State, Task, WrongError
from tocsin.responses.log.covering import Cover
from tocsin.responses.log.folding import covers_at, lapsed
from tocsin.responses.playbooks.protecting import protections
from tocsin.responses.views.opening import Opened, done, page, tried, under_way, writes
from tocsin.responses.views.plan import VIEWS
from tocsin.responses.views.writing import people


def _of(opened: Opened, key: str) -> Task:
    task = opened.plan.task(key)
    if task is None:
        raise Http404
    return task


@require_http_methods(["GET", "HEAD"])
def task(request: HttpRequest, opened: Opened, key: str) -> HttpResponse:
    """One task: what it waits for, what may be done with it, and what was."""
    one = _of(opened, key)
    plan = opened.plan
    mine = opened.may_write or one.owner == opened.person.pk
    asks = one.wanted or _("anything that shows it; you can leave this empty")
    forms = {
        "done": WordsForm(
            gettext_lazy("What shows that it is done"), auto_id="done_%s", needed=bool(one.wanted), hint=asks
        ),
        "dropped": WordsForm(gettext_lazy("Why it is not done"), auto_id="dropped_%s"),
    }
    lines = [each for each in plan.lines if _is_about(each.act, key)]
    now = clock.now()
    known, cover = shown.names(plan), covers_at(plan, now)[key]
    more: dict[str, Any] = {
        "one": one,
        "waits": plan.waits_for(one),
        "follows": [each for each in plan.tasks if key in each.needs],
        "mine": mine and plan.closed is None,
        "moves": one.state is State.BEGUN or cover is not Cover.NOT_YET,
        "free": cover is Cover.AT_ONCE and one.state is State.OPEN,
        "came_since": one in plan.uncovered,
        "check": plan.checks.get(key),
        "protections": [protections()[name] for name in one.protection.split(", ") if name in protections()],
        "forms": forms,
        "whom": shown.whom(plan, known),
        "lines": [each for each in loglines.lines(plan, known) if each.number in {line.number for line in lines}],
        "late": plan.late(one, now) is not None,
        "lapsed": lapsed(plan, now),
    }
    return page(request, opened, "task", **more)


def _is_about(act: acts.Act, key: str) -> bool:
    return getattr(act, "task", None) == key or (isinstance(act, acts.PutTask) and act.task.key == key)


@require_http_methods(["POST"])
def move(request: HttpRequest, opened: Opened, key: str) -> HttpResponse:
    """Begin it, end it, drop it, or open it again."""
    _of(opened, key)
    try:
        state = State(request.POST.get("state", ""))
    except ValueError:
        raise Http404 from None
    words = request.POST.get("words", "")
    said = {
        State.BEGUN: _("Begun."),
        State.DONE: _("Done."),
        State.DROPPED: _("Dropped. The reason stands in the log."),
        State.OPEN: _("Opened again."),
    }[state]
    act: Callable[[], object] = lambda: actions.move(opened.book, opened.person, key, state, words)  # noqa: E731
    back = request.POST.get("back", "")
    if back not in VIEWS:
        return done(request, opened, act, said, opened.url("task", key))
    ticked = f"&done={key}" if state is State.DONE else ""
    # What was ticked says itself that it is done, beside its undoing.
    return done(request, opened, act, "" if ticked else said, f"{opened.url('plan')}?tasks={back}{ticked}#now")


@require_http_methods(["GET", "HEAD", "POST"])
@writes
@under_way
def put(request: HttpRequest, opened: Opened, key: str = "") -> HttpResponse:
    """Add a task, or change one."""
    before = _of(opened, key) if key else None
    others = [one for one in opened.plan.tasks if one.key != key and one.state is not State.DROPPED]
    known = [(name, one.title) for name, one in protections().items()]
    if before is not None and before.protection and before.protection not in dict(known):
        known.append((before.protection, before.protection))
    initial = {name: getattr(before, name) for name in TaskForm.base_fields} if before is not None else None
    form = TaskForm(people(opened), others, known, request.POST or None, initial=initial)
    if opened.plan.begun.drill:
        shows = timezone.localtime(opened.plan.pace.told(clock.now()))
        moment = date_format(shows, "DATETIME_FORMAT")
        form.fields["due"].help_text = _("By the drill’s clock, which shows %(moment)s now.") % {"moment": moment}
    if request.method == "POST" and form.is_valid() and (went := _put(request, opened, form, key)) is not None:
        return went
    return page(request, opened, "task_form", status=422 if form.errors else 200, form=form, before=before)


def _put(request: HttpRequest, opened: Opened, form: TaskForm, key: str) -> HttpResponse | None:
    given = form.cleaned_data
    wanted = Task(
        key=key,
        title=given["title"].strip(),
        function=Function(given["function"]),
        owner=given["owner"] or 0,
        due=given["due"],
        needs=tuple(given.get("needs", ())),
        wanted=given["wanted"].strip(),
        protection=given["protection"],
        risk_check=given["risk_check"],
    )
    try:
        actions.put_task(opened.book, opened.person, beginning.guarded(wanted))
    except WrongError as wrong:
        form.add_error(wrong.name if wrong.name in form.fields else None, wrong.words)
    except RefusedError as refusal:
        form.add_error(None, refusal.args[0])
    else:
        return redirect(opened.url("task", key) if key else f"{opened.url('plan')}#tasks")
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@writes
@under_way
def weigh(request: HttpRequest, opened: Opened, key: str) -> HttpResponse:
    """Write down what a task may do to the accused, to suspected informants and to bystanders."""
    one = _of(opened, key)
    form = RiskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        checked = acts.Checked(key, given["accused"], given["informants"], given["bystanders"], given["go"] == "yes")
        act: Callable[[], object] = lambda: actions.check_risk(opened.book, opened.person, checked)  # noqa: E731
        went = tried(request, act, _("Written down."))
        return went if isinstance(went, HttpResponse) else redirect(opened.url("task", key))
    hints = [protections()[name] for name in one.protection.split(", ") if name in protections()]
    return page(request, opened, "weigh", status=422 if form.errors else 200, form=form, one=one, hints=hints)
