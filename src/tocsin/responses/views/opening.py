"""What the views of a plan share: it is obtained, open or sealed, or nothing is said about it; and what they refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.keys.access import needs_vault
from tocsin.keys.safes import ChangedError as SafeChangedError
from tocsin.keys.safes import OpenSafe
from tocsin.keys.vaults import OpenVault, UnverifiedError
from tocsin.people.access import person_of, signed_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import access, involved, shown
from tocsin.responses.access import Seen
from tocsin.responses.authority import RefusedError
from tocsin.responses.log.content import WrongError
from tocsin.responses.log.folding import Plan, Standing
from tocsin.responses.log.keeping import Book, ChangedError

P = ParamSpec("P")
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Opened:
    """A plan as the person of this request obtained it; ``vault`` opened it when it is sealed."""

    person: Person
    seen: Seen
    vault: OpenVault | None = None

    @property
    def plan(self) -> Plan:
        """The plan, as far as this person may see it."""
        return self.seen.plan

    @property
    def book(self) -> Book:
        """Its log."""
        return self.seen.book

    def url(self, name: str, *args: Any) -> str:
        """The address of a page of this plan."""
        start = "sealed_" if self.vault is not None else ""
        return reverse(f"responses:{start}{name}", args=[self.book.id, *args])

    @property
    def may_write(self) -> bool:
        """Whether this person writes plans."""
        return self.person.may(Right.PLANS)

    @property
    def may_approve(self) -> bool:
        """Whether a yes or a no by this person would count now."""
        return not involved.refusal(self.plan, self.person)

    def members(self) -> set[int] | None:
        """Who can read a sealed plan; None for an open one."""
        if self.vault is None:
            return None
        return set(OpenSafe(self.vault, UUID(self.book.id)).head.members)


PlanView = Callable[Concatenate[HttpRequest, Opened, P], HttpResponseBase]


def of_open(view: PlanView[P]) -> View:
    """Give a view the open plan of its address; who may not see it gets the page for what isn't there."""

    def guarded(request: HttpRequest, /, *args: Any, public_id: str, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        return view(request, Opened(person, access.access_plan(person, public_id)), *args, **kwargs)

    return wraps(view)(signed_in(guarded))


def of_sealed(view: PlanView[P]) -> View:
    """Give a view the sealed plan of its address, as the vault in this browser opens it."""

    def guarded(request: HttpRequest, vault: OpenVault, /, *args: Any, safe: UUID, **kwargs: Any) -> HttpResponseBase:
        opened = Opened(person_of(request), access.access_sealed(vault, safe), vault)
        return view(request, opened, *args, **kwargs)

    return wraps(view)(needs_vault(guarded))


def whole(view: PlanView[P]) -> PlanView[P]:
    """Let a view run only for who sees all of the plan."""

    @wraps(view)
    def guarded(request: HttpRequest, opened: Opened, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not opened.seen.whole:
            raise Http404
        return view(request, opened, *args, **kwargs)

    return guarded


def writes(view: PlanView[P]) -> PlanView[P]:
    """Let a view run only for who sees all of the plan and writes plans."""

    @wraps(view)
    def guarded(request: HttpRequest, opened: Opened, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not opened.may_write:
            raise Http404
        return view(request, opened, *args, **kwargs)

    return whole(guarded)


def under_way(view: PlanView[P]) -> PlanView[P]:
    """Lead from a form of a plan that is closed to where it can be opened again: nothing would be stored."""

    @wraps(view)
    def guarded(request: HttpRequest, opened: Opened, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if opened.plan.closed is None or request.method == "POST":
            return view(request, opened, *args, **kwargs)
        messages.info(request, _("It is closed. Open it again first."))
        return redirect(opened.url("standing" if opened.may_write and opened.seen.whole else "plan"))

    return guarded


def tried(request: HttpRequest, verb: Callable[[], object], said: str = "") -> HttpResponse | bool:
    """Do it, and say what came of it: whether it was done, or the page to go to first."""
    try:
        verb()
    except RefusedError as refusal:
        messages.error(request, refusal.args[0])
    except WrongError as wrong:
        messages.error(request, wrong.words)
    except (ChangedError, SafeChangedError):
        messages.error(request, _("Somebody changed the plan meanwhile. Look again, then do it anew."))
    except UnverifiedError as unverified:
        messages.error(request, _("Compare keys with them first: then you know that nobody stands in between."))
        return redirect("keys:compare", unverified.person)
    else:
        if said:
            messages.success(request, said)
        return True
    return False


def done(request: HttpRequest, opened: Opened, verb: Callable[[], object], said: str, to: str = "") -> HttpResponse:
    """Do it, and go back to the plan or to another address of it."""
    went = tried(request, verb, said)
    return went if isinstance(went, HttpResponse) else redirect(to or opened.url("plan"))


def page(request: HttpRequest, opened: Opened, template: str, status: int = 200, **more: Any) -> HttpResponse:
    """A page of a plan."""
    plan = opened.plan
    context = {
        "opened": opened,
        "plan": plan,
        "names": shown.names(plan),
        "whole": opened.seen.whole,
        "sealed": opened.vault is not None,
        "may_write": opened.may_write and opened.seen.whole,
        "closed": plan.standing is Standing.CLOSED,
        "me": opened.person.pk,
        "drill_here": plan.begun.drill,
        **more,
    }
    return render(request, f"responses/{template}.html", context, status=status)
