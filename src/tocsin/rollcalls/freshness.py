"""Whether what a person sees in this room looks the same as before: pages ask again every half minute."""

import hashlib
from collections.abc import Callable

from django.contrib.messages import get_messages
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import condition

from tocsin.alerts.access import alerts_for
from tocsin.alerts.freshness import header, stamp
from tocsin.alerts.models import Page
from tocsin.people.models import Person
from tocsin.rollcalls import access
from tocsin.rollcalls.models import Ask, Participant, Reader, RollCall

_MINUTES = 5


def etag(request: HttpRequest, *args: object, **kwargs: object) -> str | None:
    """A short hash of everything that this person's pages of this room are made from."""
    person, token = request.user, request.META.get("CSRF_COOKIE")
    if not isinstance(person, Person) or token is None or len(get_messages(request)):
        return None
    held = access.rollcalls_for(person)
    rows = (
        list(held.order_by("pk").values_list("pk", "changes", "closed_at", "until")),
        list(access.own_journeys(person).order_by("pk").values_list("pk", "changes")),
        list(access.watched_journeys(person).order_by("pk").values_list("pk", "changes")),
        list(access.silences_for(person).values_list("pk", "changes")),
        list(access.questions_for(person).values_list("pk", "answer")),
        list(Participant.objects.filter(person=person).values_list("changed_at")),
        Reader.objects.filter(rollcall__in=held.values("pk")).aggregate(Max("pk"), Count("pk")),
        _sent(held),
        stamp(person) if alerts_for(person).exists() else None,
    )
    slot = int(timezone.now().timestamp() // (60 * _MINUTES))
    who = (person.pk, person.roles, person.theme, person.time_zone, get_language(), request.get_full_path())
    parts = (token, *who, rows, header(person), slot)
    return '"' + hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest() + '"'


def _sent(held: QuerySet[RollCall]) -> object:
    asks = Ask.objects.filter(member__rollcall__in=held.values("pk"))
    pages = Page.objects.filter(notice__in=asks.values("notice"))
    return list(pages.order_by("state").values_list("state").annotate(Count("pk")))


def polled(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer 304 while nothing changed; keep the page out of shared caches."""
    conditional = condition(etag_func=etag)(view)

    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = conditional(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer
