"""My contacts: what the person's own addresses are, whether they work, and in which order they are used."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tocsin.alerts import addresses
from tocsin.alerts.actions import RefusedError
from tocsin.alerts.addresses import access_address
from tocsin.alerts.channels.here import usable
from tocsin.alerts.contacts import shown
from tocsin.alerts.contacts.forms import AddressForm, CodeForm, WordsForm
from tocsin.alerts.models import Address, Lane, Preference
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person

Choice = TypeVar("Choice", Lane, Preference.Hours)


@signed_in
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Every address with its state, the orders, and what a locked phone shows."""
    person = person_of(request)
    rows = [shown.row_of(one) for one in addresses.mine(person)]
    context = {
        "rows": rows,
        "reach": addresses.reachability(person),
        "summary": shown.summary(person),
        "orders": shown.orders(person, rows),
        "previews": shown.previews(),
        "can_add": bool(usable()),
        "wants_second": shown.wants_second(person),
        "exercise_phone": settings.EXERCISE_PHONE,
    }
    return render(request, "alerts/contacts/index.html", context)


@signed_in
@never_cache
def add(request: HttpRequest) -> HttpResponseBase:
    """Take a new address, and send a code to it."""
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            address = addresses.add(person_of(request), **form.cleaned_data)
        except RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            messages.success(request, _("A code is on its way to it. It may take a minute."))
            return redirect("alerts:contact", address.pk)
    context = {"form": form, "can_add": bool(usable()), "exercise_phone": settings.EXERCISE_PHONE}
    return render(request, "alerts/contacts/add.html", context)


@signed_in
@never_cache
def contact(request: HttpRequest, number: int) -> HttpResponseBase:
    """One address: prove it, name it, choose how much its messages say, try it."""
    address = access_address(person_of(request), number)
    begin = {"label": address.label, "says_severity": address.says_severity}
    return _contact(request, address, CodeForm(), WordsForm(initial=begin))


def _contact(request: HttpRequest, address: Address, code: CodeForm, words: WordsForm) -> HttpResponseBase:
    context = {"row": shown.row_of(address), "code": code, "words": words, "previews": shown.previews()}
    context["exercise_phone"] = settings.EXERCISE_PHONE
    return render(request, "alerts/contacts/contact.html", context)


@signed_in
@never_cache
@require_POST
def verify(request: HttpRequest, number: int) -> HttpResponseBase:
    """Prove an address with its code."""
    person = person_of(request)
    address = access_address(person, number)
    form = CodeForm(request.POST)
    if form.is_valid():
        try:
            addresses.verify(person, address, form.cleaned_data["code"])
        except RefusedError as refusal:
            form.add_error("code", refusal.args[0])
        else:
            messages.success(request, _("It is yours, and is used from now on. Try it with a test page."))
            return redirect("alerts:contacts")
    begin = {"label": address.label, "says_severity": address.says_severity}
    return _contact(request, address, form, WordsForm(initial=begin))


@signed_in
@require_POST
def send_code(request: HttpRequest, number: int) -> HttpResponseBase:
    """Send another code."""
    person = person_of(request)
    address = access_address(person, number)
    said = _("A new code is on its way. The one before no longer counts.")
    _try(request, lambda: addresses.send_code(person, address), said)
    return redirect("alerts:contact", number)


@signed_in
@require_POST
def save_words(request: HttpRequest, number: int) -> HttpResponseBase:
    """Name an address, and choose how much its messages say."""
    person = person_of(request)
    address = access_address(person, number)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _contact(request, address, CodeForm(), form)
    addresses.save_words(person, address, form.cleaned_data["label"], form.cleaned_data["says_severity"])
    messages.success(request, _("Saved."))
    return redirect("alerts:contact", number)


@signed_in
@never_cache
def remove(request: HttpRequest, number: int) -> HttpResponseBase:
    """Use an address no more, after asking once."""
    person = person_of(request)
    address = access_address(person, number)
    if request.method == "POST":
        lost = request.POST.get("lost") == "yes"
        if _try(request, lambda: addresses.remove(person, address, lost=lost), _("It is used no more.")):
            return redirect("alerts:contacts")
        return redirect("alerts:contact_remove", number)
    return render(request, "alerts/contacts/remove.html", {"row": shown.row_of(address)})


@signed_in
@require_POST
def order(request: HttpRequest) -> HttpResponseBase:
    """Change one order: move an address, take it out, put it in, change a wait, or go back to the order without one."""
    person = person_of(request)
    lane, hours = _choice(Lane, request.POST.get("lane")), _choice(Preference.Hours, request.POST.get("hours"))
    act, _colon, text = request.POST.get("act", "").partition(":")
    if act == "reset":
        _try(request, lambda: addresses.set_order(person, lane, hours, []), "")
    else:
        _try(request, _change(person, lane, hours, act, access_address(person, _number(text)), request), "")
    return redirect(f"/alerts/contacts/#order-{lane}-{hours}")


def _change(
    person: Person, lane: Lane, hours: Preference.Hours, act: str, address: Address, request: HttpRequest
) -> Callable[[], object]:
    if act in {"up", "down", "in"}:
        return lambda: addresses.move(person, lane, hours, address, -1 if act == "up" else 1)
    if act == "out":
        return lambda: addresses.leave_out(person, lane, hours, address)
    if act == "wait":
        return lambda: addresses.set_wait(person, lane, hours, address, _number(request.POST.get(f"wait-{address.pk}")))
    raise Http404


@signed_in
@never_cache
def test(request: HttpRequest) -> HttpResponseBase:
    """Page oneself now, and watch how far it comes."""
    person = person_of(request)
    if request.method == "POST":
        text = request.POST.get("address", "")
        address = access_address(person, _number(text)) if text else None
        if not _try(request, lambda: addresses.send_test(person, address), ""):
            return redirect("alerts:contacts")
        return redirect("alerts:contact_test")
    notice = addresses.last_test(person)
    after = round((notice.answered_at - notice.made_at).total_seconds()) if notice and notice.answered_at else None
    context = {
        "notice": notice,
        "steps": shown.steps(notice) if notice else [],
        "after": after,
        "live": notice is not None and notice.ended_at is None,
    }
    return render(request, "alerts/contacts/test.html", context)


def _try(request: HttpRequest, verb: Callable[[], object], said: str) -> bool:
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
        return False
    if said:
        messages.success(request, said)
    return True


def _number(text: str | None) -> int:
    digits = text or ""
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 18:
        raise Http404
    return int(digits)


def _choice(kind: type[Choice], text: str | None) -> Choice:
    try:
        return kind(text or "")
    except ValueError:
        raise Http404 from None
