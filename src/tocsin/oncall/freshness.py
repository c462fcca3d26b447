"""Whether duty looks the same as before: the first page asks again every half minute."""

import hashlib
from collections.abc import Callable

from django.contrib.messages import get_messages
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import condition

from tocsin.oncall.models import Absence, Layer, Override, Rest, Rota, Swap
from tocsin.people.models import Person

_MINUTES = 1


def etag(request: HttpRequest, *args: object, **kwargs: object) -> str | None:
    """A short hash of everything that the page is made from; duty changes hands by the clock, so a minute is too."""
    # Without a cookie there was no form on the page; with the first form another tag comes.
    person, token = request.user, request.META.get("CSRF_COOKIE", "")
    if not isinstance(person, Person) or len(get_messages(request)):
        return None
    rows = [
        rows.aggregate(Max("pk"), Count("pk"), Count(end), Max(end))
        for rows, end in (
            (Rota.objects.all(), "ended_at"),
            (Layer.objects.all(), "closed_at"),
            (Override.objects.all(), "ended_at"),
            (Absence.objects.all(), "ended_at"),
            (Swap.objects.all(), "ended_at"),
            (Rest.objects.all(), "ended_at"),
        )
    ]
    rows += [
        Rest.objects.aggregate(Max("accepted_at"), Max("declined_at")),
        Swap.objects.aggregate(Max("giver_agreed_at"), Max("taker_agreed_at")),
    ]
    substitutes = list(Rest.objects.filter(ended_at=None).order_by("pk").values_list("pk", "substitute"))
    names = list(Rota.objects.filter(ended_at=None).order_by("pk").values_list("name", "time_zone"))
    slot = int(timezone.now().timestamp() // (60 * _MINUTES))
    who = (person.pk, person.roles, person.theme, person.time_zone, get_language(), request.get_full_path())
    text = repr((token, who, rows, substitutes, names, slot, request.session.get("duty_undo")))
    return '"' + hashlib.blake2b(text.encode(), digest_size=12).hexdigest() + '"'


def polled(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer 304 while nothing changed; keep the page out of shared caches."""
    conditional = condition(etag_func=etag)(view)

    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = conditional(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer
