"""Who is in a case: let in, put out with everything sealed anew, kept out, and who opens the duty sheet."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.cases import access, duty, forms, members
from tocsin.cases.entries import entries, of
from tocsin.cases.kinds.base import WrongError
from tocsin.cases.kinds.course import Conflict
from tocsin.cases.refusals import RefusedError
from tocsin.cases.roles import COMPARTMENTS, ROLES
from tocsin.cases.views.opening import in_case, page, tried
from tocsin.keys.safes import OpenSafe
from tocsin.people.models import Person

_MOST, _GAPS = 500, 3


def _others(safe: OpenSafe) -> list[Person]:
    rows = Person.objects.filter(is_active=True).exclude(pk__in=list(safe.head.members))
    return list(rows.order_by("name", "pk")[:_MOST])


@require_safe
@in_case
def people(request: HttpRequest, safe: OpenSafe) -> HttpResponse:
    """The members, what each can open, and what an owner may change."""
    found, rolls = entries(safe), duty.Rolls()
    if duty.follow(safe, found, rolls):
        safe = access.access_case(safe.vault, safe.id, access.BOTH)
        found = entries(safe)
    found_people = access.people({*safe.head.members, *safe.head.barred})
    rows = [
        {
            "number": number,
            "name": found_people[number].name if number in found_people else _("somebody who left"),
            "role": ROLES.get(member.role, member.role),
            "opens": [COMPARTMENTS[name] for name in member.compartments if name in COMPARTMENTS],
            "log": "log" in member.compartments,
            "me": number == safe.vault.person,
        }
        for number, member in sorted(safe.head.members.items())
    ]
    others = _others(safe)
    more: dict[str, Any] = {"rows": rows, "kept_out": [], "may_open": [], "let_in_form": None, "keep_out_form": None}
    if safe.me.role == "owner":
        decided = duty.rule(found, safe)
        suggested = {one.person.pk for one in rolls.of(found)}
        on_it = {number for number, member in safe.head.members.items() if member.role == "duty"}
        eligible = [*others, *access.people(on_it).values()]
        more |= {
            "let_in_form": forms.LetInForm(others),
            "keep_out_form": forms.KeepOutForm(others, prefix="out"),
            "kept_out": [(found_people.get(one.who), one.why) for _entry, one in of(found, Conflict)],
            "may_open": [(one, one.pk in on_it, one.pk in suggested) for one in eligible if _has_keys(safe, one)],
            "follows": decided.follows,
            "cover": list(duty.cover(safe, found, rolls)),
            "gaps": duty.gaps(safe, found, rolls)[:_GAPS],
            "now": rolls.at,
            "stays": list(access.people(duty.leaving(safe, found, rolls)).values()),
        }
    return page(request, safe, "people", found, current="people", **more)


def _has_keys(safe: OpenSafe, person: Person) -> bool:
    return safe.vault.directory.now(person.pk) is not None


def _back(safe: OpenSafe) -> HttpResponse:
    return redirect("cases:people", safe.id)


@require_POST
@in_case
def let_in(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """Let somebody in."""
    form = forms.LetInForm(_others(safe), request.POST)
    if not form.is_valid():
        tried(request, _refuse)
        return _back(safe)
    person, role = form.cleaned_data["person"], form.cleaned_data["role"]
    went = tried(request, lambda: members.let_in(safe.vault, safe.id, person, role), _("They are in."))
    return went or _back(safe)


def _refuse() -> None:
    raise RefusedError(_("Choose somebody, and as what."))


@require_POST
@in_case
def put_out(request: HttpRequest, safe: OpenSafe, number: int) -> HttpResponseBase:
    """Put somebody out; sealing anew follows."""
    went = tried(
        request, lambda: members.put_out(safe.vault, safe.id, number), _("They are out. New keys hold from now on.")
    )
    return went or redirect("cases:reseal", safe.id)


def reseal(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """Seal anew what was written under keys of before, a part at a time; may be left and gone on with."""
    if request.method == "POST" and safe.stale:
        went = tried(request, lambda: members.reseal(safe.vault, safe.id))
        return went or redirect("cases:reseal", safe.id)
    return page(request, safe, "reseal", current="people", all=len(safe.head.rows))


reseal_view = in_case(reseal)


@require_POST
@in_case
def keep_out(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """Keep somebody out for good."""
    form = forms.KeepOutForm(_others(safe), request.POST, prefix="out")
    if not form.is_valid():
        tried(request, _refuse)
        return _back(safe)
    given = form.cleaned_data

    def act() -> None:
        try:
            members.keep_out(safe.vault, safe.id, given["person"], given["why"])
        except WrongError as wrong:
            raise RefusedError(str(wrong.words)) from None

    tried(request, act, _("Nobody can let them in, and nothing tells them of it."))
    return _back(safe)


@require_POST
@in_case
def set_duty(request: HttpRequest, safe: OpenSafe) -> HttpResponseBase:
    """Choose who may open the duty sheet."""
    if safe.me.role != "owner":
        raise Http404
    chosen = [int(one) for one in request.POST.getlist("person") if one.isascii() and one.isdecimal() and len(one) < 18]
    follows = request.POST.get("follows") == "on"
    said = _("They can open the duty sheet.")
    went = tried(request, lambda: members.set_duty(safe.vault, safe.id, chosen, follows=follows), said)
    return went or _back(safe)
