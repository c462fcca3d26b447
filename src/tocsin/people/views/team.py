"""The people of the team, for whoever manages them."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tocsin.people import actions
from tocsin.people.access import needs, person_of
from tocsin.people.forms import ROLE_WORDS, InviteForm, ResetLinkForm, RolesForm
from tocsin.people.models import Invitation, Person, Token
from tocsin.people.roles import Right, Role


@dataclass(frozen=True, slots=True)
class Row:
    """A person as the list shows one."""

    person: Person
    roles: str
    second_factor: bool


def _role_names(roles: Role) -> str:
    names = [str(words).partition(":")[0] for role, words in ROLE_WORDS.items() if role in roles]
    return ", ".join(names) or _("No role")


def _rows(people: QuerySet[Person]) -> list[Row]:
    factors = Authenticator.objects.filter(user__in=people).exclude(type=Authenticator.Type.RECOVERY_CODES)
    protected = set(factors.values_list("user_id", flat=True))
    return [Row(one, _role_names(one.role_set), one.pk in protected) for one in people]


@needs(Right.PEOPLE)
@never_cache
def people(request: HttpRequest) -> HttpResponseBase:
    """Everybody, and the invitations that are still open."""
    rows = _rows(Person.objects.order_by("-is_active", "name", "pk"))
    waiting = Invitation.objects.filter(used_at=None, expires_at__gt=timezone.now()).select_related("invited_by")
    invitations = [(one, _role_names(Role(one.roles))) for one in waiting.order_by("-pk")]
    return render(request, "people/people.html", {"rows": rows, "invitations": invitations})


@needs(Right.PEOPLE)
@never_cache
def invite(request: HttpRequest) -> HttpResponseBase:
    """Make an invitation, and show its link this one time."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _row, path = actions.invite(person_of(request), form.role_set(), form.cleaned_data["note"])
        link = {"link": request.build_absolute_uri(path), "days": actions.INVITATION_DAYS}
        return render(request, "people/invited.html", link)
    return render(request, "people/invite.html", {"form": form})


@needs(Right.PEOPLE)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make an unused invitation stop working."""
    actions.withdraw(person_of(request), get_object_or_404(Invitation, pk=pk, used_at=None))
    messages.success(request, _("The invitation no longer works."))
    return redirect("people_list")


@needs(Right.PEOPLE)
@never_cache
def person(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One person: roles, and what a lead can do for them."""
    one = get_object_or_404(Person, pk=pk)
    form = RolesForm(request.POST or None, initial={"roles": [int(role) for role in one.role_set]})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_roles(person_of(request), one, form.role_set())
        except actions.RefusedError as refusal:
            form.add_error("roles", refusal.args[0])
        else:
            messages.success(request, _("Saved."))
            return redirect("people_person", pk=pk)
    row = _rows(Person.objects.filter(pk=pk))[0]
    tokens = Token.objects.filter(person=one, revoked_at=None, expires_at__gt=timezone.now()).order_by("-pk")
    context = {"one": row, "form": form, "reset_form": ResetLinkForm(), "tokens": tokens}
    return render(request, "people/person.html", context)


@needs(Right.PEOPLE)
@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End somebody's access."""
    one = get_object_or_404(Person, pk=pk)
    try:
        actions.deactivate(person_of(request), one)
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        messages.success(request, _("%(name)s can no longer sign in.") % {"name": one.name})
    return redirect("people_person", pk=pk)


@needs(Right.PEOPLE)
@require_POST
def reactivate(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give somebody access again."""
    one = get_object_or_404(Person, pk=pk)
    actions.reactivate(person_of(request), one)
    messages.success(request, _("%(name)s can sign in again.") % {"name": one.name})
    return redirect("people_person", pk=pk)


@needs(Right.PEOPLE)
@require_POST
def end_sessions(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Sign somebody out everywhere, and end their tokens."""
    one = get_object_or_404(Person, pk=pk)
    actions.end_sessions(person_of(request), one)
    messages.success(
        request, _("%(name)s is signed out everywhere, and their API tokens have ended.") % {"name": one.name}
    )
    return redirect("people_person", pk=pk)


@needs(Right.PEOPLE)
@require_POST
def end_token(request: HttpRequest, pk: int, token: int) -> HttpResponseBase:
    """End one API token of somebody."""
    if actions.end_token(person_of(request), get_object_or_404(Person, pk=pk), token):
        messages.success(request, _("The token has ended. Programs that use it are refused from now on."))
    return redirect("people_person", pk=pk)


@needs(Right.PEOPLE)
@require_POST
@never_cache
def reset_link(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make a link that sets a new password, and show it this one time."""
    one = get_object_or_404(Person, pk=pk, is_active=True)
    form = ResetLinkForm(request.POST)
    form.is_valid()
    both = bool(form.cleaned_data.get("second_factor"))
    path = actions.reset_link(person_of(request), one, second_factor=both)
    context = {"one": one, "link": request.build_absolute_uri(path), "hours": actions.RESET_HOURS, "both": both}
    return render(request, "people/reset_link.html", context)
