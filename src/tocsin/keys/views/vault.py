"""One's own vault: made, opened, closed, its passphrase changed; and the keys of others, compared."""

from dataclasses import dataclass

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.keys import announcing, proofs, recovery, vaults
from tocsin.keys.access import cookie_of, give_cookie, needs_vault, vault_of
from tocsin.keys.directory import Keys
from tocsin.keys.forms import ComparedForm, PassphraseForm
from tocsin.keys.holder.client import NoKeyholderError
from tocsin.keys.holder.holding import BusyError, ClosedError
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault, keyholder
from tocsin.keys.views import ends
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else's keys as this vault knows them."""

    person: Person
    keys: Keys | None
    state: str

    @property
    def words(self) -> str:
        """The state in words."""
        return {
            "compared": _("compared"),
            "changed": _("new keys since you compared"),
            "new": _("not compared yet"),
            "none": _("has no vault yet"),
        }[self.state]


@require_safe
@signed_in
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """My vault: whether it is open, and with whom I compared keys."""
    person = person_of(request)
    if not vaults.has_vault(person.pk):
        return render(request, "keys/none.html", {"next": _next(request)})
    try:
        vault = vault_of(request)
        if vault is None:
            return render(request, "keys/index.html", {"open": False})
        minutes = max(1, round(keyholder().state(cookie_of(request))[1] / 60))
    except NoKeyholderError:
        return redirect("keys:closed")
    except ClosedError:
        return render(request, "keys/index.html", {"open": False})
    mine = vault.directory.at(person.pk, vault.generation)
    context = {
        "open": True,
        "minutes": minutes,
        "mine": mine,
        "others": others(vault),
        "newer": vault.superseded,
        "unproved": [one for one in ends.shown(proofs.whole(vault)) if not one.sound],
        "shares": len(recovery.keeps(person.pk)),
    }
    return render(request, "keys/index.html", context)


def others(vault: OpenVault) -> list[Other]:
    """Everybody with an account, those whose keys wait to be compared first."""
    rows = Person.objects.filter(is_active=True).exclude(pk=vault.person).order_by("name", "pk")
    order = {"changed": 0, "new": 1, "compared": 2, "none": 3}
    return sorted((_other(vault, row) for row in rows), key=lambda one: order[one.state])


def _other(vault: OpenVault, person: Person) -> Other:
    keys = vault.directory.now(person.pk)
    if keys is None:
        return Other(person, None, "none")
    if vault.trusts(keys):
        return Other(person, keys, "compared")
    return Other(person, keys, "changed" if person.pk in vault.memory.verified else "new")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def unlock(request: HttpRequest) -> HttpResponseBase:
    """Open my vault, and go on to where I was."""
    person, form = person_of(request), PassphraseForm(request.POST or None)
    if not vaults.has_vault(person.pk):
        return render(request, "keys/none.html", {"next": _next(request)})
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            cookie = vaults.unlock(person.pk, form.cleaned_data["passphrase"])
        except SealError:
            form.add_error("passphrase", _("These are not the words of your vault. Nothing was opened."))
            status = 422
        except BusyError:
            form.add_error(None, _("Other vaults are being opened at this moment. Try again in a few seconds."))
            status = 503
        except NoKeyholderError:
            return redirect("keys:closed")
        else:
            # Whoever opened an earlier vault first learns that there is a newer one.
            superseded = vaults.OpenVault(person.pk, cookie).superseded
            response = HttpResponseRedirect("/keys/" if superseded else _next(request))
            give_cookie(response, cookie)
            return response
    return render(request, "keys/unlock.html", {"form": form, "next": _next(request)}, status=status)


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return "/keys/"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def make(request: HttpRequest) -> HttpResponseBase:
    """Make my vault; its words are shown this one time.

    Who has one already must say that its words are lost, and prove anew who they are: everything that was sealed to it
    stays closed to the new one. They are told of it by their own channels, in case that it was not them.
    """
    person = person_of(request)
    if request.method == "POST" and not vaults.has_vault(person.pk):
        return _made(request)
    if request.POST.get("lost") != "yes":
        return redirect("keys:lost")
    response: HttpResponseBase = _made_anew(request)
    return response


