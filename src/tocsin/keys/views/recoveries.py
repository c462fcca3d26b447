"""Pages on which a safe is entrusted to custodians, and on which they give it to somebody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.keys import custodians as keeping
from tocsin.keys import finishing, losses, recovery, safes
from tocsin.keys.access import needs_vault
from tocsin.keys.ceremony_forms import AskForm, CustodiansForm, names_of
from tocsin.keys.custodians import BarredError, QuorumError
from tocsin.keys.finishing import TooFewError
from tocsin.keys.losses import Loss, Why
from tocsin.keys.models import Recovery
from tocsin.keys.recovery import Asked, NothingEntrustedError, NotNowError
from tocsin.keys.safes import ChangedError, NotInError, NotLastingError, OpenSafe, StaysError
from tocsin.keys.shredding import is_left_to_room
from tocsin.keys.vaults import OpenVault, Seen, UnverifiedError
from tocsin.keys.views import ends
from tocsin.people.models import Person


@dataclass(frozen=True, slots=True)
class Shown:
    """One asking as somebody sees it."""

    id: UUID
    safe: UUID
    holder: str
    asker: str
    reason: str
    due_at: datetime
    until: datetime | None
    agreed: int
    state: str
    can_agree: bool
    can_finish: bool
    can_stop: bool


@require_safe
@needs_vault
def index(request: HttpRequest, vault: OpenVault) -> HttpResponseBase:
    """What was asked of me or about what I am in, and whose shares I keep."""
    shown = [_shown(vault, one) for one in recovery.concerning(vault.person)]
    return render(request, "keys/recoveries.html", {"askings": shown, "keeps": recovery.keeps(vault.person)})


def _shown(vault: OpenVault, row: Recovery) -> Shown:
    names = dict(names_of([row.holder, row.asker]))
    over = bool(row.done_at or row.stopped_at or (row.until and row.until <= timezone.now()))
    ripe = not over and row.due_at <= timezone.now()
    agreed = {one.person for one in row.consents.all()}
    seen = recovery.seen_now(vault, row.safe_id) if not over else Seen()
    state = "done" if row.done_at else "stopped" if row.stopped_at else "over" if over else "ripe" if ripe else "waits"
    return Shown(
        row.pk,
        row.safe_id,
        names.get(row.holder, ""),
        names.get(row.asker, ""),
        recovery.reason(vault, row),
        row.due_at,
        row.until,
        len(agreed),
        state,
        ripe and vault.person in seen.custodians and vault.person not in agreed,
        ripe and vault.person == row.holder and len(agreed) >= max(2, seen.quorum),
        not over and vault.person in {*seen.members, *seen.custodians},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def one(request: HttpRequest, vault: OpenVault, asking: UUID) -> HttpResponseBase:
    """One asking: agree to it, stop it, or take the keys."""
    try:
        row = recovery.one_of(vault.person, asking)
        if request.method == "POST":
            return _act(request, vault, row)
        return _page(request, vault, row)
    except NotInError:
        raise Http404 from None


def _page(request: HttpRequest, vault: OpenVault, row: Recovery, wrong: str = "", compare: int = 0) -> HttpResponseBase:
    shown = _shown(vault, row)
    members = names_of(set(recovery.seen_now(vault, row.safe_id).members) - {vault.person}) if shown.can_finish else []
    context = {"one": shown, "members": members, "wrong": wrong, "compare": compare}
    return render(request, "keys/recovery.html", context, status=409 if wrong else 200)


def _act(request: HttpRequest, vault: OpenVault, row: Recovery) -> HttpResponseBase:
    act = request.POST.get("act")
    try:
        if act == "stop":
            recovery.stop(vault, row.pk)
            messages.success(request, _("It is stopped. Nothing was given to anybody."))
        elif act == "agree":
            recovery.agree(vault, row.pk)
            messages.success(request, _("Your share is handed on. It opens for the named person alone."))
        elif act == "finish":
            out = [int(one) for one in request.POST.getlist("leave_out") if one.isdigit()]
            finishing.finish(vault, row.pk, out)
            messages.success(request, _("The keys are yours. Everybody concerned has been told."))
    except UnverifiedError as error:
        words = _("Compare keys with everybody who is to get any, and try again. Who stays in it must be compared too.")
        return _page(request, vault, row, words, error.person)
    except BarredError:
        return _page(request, vault, row, _("The named person is in conflict with this and can’t be given it."))
    except NotNowError as error:
        return _page(request, vault, row, _not_now(error))
    except StaysError:
        words = _(
            "Only who made new keys since, and holds nothing beyond what is given, can be taken out, and for good."
        )
        return _page(request, vault, row, words)
    except TooFewError as error:
        words = _("%(have)s of %(need)s custodians have agreed. Ask the others.")
        return _page(request, vault, row, words % {"have": error.have, "need": error.need})
    except ChangedError:
        return _page(request, vault, row, _("Somebody changed it at this moment. Try again."))
    return redirect("keys:recoveries")


def _not_now(error: NotNowError) -> str:
    return {
        "early": _("The time in which anybody may stop it still runs."),
        "short": _("It was asked with less time to stop it than is set. Ask anew."),
        "changed": _("Keys changed since it was asked, so nobody can say yes to it any more. Ask anew."),
    }.get(error.why, _("It is over: stopped, done, or out of time."))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def ask(request: HttpRequest, vault: OpenVault, safe: UUID) -> HttpResponseBase:
    """Ask the custodians of something that I am in or keep shares of."""
    try:
        seen = recovery.seen_now(vault, safe)
    except NotInError:
        raise Http404 from None
    if vault.person not in {*seen.members, *seen.custodians}:
        raise Http404
    choices = names_of(one.person for one in vault.directory.keys)
    form = AskForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        hours = int(given["length"]) if given["length"] != "good" else 0
        until = timezone.now() + timedelta(hours=hours) if hours else None
        try:
            recovery.ask(vault, safe, Asked(given["holder"], given["reason"], until, given["life"]))
        except NotLastingError:
            form.add_error(None, _("You are in it for a while. Let somebody ask who stays, or a custodian."))
        except NothingEntrustedError:
            form.add_error(None, _("Nothing of it is entrusted to custodians, so nobody can give it."))
        except UnverifiedError:
            form.add_error("holder", _("They have no vault yet. Ask them to make one."))
        else:
            messages.success(request, _("Asked. Everybody concerned is being told now."))
            return redirect("keys:recoveries")
    status = 422 if form.errors else 200
    return render(request, "keys/recovery_ask.html", {"form": form, "quorum": seen.quorum}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def custodians(request: HttpRequest, vault: OpenVault, safe: UUID) -> HttpResponseBase:
    """Who could bring this back, what would be lost, and choosing custodians."""
    try:
        opened = OpenSafe(vault, safe)
    except NotInError:
        raise Http404 from None
    compared = {row.person for row in vault.directory.keys if vault.trusts(row)} - opened.head.barred
    now = {"people": sorted(opened.head.custodians), "quorum": opened.head.quorum or 2}
    form = CustodiansForm(request.POST or None, choices=names_of(compared), initial=now)
    if request.method == "POST" and form.is_valid():
        people, quorum = form.cleaned_data["people"], form.cleaned_data["quorum"]
        try:
            if people and set(people) <= _whole_holders(opened):
                raise _OwnersOnlyError
            safes.changing(vault, safe, lambda one: _entrust(one, people, quorum))
        except _OwnersOnlyError:
            form.add_error("people", _("All of these can open everything anyway. Choose somebody beside them, too."))
        except (NotInError, NotLastingError):
            form.add_error(None, _("Only somebody who is in it for good and holds all of it chooses custodians."))
        except QuorumError:
            form.add_error("quorum", _("Choose at least two custodians, and no more shares than custodians."))
        except UnverifiedError:
            form.add_error("people", _("Compare keys with everybody in it and with every custodian first."))
        except ChangedError:
            form.add_error(None, _("Somebody changed it at this moment. Try again."))
        else:
            messages.success(request, _("Saved. Each custodian holds a new share."))
            return redirect("keys:custodians", safe)
    by = keeping.chosen_by(safe)
    context = {
        "form": form,
        "safe": safe,
        "by_room": is_left_to_room(opened.kind),
        "losses": _losses(opened),
        "ended": ends.shown(opened.shredded),
        "leads": opened.leads,
        "chosen": names_of(opened.head.custodians),
        "by": dict(names_of([by])).get(by, "") if by else "",
    }
    return render(request, "keys/custodians.html", context, status=422 if form.errors else 200)


class _OwnersOnlyError(Exception):
    """Custodians who are all owners bring nothing back that an owner could not: nobody else would be left."""


def _whole_holders(opened: OpenSafe) -> set[int]:
    names = opened.head.epochs.keys()
    return {person for person, member in opened.head.members.items() if names <= set(member.compartments)}


def _entrust(opened: OpenSafe, people: list[int], quorum: int) -> None:
    opened.set_custodians(people, quorum)
    opened.log("custodians", people=people, quorum=quorum)


def _losses(opened: OpenSafe) -> list[tuple[Loss, str, str]]:
    names = dict(Person.objects.values_list("pk", "name"))
    whys = {
        Why.NOBODY: _("There are no custodians."),
        Why.NOT_ENTRUSTED: _("This compartment is not entrusted yet; it will be when somebody who holds it saves."),
        Why.TOO_FEW: _("Without this person too few custodians are left."),
    }
    found = losses.warnings(opened)
    return [(loss, names.get(loss.holder or 0, ""), whys[loss.why]) for loss in found]
