"""All allies, those who fit a need, those to verify again, and taking in a list."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from tocsin.alerts import clock
from tocsin.alliances import access, actions, importing, shown, words
from tocsin.alliances.forms import FindForm, ImportForm
from tocsin.alliances.models import Again, Contact
from tocsin.alliances.narrowing import narrowed
from tocsin.alliances.views.acting import tried
from tocsin.lib import territories
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right

A_PAGE = 50
_MOST_FOUND = 40
_FILTERS = ("q", "kind", "country", "language", "help", "state")


@require_safe
@needs(Right.ALLIES)
@never_cache
def index(request: HttpRequest) -> HttpResponseBase:
    """Every ally, narrowed by what the reader chose."""
    person, at = person_of(request), clock.now()
    chosen = {name: request.GET.get(name, "").replace("\x00", "").strip()[:60] for name in _FILTERS}
    rows = access.contacts_for(person)
    found = narrowed(rows, chosen, at)
    page = Paginator(found.order_by("name", "pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": [shown.line(row, at) for row in page],
        "chosen": chosen,
        "total": rows.count(),
        "due": access.to_verify(person, at).count(),
        "kinds": words.KINDS.items(),
        "helps": [(key, one.words) for key, one in words.HELPS.items()],
        "countries": territories.choices(get_language() or "en"),
        "states": [*Contact.State.choices, ("stale", words.standing("stale").word)],
        "may_vet": person.may(Right.VET),
    }
    return render(request, "alliances/index.html", context)


@require_safe
@needs(Right.ALLIES)
@never_cache
def find(request: HttpRequest) -> HttpResponseBase:
    """Who fits a need, best first, with reasons. Nothing of the need is stored."""
    asked = bool(request.GET)
    form = FindForm(request.GET if asked else None)
    found = []
    if asked and form.is_valid():
        given = form.cleaned_data
        found = actions.suggest(given["country"], given["language"], given["help"], given["tlp"])[:_MOST_FOUND]
    at = clock.now()
    context = {
        "form": form,
        "asked": asked and form.is_valid(),
        "found": [(one, shown.line(one.contact, at)) for one in found],
    }
    return render(request, "alliances/find.html", context)


@require_safe
@needs(Right.ALLIES)
@never_cache
def due(request: HttpRequest) -> HttpResponseBase:
    """Whom to verify again: all for who vets, one's own for others."""
    person, at = person_of(request), clock.now()
    rows = list(access.to_verify(person, at)[:200])
    told = dict(Again.objects.filter(contact__in=rows, closed_at=None).values_list("contact", "told_at"))
    soon = access.contacts_for(person).filter(state=Contact.State.VETTED).exclude(access.stale(at)).order_by("next_due")
    context = {
        "rows": [(shown.line(row, at), told.get(row.pk)) for row in rows],
        "soon": [shown.line(row, at) for row in soon[:10]],
        "may_vet": person.may(Right.VET),
    }
    return render(request, "alliances/due.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.VET)
@never_cache
def bring(request: HttpRequest) -> HttpResponseBase:
    """Take in a list, or say by line why none of it was taken."""
    person = person_of(request)
    begin = {"owner": person.pk}
    form = ImportForm(access.team(), request.POST or None, request.FILES or None, initial=begin)
    wrong: tuple[importing.Wrong, ...] = ()
    if request.method == "POST" and form.is_valid():
        taken = importing.take(person, form.cleaned_data["file"], form.cleaned_data["owner"])
        wrong = taken.wrong
        if not wrong:
            said = ngettext(
                "%(n)s ally was added. They are proposed until somebody vets them.",
                "%(n)s allies were added. They are proposed until somebody vets them.",
                taken.count,
            ) % {"n": taken.count}
            tried(request, lambda: None, said)
            return redirect("alliances:index")
    context = {
        "form": form,
        "wrong": wrong,
        "columns": [(name, name in importing.NEEDED) for name in importing.COLUMNS],
        "kinds": words.KINDS.items(),
        "helps": [(key, one.words) for key, one in words.HELPS.items()],
    }
    return render(request, "alliances/import.html", context, status=422 if wrong or form.errors else 200)