@reauthentication_required(app="allauth.mfa")  # type: ignore[untyped-decorator]  # allauth has no types
def _made_anew(request: HttpRequest) -> HttpResponseBase:
    person = person_of(request)
    response = _made(request)
    announcing.tell([person.pk], f"vault:{vaults.vault_row(person.pk).generation}", life=False)
    return response


def _made(request: HttpRequest) -> HttpResponseBase:
    person = person_of(request)
    try:
        passphrase, cookie = vaults.make(person.pk)
    except (NoKeyholderError, BusyError):
        return redirect("keys:closed")
    response = _shown_once(request, passphrase)
    give_cookie(response, cookie)
    return response


@require_POST
@needs_vault
def undo(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """It wasn't me: take back the vaults that were made after this one, and open this one anew."""
    vaults.undo(vault)
    return redirect("keys:unlock")


def _shown_once(request: HttpRequest, passphrase: str) -> HttpResponse:
    return render(request, "keys/words.html", {"words": passphrase.split(), "next": _next(request)})


@require_safe
@signed_in
@never_cache
def lost(request: HttpRequest) -> HttpResponseBase:
    """What it means to begin anew."""
    return render(request, "keys/lost.html")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def passphrase(request: HttpRequest) -> HttpResponseBase:
    """Get other words for my vault; the keys stay."""
    person, form = person_of(request), PassphraseForm(request.POST or None)
    status = 200
    if not vaults.has_vault(person.pk):
        return render(request, "keys/none.html", {"next": _next(request)})
    if request.method == "POST" and form.is_valid():
        try:
            return _shown_once(request, vaults.change_passphrase(person.pk, form.cleaned_data["passphrase"]))
        except SealError:
            form.add_error("passphrase", _("These are not the words of your vault. Nothing was changed."))
            status = 422
        except (NoKeyholderError, BusyError):
            return redirect("keys:closed")
    return render(request, "keys/passphrase.html", {"form": form}, status=status)


@require_POST
@signed_in
@never_cache
def lock(request: HttpRequest) -> HttpResponseBase:
    """Close my vault; everywhere, when asked."""
    try:
        if request.POST.get("where") == "everywhere":
            keyholder().lock_person(person_of(request).pk)
        else:
            keyholder().lock(cookie_of(request))
    except (NoKeyholderError, ClosedError):
        pass  # what does not answer holds nothing open
    response = redirect("keys:vault")
    response.delete_cookie("__Host-vault")
    response.delete_cookie("vault")
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def panic(request: HttpRequest) -> HttpResponseBase:
    """Close every vault of everybody, at once."""
    if request.method == "POST":
        vaults.lock_everything(person_of(request).pk)
        return redirect("keys:vault")
    return render(request, "keys/panic.html")


@require_safe
@signed_in
@never_cache
def closed(request: HttpRequest) -> HttpResponseBase:
    """There is no keyholder, so that nothing opens."""
    return render(request, "keys/closed.html", status=503)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def compare(request: HttpRequest, vault: OpenVault, number: int) -> HttpResponseBase:
    """Compare somebody's keys with them, by another way than this system."""
    person = get_object_or_404(Person, pk=number, is_active=True)
    other = _other(vault, person)
    form = ComparedForm(request.POST or None)
    if request.method == "POST" and other.keys is not None and form.is_valid():
        if request.POST.get("keys") == other.keys.digest.hex():
            vault.verify(other.keys)
            return redirect("keys:vault")
        form.add_error(None, _("Their keys changed while you compared. Read the words to each other once more."))
    context = {"other": other, "form": form, "mine": vault.directory.at(vault.person, vault.generation)}
    return render(request, "keys/compare.html", context, status=422 if form.errors else 200)
