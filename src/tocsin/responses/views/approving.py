"""The yes or the no to one exact version, and everything around it: asking, passing on, acting first, taking back."""

import time

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tocsin.alerts import clock
from tocsin.people.models import Person
from tocsin.responses import actions, authority, drills, involved, passing, phrases, shown
from tocsin.responses.authority import RefusedError
from tocsin.responses.forms import AskForm, WordsForm
from tocsin.responses.log import acts, content
from tocsin.responses.log.content import Difference, WrongError
from tocsin.responses.log.folding import Plan
from tocsin.responses.log.keeping import ChangedError
from tocsin.responses.shown import Change
from tocsin.responses.views.opening import Opened, page, tried, under_way, whole, writes


def confirmed(request: HttpRequest) -> bool:
    """Whether this session gave a second factor within the last minutes, as every grave act asks."""
    records = get_authentication_records(request, request.user)
    latest = max((one.get("at", 0.0) for one in records if one.get("method") == "mfa"), default=0.0)
    return time.time() - latest < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


@require_http_methods(["GET", "HEAD", "POST"])
@whole
def answer(request: HttpRequest, opened: Opened) -> HttpResponse:
    """What is asked, by whom, until when, what it may do to the person, what changed, and which version exactly."""
    if request.method != "POST":
        return _answer_page(request, opened)
    digest, do = request.POST.get("digest", "")[:64], request.POST.get("do", "")
    said = request.POST.get("no-words" if do == "decline" else "yes-words", "")[: content.TEXT_MOST]
    try:
        if _answered(request, opened, do, digest, said):
            return redirect(opened.url("plan"))
    except ChangedError as error:
        return _answer_page(request, opened, status=409, meanwhile=_meanwhile(error.differences))
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    except WrongError as wrong:
        messages.error(request, wrong.words)
    # What was typed stands in the form, whatever was refused.
    return _answer_page(request, opened, status=422)


def _forms(request: HttpRequest, *, own: bool) -> dict[str, WordsForm]:
    beside = gettext_lazy("Why nobody else can look at it first") if own else gettext_lazy("Words beside your yes")
    why = gettext_lazy("Why not, and what would change your mind")
    yes, no = ({"words": request.POST.get(f"{name}-words", "")[: content.TEXT_MOST]} for name in ("yes", "no"))
    return {
        "yes": WordsForm(beside, prefix="yes", needed=own, initial=yes),
        "no": WordsForm(why, prefix="no", auto_id="no_%s", needed=True, initial=no),
    }


def _answered(request: HttpRequest, opened: Opened, do: str, digest: str, said: str) -> bool:
    match do:
        case "approve" if not confirmed(request):
            messages.error(request, _("Show once more that it is you. Your yes was not given yet."))
            return False
        case "approve":
            actions.approve(opened.book, opened.person, digest, said)
            messages.success(request, _("You approved it, exactly as you saw it."))
        case "decline":
            actions.decline(opened.book, opened.person, digest, said)
            messages.success(request, _("Declined. Whoever asked sees your reason."))
        case "pass":
            passing.pass_on(opened.book, opened.person)
            messages.success(request, _("The deputy is asked now."))
        case _:
            return False
    return True


def _meanwhile(found: object) -> list[Change]:
    assert isinstance(found, list)
    rows: list[Difference] = found
    return [Change(str(phrases.FIELDS[one.field]), one.before, one.after, one.grave) for one in rows]


def _answer_page(request: HttpRequest, opened: Opened, status: int = 200, **more: object) -> HttpResponse:
    fresh = Opened(opened.person, opened.seen, opened.vault)
    plan = opened.book.read() if status != 200 else opened.plan
    own = authority.is_own(plan, opened.person)
    known = shown.names(plan)
    asked = plan.asked.act if plan.asked is not None and isinstance(plan.asked.act, acts.Asked) else None
    asks_me = asked is not None and plan.question is not None and asked.approver == opened.person.pk
    chosen = next((one for one in plan.content.options if one.key == plan.content.chosen), None)
    waits = plan.question is not None or plan.unratified is not None
    return page(
        request, fresh, "answer", status=status, forms=_forms(request, own=own), asked=asked,
        chosen=chosen, now_plan=plan,
        changes=shown.since_approved(plan, known), first=plan.approved is None, waits=waits,
        refusal=involved.refusal(plan, opened.person), confirmed=confirmed(request),
        passes=asks_me and bool(asked and asked.deputy),
        ratifies=plan.unratified is not None, own=own, declines=request.POST.get("do") == "decline",
        late=asked is not None and plan.pace.told(clock.now()) >= asked.until, **more,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@writes
@under_way
def ask(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Choose who is asked, and who if they don't answer."""
    plan = opened.plan
    able, left = involved.may_answer(plan, opened.members())
    form = AskForm({one.pk: one.name for one in able}, request.POST or None)
    if request.method == "POST" and form.is_valid():
        by_number = {one.pk: one for one in able}
        given = form.cleaned_data
        try:
            actions.ask(
                opened.book,
                opened.person,
                by_number[given["approver"]],
                by_number.get(given.get("deputy", 0)),
                given["words"],
            )
        except WrongError as wrong:
            form.add_error(wrong.name if wrong.name in form.fields else None, wrong.words)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            messages.success(request, _asked(plan, by_number[given["approver"]]))
            return redirect(opened.url("plan"))
    missing = content.lacking(plan.content)
    minutes = int(actions.answer_within(plan.severity).total_seconds() // 60)
    more = {"form": form, "able": able, "left_out": left, "missing": missing, "minutes": minutes}
    return page(request, opened, "ask", status=422 if form.errors else 200, **more)


def _asked(plan: Plan, approver: Person) -> str:
    if plan.begun.drill and not plan.sealed and approver.pk not in drills.joined(plan):
        return _("Asked. %(name)s has not joined the drill, so nothing calls them: tell them that it runs.") % {
            "name": approver.name
        }
    return _("Asked. They are told at once.")


@require_http_methods(["GET", "HEAD", "POST"])
@writes
@under_way
def act_first(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Act before anybody said yes, with the reason; somebody else ratifies it within a day."""
    form = WordsForm(gettext_lazy("What would happen if you waited?"), request.POST or None)
    refusal = actions.not_first(opened.plan)
    if request.method == "POST" and form.is_valid() and not refusal:
        words = form.cleaned_data["words"]
        said = _("You may act now. Whoever may approve is told, and ratifies it within a day.")
        went = tried(request, lambda: actions.act_first(opened.book, opened.person, words), said)
        if went:
            return went if isinstance(went, HttpResponse) else redirect(opened.url("plan"))
    # What was typed stands in the form, whatever was refused.
    status = 422 if form.errors else 409 if request.method == "POST" else 200
    return page(request, opened, "act_first", status=status, form=form, refusal=refusal)


@require_http_methods(["GET", "HEAD", "POST"])
@whole
@under_way
def withdraw(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Ask no more, or take one's own yes back."""
    form = WordsForm(gettext_lazy("Why"), request.POST or None)
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        went = tried(request, lambda: actions.withdraw(opened.book, opened.person, words), _("Taken back."))
        return went if isinstance(went, HttpResponse) else redirect(opened.url("plan"))
    return page(request, opened, "withdraw", status=422 if form.errors else 200, form=form)
