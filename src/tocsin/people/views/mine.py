"""What somebody sets for themselves: name, zone, language, colours, sessions, API tokens."""

from dataclasses import asdict

from allauth.account.decorators import reauthentication_required
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tocsin.people import actions
from tocsin.people.access import person_of, signed_in
from tocsin.people.forms import RIGHT_WORDS, PreferencesForm, TokenForm
from tocsin.people.models import Token


@signed_in
@never_cache
def settings(request: HttpRequest) -> HttpResponseBase:
    """A person's own settings and API tokens."""
    person = person_of(request)
    now = actions.Preferences(person.name, person.time_zone, person.language, person.theme)
    form = PreferencesForm(request.POST or None, initial=asdict(now))
    if request.method == "POST" and form.is_valid():
        actions.save_preferences(person, actions.Preferences(**form.cleaned_data))
        messages.success(request, _("Saved."))
        return redirect("people_settings")
    tokens = Token.objects.filter(person=person, revoked_at=None, expires_at__gt=timezone.now()).order_by("-pk")
    return render(request, "people/settings.html", {"form": form, "tokens": [_shown(one) for one in tokens]})


def _shown(token: Token) -> dict[str, object]:
    words = [RIGHT_WORDS[right] for right in RIGHT_WORDS if right in token.rights]
    return {"token": token, "rights": words}


@signed_in
@never_cache
@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
def new_token(request: HttpRequest) -> HttpResponseBase:
    """Make an API token, and show it this one time."""
    person = person_of(request)
    form = TokenForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            secret = actions.issue_token(person, data["name"], data["rights"], data["days"])
        except actions.RefusedError as refusal:
            form.add_error(None, refusal.args[0])
        else:
            return render(request, "people/token_made.html", {"secret": secret, "name": data["name"]})
    return render(request, "people/token_new.html", {"form": form})


@signed_in
@require_POST
def revoke_token(request: HttpRequest, pk: int) -> HttpResponseBase:
    """End one of one's own API tokens."""
    if actions.revoke_token(person_of(request), pk):
        messages.success(request, _("The token has ended. Programs that use it are refused from now on."))
    return redirect("people_settings")


@signed_in
@never_cache
def sessions(request: HttpRequest) -> HttpResponseBase:
    """Where one is signed in."""
    person = person_of(request)
    if request.method == "POST":
        others = UserSession.objects.filter(user=person).exclude(session_key=request.session.session_key)
        if one := request.POST.get("session", ""):
            others = others.filter(pk=int(one)) if one.isdecimal() else others.none()
        ended = actions.end_own_sessions(person, others.values_list("session_key", flat=True))
        messages.success(request, _("Signed out there.") if ended else _("That session had ended already."))
        return redirect("usersessions_list")
    rows = sorted(UserSession.objects.purge_and_list(person), key=lambda row: row.last_seen_at, reverse=True)
    current = request.session.session_key
    shown = [{"session": row, "is_this": row.session_key == current, "device": _device(row.user_agent)} for row in rows]
    return render(request, "usersessions/usersession_list.html", {"sessions": shown})


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def _device(user_agent: str) -> str:
    """The browser and system that a user agent names, in a few words."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(filter(None, (browser, system))) or _("Unknown device")
