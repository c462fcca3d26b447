"""Who is in a sealed plan, and who did what with its keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.keys.logs import LOG
from tocsin.keys.safes import OpenSafe
from tocsin.people.models import Person
from tocsin.responses import members, phrases
from tocsin.responses.forms import LetInForm
from tocsin.responses.views.opening import Opened, done, page, tried

ROLES: dict[str, Any] = {members.OWNER: gettext_lazy("owner"), members.MEMBER: gettext_lazy("member")}
_CODES: dict[str, Any] = {
    "founded": gettext_lazy("began the plan"),
    "let_in": gettext_lazy("let somebody in"),
    "put_out": gettext_lazy("put somebody out"),
    **phrases.VERBS,
}
_MOST = 500


def _safe(opened: Opened) -> OpenSafe:
    if opened.vault is None:
        raise Http404
    return members.opened(opened.vault, UUID(opened.book.id))


@require_safe
def people(request: HttpRequest, opened: Opened) -> HttpResponse:
    """The members, and what an owner may change."""
    safe = _safe(opened)
    there = Person.objects.in_bulk(list(safe.head.members))
    gone = _("somebody who left")
    rows = [
        (
            number,
            there[number].name if number in there else gone,
            ROLES.get(one.role, one.role),
            number == opened.person.pk,
        )
        for number, one in sorted(safe.head.members.items())
    ]
    owner = safe.me.role == members.OWNER
    others = members.candidates(safe)[:_MOST] if owner else []
    ready = [one for one, why in others if why is None]
    more: dict[str, Any] = {
        "rows": rows,
        "owner": owner,
        "form": LetInForm(ready) if ready else None,
        "not_yet": [(one, why) for one, why in others if why is not None],
        "alone": len(safe.head.members) == 1,
        "stale": safe.stale,
        "all": len(safe.head.rows),
        "lines": _log(safe) if LOG in safe.compartments else [],
        "reads_log": LOG in safe.compartments,
    }
    return page(request, opened, "people", **more)


def _log(safe: OpenSafe) -> list[tuple[str, Any, str, datetime]]:
    read = list(reversed(safe.read_log()))[:_MOST]
    numbers = {int(one["by"]) for one in read} | {int(one.get("person", 0)) for one in read}
    known = {number: one.name for number, one in Person.objects.in_bulk(numbers).items()}
    return [
        (
            known.get(int(one["by"]), ""),
            _CODES.get(one["code"], one["code"]),
            known.get(int(one.get("person", 0)), ""),
            _at(one),
        )
        for one in read
    ]


def _at(one: dict[str, Any]) -> datetime:
    at = one["at"]
    return at if isinstance(at, datetime) else datetime.fromisoformat(str(at))


@require_POST
def let_in(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Let somebody in."""
    safe = _safe(opened)
    form = LetInForm(Person.objects.filter(is_active=True).exclude(pk__in=list(safe.head.members)), request.POST)
    if not form.is_valid():
        return redirect(opened.url("people"))
    given = form.cleaned_data
    return done(
        request, opened, lambda: members.let_in(safe.vault, safe.id, given["person"], given["role"]), _("They are in."),
        opened.url("people"),
    )  # fmt: skip


@require_POST
def put_out(request: HttpRequest, opened: Opened, number: int) -> HttpResponse:
    """Put somebody out, and seal anew what was written."""
    safe = _safe(opened)
    said = _("They are out. New keys hold from now on.")
    went = tried(request, lambda: members.put_out(safe.vault, safe.id, number), said)
    if went is True:
        members.reseal(safe.vault, safe.id)
    return went if isinstance(went, HttpResponse) else redirect(opened.url("people"))


@require_http_methods(["POST"])
def reseal(request: HttpRequest, opened: Opened) -> HttpResponse:
    """Seal anew what still lies under keys of before."""
    safe = _safe(opened)
    return done(request, opened, lambda: members.reseal(safe.vault, safe.id), "", opened.url("people"))
