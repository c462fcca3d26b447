"""The list of alerts, the page of one, and everything that can be done to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.alerts import actions, clock, listing, words
from tocsin.alerts.access import access_alert, alerts_for
from tocsin.alerts.ahead import Ahead
from tocsin.alerts.forms import OutcomeForm, SnoozeForm
from tocsin.alerts.freshness import polled
from tocsin.alerts.models import Alert, Knower, Lane, NoticeAlert, Page, Severity
from tocsin.alerts.standing import pager_state
from tocsin.alerts.timeline import timeline
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right

_A_PAGE = 25
_OPEN = 200
# A page for bad networks: older lines are one tap away.
_LINES = 25
_AT_ONCE = timedelta(minutes=5)  # what began longer ago than that says when it began


@require_safe
@signed_in
@polled
def index(request: HttpRequest) -> HttpResponse:
    """What is open first, by lane and severity; resolved ones in pages of their own."""
    person = person_of(request)
    rows = _filtered(request, alerts_for(person))
    over = request.GET.get("state") == "over"
    page = Paginator(listing.over(rows), _A_PAGE).get_page(request.GET.get("page")) if over else None
    found = list(page) if page is not None else list(listing.still(rows)[:_OPEN])
    chosen = {name: request.GET.get(name, "") for name in ("lane", "severity", "whose", "state")}
    context = {
        "lines": listing.lines(person, found),
        "page": page,
        "over": over,
        "chosen": chosen,
        "any_chosen": any(chosen[name] for name in ("lane", "severity", "whose")),
        "lanes": Lane.choices,
        "severities": [(int(one), one.label) for one in reversed(Severity)],
        "may_page": person.may(Right.ALERTS),
        "pager_state": pager_state() if person.may(Right.ALERTS) else None,
        "live": True,
    }
    return render(request, "alerts/index.html", context)


@require_safe
@signed_in
@polled
def alert(request: HttpRequest, public_id: str) -> HttpResponse:
    """One alert, for a phone in one hand: how bad, what now, and what happened so far."""
    person = person_of(request)
    most = None if request.GET.get("all") else _LINES
    return render(request, "alerts/alert.html", _page(person, access_alert(person, public_id), most))


def _page(person: Person, row: Alert, most: int | None) -> dict[str, Any]:
    happened = timeline(row)
    found = listing.line(person, row, Ahead([row]))
    mine = NoticeAlert.objects.filter(alert=row, person=person)
    code = Page.objects.filter(notice__alerts__alert=row, notice__person=person).order_by("-pk")
    return {
        "alert": row,
        "line": found,
        "began": row.occurred_at if row.accepted_at - row.occurred_at > _AT_ONCE else None,
        "timeline": happened[:most],
        "more": most is not None and len(happened) > most,
        "code": code.values_list("code", flat=True).first() or "",
        "called": mine.exists(),
        "unconfirmed": found.mine and row.unconfirmed_until is not None,
        "language_name": words.language_name(row.language) if row.language else "",
        "urgency_words": words.URGENCY.get(row.urgency, row.urgency),
        "snooze_words": words.REASONS.get(row.snooze_reason, row.snooze_reason),
        "outcomes": [one for one in Alert.Outcome.choices if (one[0] == Alert.Outcome.DRILL) == row.drill],
        "may_snooze": row.lane != Lane.LIFE and row.state != Alert.State.RESOLVED,
        "snooze": SnoozeForm(),
        "knowers": _knowers(row),
        "others": _others(row) if row.named and row.state != Alert.State.RESOLVED else [],
    }


def _knowers(row: Alert) -> list[str]:
    rows = Knower.objects.filter(alert=row, person__is_active=True) if row.named else Knower.objects.none()
    return list(rows.order_by("person__name").values_list("person__name", flat=True))


def _others(row: Alert) -> list[Person]:
    known = Knower.objects.filter(alert=row).values("person")
    rows = Person.objects.filter(is_active=True).exclude(roles=0).exclude(pk__in=known)
    rows = rows if row.inside is None else rows.filter(pk__in=row.inside)
    return list(rows.order_by("name", "pk"))


def _filtered(request: HttpRequest, rows: QuerySet[Alert]) -> QuerySet[Alert]:
    lane, severity = request.GET.get("lane", ""), request.GET.get("severity", "")
    if lane in Lane.values:
        rows = rows.filter(lane=lane)
    if severity in {str(one) for one in Severity.values}:
        rows = rows.filter(severity=int(severity))
    if request.GET.get("whose") == "mine":
        rows = rows.filter(answered_by=person_of(request))
    elif request.GET.get("whose") == "nobody":
        rows = rows.filter(state=Alert.State.OPEN)
    return rows


def _act(do: Callable[[HttpRequest, Alert, Person], str]) -> Callable[[HttpRequest, str], HttpResponseBase]:
    """A view that does one thing to an alert and comes back to its page, with what became of it."""

    @require_POST
    @signed_in
    def view(request: HttpRequest, public_id: str) -> HttpResponseBase:
        person = person_of(request)
        row = access_alert(person, public_id)
        try:
            messages.success(request, do(request, row, person))
        except actions.RefusedError as refusal:
            messages.error(request, refusal.args[0])
        return redirect("alerts:alert", row.public_id)

    return view


def _have(request: HttpRequest, row: Alert, person: Person) -> str:
    after = actions.acknowledge(row, person, "console", confirmed=True)
    if after.answered_by_id != person.pk:
        return _("Somebody has it already; they were told that you do too. Agree who acts.")
    return _("You have it. The others are told.")


def _confirm(request: HttpRequest, row: Alert, person: Person) -> str:
    actions.confirm(row, person)
    return _("Confirmed: you have it.")


def _take(request: HttpRequest, row: Alert, person: Person) -> str:
    actions.take_over(row, person)
    return _("It is yours now. Whoever had it is told.")


def _pass(request: HttpRequest, row: Alert, person: Person) -> str:
    actions.pass_on(row, person, "console")
    return _("Passed on. The next person is called now.")


def _next(request: HttpRequest, row: Alert, person: Person) -> str:
    actions.escalate_now(row, person)
    return _("The next step is called now.")


def _later(request: HttpRequest, row: Alert, person: Person) -> str:
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        raise actions.RefusedError(_("Choose until when, and say why."))
    actions.snooze(row, person, form.moment(clock.now()), form.why())
    return _("Put off. It comes back by itself, and calls again.")


def _resolve(request: HttpRequest, row: Alert, person: Person) -> str:
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        raise actions.RefusedError(_("Say what it turned out to be."))
    actions.resolve(row, person, Alert.Outcome(form.cleaned_data["outcome"]))
    return _("Resolved. You can undo this below.")


def _reopen(request: HttpRequest, row: Alert, person: Person) -> str:
    actions.reopen(row, person)
    return _("Open again. It calls from its first step.")


def _let_in(request: HttpRequest, row: Alert, person: Person) -> str:
    chosen = request.POST.get("person", "")
    found = Person.objects.filter(pk=int(chosen), is_active=True).first() if chosen.isdecimal() else None
    if found is None or len(chosen) > 18:
        raise actions.RefusedError(_("Choose somebody."))
    actions.let_in(row, person, found)
    return _("%(who)s may know of it now.") % {"who": found.name}


have, confirm, take, pass_on = _act(_have), _act(_confirm), _act(_take), _act(_pass)
call_next, later, resolve, reopen, let_in = _act(_next), _act(_later), _act(_resolve), _act(_reopen), _act(_let_in)
