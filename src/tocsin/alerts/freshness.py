"""Whether the alerts that a person may know of look the same as before: pages ask again every half minute."""

import hashlib
from collections.abc import Callable

from django.contrib.messages import get_messages
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import condition

from tocsin.alerts import standing
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert, Attempt, Event, Knower, Page, Policy, Rule, Rung, Target
from tocsin.alerts.titles import titles
from tocsin.people.models import Person
from tocsin.people.roles import Right

_MINUTES = 10
_MOST = 500


def stamp(person: Person) -> tuple[object, ...]:
    """What changes as soon as anything does in the alerts that this person may know of, and for nothing else."""
    mine = alerts_for(person)
    # Whoever may see most of them stops at the first; whoever may see few must not look through all.
    seen = Exists(mine.filter(pk=OuterRef("alert"))) if person.may(Right.ALERTS) else Q(alert__in=mine)
    newest = Event.objects.filter(seen).order_by("-pk")
    still = mine.exclude(state=Alert.State.RESOLVED).order_by("-pk")
    columns = ("pk", "state", "severity", "seen_count", "escalation__due_at", "escalation__rung", "remote_resolved_at")
    return (newest.values_list("pk", flat=True).first(), list(still.values_list(*columns)[:_MOST]))


def header(person: Person) -> tuple[object, ...]:
    """What changes with the words at the head of every page."""
    if not (person.may(Right.ALERTS) or person.may(Right.ROTAS)):
        return ()
    return (standing.pager_state().how, standing.on_duty())


def etag(request: HttpRequest, *args: object, **kwargs: object) -> str | None:
    """A short hash of everything that this person's pages of this room are made from."""
    person, token = request.user, request.META.get("CSRF_COOKIE")
    if not isinstance(person, Person) or token is None or len(get_messages(request)):
        return None
    told = _told(person, str(kwargs.get("public_id", "")))
    arranged = [model.objects.aggregate(Max("pk"), Count("pk")) for model in (Policy, Rung, Target, Rule)]
    rules = Rule.objects.aggregate(Max("stopped_at"), Max("trusted_since"), Count("pk"))
    slot = int(timezone.now().timestamp() // (60 * _MINUTES))
    who = (person.pk, person.roles, person.theme, person.time_zone, get_language(), request.get_full_path())
    parts = (token, *who, stamp(person), header(person), told, _called(person), arranged, rules, slot)
    return '"' + hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest() + '"'


def _called(person: Person) -> dict[str, str]:
    """What standing alerts refer to is called: a title may change, or be withdrawn from this reader."""
    still = alerts_for(person).exclude(state=Alert.State.RESOLVED).exclude(reference="").order_by("-pk")
    return titles(person, set(still.values_list("reference", flat=True)[:_MOST]))


def _told(person: Person, public_id: str) -> tuple[object, ...]:
    """What changes with the pages about one alert, if it is one that this person may know of."""
    alert = alerts_for(person).filter(public_id=public_id).first() if public_id else None
    if alert is None:
        return ()
    pages = Page.objects.filter(notice__alerts__alert=alert)
    counts = pages.aggregate(Max("pk"), Count("pk"), Max("sent_at"), Max("delivered_at"), Max("opened_at"))
    tries = Attempt.objects.filter(page__in=pages).aggregate(Max("pk"), Max("outcome_at"))
    return (counts, tries, Knower.objects.filter(alert=alert).count())


def polled(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer 304 while nothing changed; keep the page out of shared caches."""
    conditional = condition(etag_func=etag)(view)

    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = conditional(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer
