"""Whether a page would look the same as before, told without making it: pages ask again every half minute."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.contrib.messages import get_messages
from django.db.models import Exists, Max, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.http import condition

from tocsin.alerts import freshness as alerts
from tocsin.people.models import Person
from tocsin.signals.access import signals_for
from tocsin.signals.models import Change, Correction, Judgement
from tocsin.situations import beside
from tocsin.situations.access import levels_for, situations_for
from tocsin.situations.models import Assessment, MembershipEvent, Subscription, Visit
from tocsin.streams.access import sources_for
from tocsin.streams.models import Fetch

_MINUTES = 10

Row = TypeVar("Row", bound=Model)


def etag(request: HttpRequest, *args: object, **kwargs: object) -> str | None:
    """A short hash of everything that this person's pages are made from; None when a message waits to be shown.

    Only rows that the person may read count: else a new hash would tell that something happened that is kept from them.

    The browser's token against forged forms is part of it: a page kept from an earlier sign-in holds a token that the
    server would refuse.
    """
    person, token = request.user, request.META.get("CSRF_COOKIE")
    if not isinstance(person, Person) or token is None or len(get_messages(request)):
        return None
    signals, situations, sources = signals_for(person), situations_for(person), sources_for(person)
    corrections = _about(Correction, "signal_id", signals)
    judgements = _about(Judgement, "signal_id", signals)
    followed = Subscription.objects.filter(person=person)
    rows = (
        signals,
        situations,
        sources,
        corrections,
        judgements,
        followed,
        levels_for(person),
        _about(Change, "signal", signals),
        _about(Assessment, "situation_id", situations),
        _about(MembershipEvent, "situation_id", situations),
        Fetch.objects.filter(source__in=sources),
    )
    newest = [one.order_by("-pk").values_list("pk", flat=True).first() for one in rows]
    changed = situations.aggregate(at=Max("changed_at"))["at"]
    undone = [
        one.filter(undone_at__isnull=False).aggregate(at=Max("undone_at"))["at"] for one in (corrections, judgements)
    ]
    visit = Visit.objects.filter(person=person).values_list("seen_at", flat=True).first()
    # Relative times and review dates move even when no row does.
    slot = int(timezone.now().timestamp() // (60 * _MINUTES))
    who = (person.pk, person.roles, person.theme, person.time_zone, get_language(), request.get_full_path())
    counts = (followed.count(), sources.count())
    heads = (alerts.stamp(person), alerts.header(person))
    here = situations.filter(public_id=kwargs["public_id"]).first() if "public_id" in kwargs else None
    others = beside.lines(person, here) if here is not None else []
    parts = (token, *who, *newest, changed, *undone, *counts, visit, *heads, *others, slot)
    return '"' + hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest() + '"'


def _about(model: type[Row], column: str, readable: QuerySet[Model]) -> QuerySet[Row]:
    """Rows whose ``column`` names a readable one, asked row by row: whoever wants the newest stops at the first.

    With ``IN`` databases list every readable row before, which takes a second over a million.
    """
    return model._default_manager.filter(Exists(readable.filter(pk=OuterRef(column))))


def polled(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer 304 while nothing changed; keep the page out of shared caches."""
    conditional = condition(etag_func=etag)(view)

    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        response = conditional(request, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return answer
