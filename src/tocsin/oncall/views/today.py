"""Who is on duty now, what is asked of the reader, and the answers to it."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.oncall import actions, shown, undoing
from tocsin.oncall.access import access_rest, access_swap, rests_for
from tocsin.oncall.duty import WEEKS_AHEAD, Roster
from tocsin.oncall.freshness import polled
from tocsin.oncall.models import Rest, Swap
from tocsin.oncall.refusals import RefusedError
from tocsin.oncall.views.answers import attempt, back
from tocsin.people.access import needs, person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right

_AHEAD = timedelta(weeks=8)
_SHIFTS = 3


@require_safe
@signed_in
@polled
def index(request: HttpRequest) -> HttpResponseBase:
    """Gaps first, then questions, who has duty now, and one's own next shifts."""
    person, now = person_of(request), timezone.now()
    sees = person.may(Right.ROTAS)
    roster = Roster.load(now=now)
    rotas = shown.held(roster, now, now + WEEKS_AHEAD) if sees else []
    mine = [
        one
        for rota in roster.rotas
        for one in roster.shifts(rota, now, now + _AHEAD)
        if one.person.pk == person.pk
    ]  # fmt: skip
    unheld = [(one, shown.gap_words(one.gaps)) for one in rotas if one.gaps]
    context = {
        "rotas": rotas,
        "unheld": unheld,
        "unheld_now": any(one.gaps[0].since <= now for one, _said in unheld),
        "now": now,
        "mine": sorted(mine, key=lambda one: one.since)[:_SHIFTS],
        "questions": shown.questions(person),
        "alone": _alone(person),
        "sees": sees,
        "may_arrange": person.may(Right.DUTY),
        "may_undo": undoing.can_undo(request),
        "live": True,
    }
    return render(request, "oncall/index.html", context)


def _alone(person: Person) -> list[Rest]:
    """Rests that nobody is left to be asked about, for whoever may stand in or ask somebody."""
    if not person.may(Right.ROTAS):
        return []
    now = timezone.now()
    return list(rests_for(person).filter(substitute=None, until__gt=now).exclude(person=person)[:20])


@require_safe
@signed_in
def swap(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """One swap: what is given, what comes back, who has said yes."""
    person = person_of(request)
    row = access_swap(person, public_id)
    is_open = row.state == Swap.State.ASKED
    asked = is_open and (
        (row.giver_id == person.pk and not row.giver_agreed_at)
        or (row.taker_id == person.pk and not row.taker_agreed_at)
    )
    context = {
        "swap": row,
        "is_asked": asked,
        "may_withdraw": is_open and (row.asked_by_id == person.pk or person.may(Right.DUTY)),
        "may_undo": undoing.can_undo(request),
    }
    return render(request, "oncall/swap.html", context)


_SWAPS: dict[str, Callable[[Swap, Person], Swap]] = {
    "agree": actions.agree,
    "decline": actions.decline,
    "withdraw": actions.withdraw,
}


@require_POST
@signed_in
def answer_swap(request: HttpRequest, public_id: str, verb: str) -> HttpResponseBase:
    """Say yes or no to a swap, or take it back."""
    person = person_of(request)
    row = access_swap(person, public_id)
    if verb not in _SWAPS:
        raise Http404
    said = {
        "agree": _("Thank you. It holds as soon as both have said yes."),
        "decline": _("Declined. Nothing changes hands."),
        "withdraw": _("Withdrawn. Nothing changes hands."),
    }
    try:
        done = _SWAPS[verb](row, person)
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return back(request, "oncall:index")
    holds = done.state == Swap.State.AGREED
    messages.success(request, _("It holds: both have said yes.") if holds else said[verb])
    return back(request, "oncall:index")


@require_POST
@signed_in
def answer_rest(request: HttpRequest, public_id: str, verb: str) -> HttpResponseBase:
    """Stand in for somebody who rests, or not; or end the rest."""
    person = person_of(request)
    rest = access_rest(person, public_id)
    acts: dict[str, tuple[Callable[[], object], str]] = {
        "accept": (
            lambda: actions.accept_rest(rest, person),
            _("Thank you. Their duty is yours until the rest is over."),
        ),
        "decline": (lambda: actions.decline_rest(rest, person), _("Noted. The next one is asked.")),
        "end": (lambda: actions.end_rest(person, rest), _("The rest is over. Turns are as they were.")),
    }
    if verb not in acts:
        raise Http404
    attempt(request, *acts[verb])
    return back(request, "oncall:index")


@require_POST
@needs(Right.DUTY)
def propose(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Ask somebody else to stand in."""
    person = person_of(request)
    rest = access_rest(person, public_id)
    chosen = request.POST.get("person", "")
    other = get_object_or_404(Person, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 10 else 0)
    attempt(request, lambda: actions.propose_substitute(person, rest, other), _("Asked."))
    return back(request, "oncall:load")


@require_POST
@signed_in
def undo(request: HttpRequest) -> HttpResponseBase:
    """Take back one's own last act."""
    person = person_of(request)
    try:
        if undoing.undo(request, person):
            messages.success(request, _("Undone."))
        else:
            messages.error(request, _("There is nothing of yours to undo here any more."))
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    return back(request, "oncall:index")
