"""The page behind the link in a message: one thumb, no sign-in, no scripts.

To open it changes nothing, since scanners open links, run scripts and post forms: an answer needs the number that
stands in the message, and only there.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tocsin.alerts import answering, clock
from tocsin.alerts.actions import RefusedError
from tocsin.alerts.answering import Answered, Said
from tocsin.alerts.circles import Circles
from tocsin.alerts.doors.limits import allowed, network_of
from tocsin.alerts.doors.words import held_until, said
from tocsin.alerts.models import Alert, Escalation, Notice, NoticeAlert, Page, Severity
from tocsin.alerts.reach import zone_of
from tocsin.alerts.secrets import PageToken
from tocsin.alerts.wording import QUESTIONS, TOLD
from tocsin.alerts.words import bars, language_name
from tocsin.people.models import Person
from tocsin.people.roles import Right

_LONGEST_TOKEN = 80
_TRIES, _TRIES_SECONDS = 12, 60
_URGENCY: dict[str, str | Promise] = {
    "immediate": _("urgency: now"),
    "expected": _("urgency: within the hour"),
    "future": _("urgency: soon"),
    "past": _("urgency: no longer"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One alert as the page shows it. ``bars`` draws the severity in four squares, beside its word."""

    code: str
    bars: str
    severity: str
    lane: str
    accepted_at: datetime
    language: str
    urgency: str | Promise
    count: int
    console: str


@dataclass(frozen=True, slots=True)
class Position:
    """How many were called before this person, and who follows when; ``at`` is empty where nobody does, ``due`` once it
    has passed. ``following`` is empty where the person may not know who, ``again`` says that nobody else is left and
    all are called once more."""

    before: int
    at: datetime | None
    due: bool
    following: str
    again: bool


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("number")
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show what is asked of the person; take the answer, with the number from the message."""
    if request.method == "POST" and not _may_try(request, token):
        return _private(render(request, "alerts/link_slow.html", status=429))
    found = answering.by_token(token) if token.isascii() and len(token) <= _LONGEST_TOKEN else None
    person = found.notice.person if found is not None else None
    if found is None or person is None or found.notice.purpose in {Notice.Purpose.VERIFY, Notice.Purpose.PULSE}:
        return _private(render(request, "alerts/link_unknown.html", _where(), status=404))
    with translation.override(person.language or settings.LANGUAGE_CODE), timezone.override(zone_of(person)):
        return _private(_answer(request, found, person) if request.method == "POST" else _show(request, found, person))


def _may_try(request: HttpRequest, token: str) -> bool:
    by_network = allowed("link.network", network_of(request), _TRIES, _TRIES_SECONDS)
    name = PageToken(token).digest if token.isascii() else "other"
    return allowed("link.page", name, _TRIES, _TRIES_SECONDS) and by_network


def _answer(request: HttpRequest, found: Page, person: Person) -> HttpResponseBase:
    act, number = request.POST.get("act", "")[:12], request.POST.get("number", "")[:12]
    try:
        answered = answering.answer(found, act, number, "link")
    except RefusedError:
        # It changed in this very moment; the page says how it stands now.
        answered = Answered(Said.OVER, found)
    if answered.good:
        return HttpResponseRedirect(request.path, status=303)
    found.refresh_from_db(fields=["tries_left"])
    return _show(request, found, person, answered)


def _show(request: HttpRequest, found: Page, person: Person, answered: Answered | None = None) -> HttpResponse:
    wrong = said(answered) if answered is not None and answered.said == Said.WRONG else ""
    context = {**_where(), "page": found, "wrong": wrong, "spent": found.tries_left == 0}
    status = 422 if answered is not None else 200
    if found.notice.purpose == Notice.Purpose.ASK:
        return render(request, "alerts/link_question.html", context | _question(found), status=status)
    if found.notice.purpose == Notice.Purpose.TOLD:
        told = TOLD.get(found.notice.words, TOLD["answered"])
        return render(request, "alerts/link_told.html", context | {"told": told}, status=status)
    return render(request, "alerts/link.html", context | _alerts(found, person), status=status)


def _where() -> dict[str, object]:
    return {"console": reverse("alerts:index")}


def _question(found: Page) -> dict[str, object]:
    notice = found.notice
    question = QUESTIONS.get(notice.words)
    words = notice.own_words or (question.words if question else "")
    answers = question.answers if question and not notice.own_words else {}
    over = notice.until is not None and notice.until <= clock.now()
    given = str(answers.get(notice.answer, notice.answer)) if notice.answer else ""
    return {
        "words": words,
        "options": [(one, answers.get(one, one)) for one in notice.options],
        "given": given,
        "over": over and not given,
    }


def _alerts(found: Page, person: Person) -> dict[str, object]:
    alerts = list(answering.alerts_of(found))
    open_ones = [one for one in alerts if one.state in {Alert.State.OPEN, Alert.State.SNOOZED}]
    drill = bool(alerts) and all(one.drill for one in alerts)
    mine = [one for one in alerts if one.state == Alert.State.ANSWERED and one.answered_by_id == person.pk]
    answered = [one for one in alerts if one.state == Alert.State.ANSWERED]
    state = "open" if open_ones else "mine" if mine else "taken" if answered else "over"
    return {
        "state": state,
        "lines": [_line(found, one) for one in alerts],
        "passed": state == "open" and found.notice.answer == "pass",
        "drill": drill,
        "heard": drill and found.notice.answer == "have",
        # A drill asks for nothing but the answer: there is nothing to confirm.
        "until": held_until(found) if mine and not drill else "",
        "position": _position(found, person, open_ones[0]) if open_ones else None,
        "others": _others(alerts, person),
    }


def _line(found: Page, alert: Alert) -> Line:
    return Line(
        code=found.code,
        bars=bars(alert.severity),
        severity=str(Severity(alert.severity).label),
        lane=alert.get_lane_display(),
        accepted_at=alert.accepted_at,
        language=language_name(alert.language),
        urgency=_URGENCY.get(alert.urgency, ""),
        count=alert.seen_count,
        console=reverse("alerts:alert", args=[alert.public_id]),
    )


def _position(found: Page, person: Person, alert: Alert) -> Position:
    mine = NoticeAlert.objects.filter(notice=found.notice, alert=alert).order_by("-pk").first()
    earlier = NoticeAlert.objects.filter(alert=alert, again=mine.again, pk__lt=mine.pk) if mine else None
    before = earlier.exclude(person=person).values("person").distinct().count() if earlier is not None else 0
    row = Escalation.objects.filter(alert=alert).first()
    if row is None or row.due_at is None:
        return Position(before, None, False, "", again=False)
    now = clock.now()
    circles = Circles([alert], now)
    rungs = circles.rungs(alert)
    following = [one for one in circles.people(alert, rungs[min(row.rung, len(rungs) - 1)]) if one.pk != person.pk]
    # Who is on duty is no secret among those who may see rotas; who may know of a named alert is.
    may_know = person.may(Right.ROTAS) and not alert.named
    names = ", ".join(one.name for one in following[:3]) if may_know else ""
    return Position(before, row.due_at, row.due_at <= now, names, again=not following)


def _others(alerts: list[Alert], person: Person) -> int:
    """How many other people were called. Who they are is shown in the console: this screen may be in other hands."""
    called = NoticeAlert.objects.filter(alert__in=alerts, notice__pages__attempts_made__gt=0).exclude(person=person)
    return called.values("person").distinct().count()


def _private(response: HttpResponse | HttpResponseBase) -> HttpResponseBase:
    """Out of caches and indexes, and no address of a page handed on to where its links lead."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
