"""Documents: the list, bringing some, and an original back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.audit.actions import record
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.streams import access
from tocsin.streams.documents import Brought
from tocsin.streams.documents import original as original_of
from tocsin.streams.documents import upload as upload_one
from tocsin.streams.drafts import RefusedError
from tocsin.streams.forms import UploadForm

A_PAGE = 50
MOST_FILES = 20


@needs(Right.READ)
def documents(request: HttpRequest) -> HttpResponseBase:
    """The documents that this person may read."""
    person = person_of(request)
    # The few sources first: joined, databases may walk through every item of every kind.
    sources = list(access.sources_for(person).filter(kind="documents").values_list("pk", flat=True))
    rows = access.items_for(person).filter(source__in=sources).select_related("source")
    page = Paginator(rows.defer("original", "text").order_by("-pk"), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "streams/documents.html", {"page": page, "may_add": person.may(Right.SOURCES)})


@needs(Right.SOURCES)
def upload(request: HttpRequest) -> HttpResponseBase:
    """Bring documents; each is read by itself, so that one bad file stops no other."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        brought = form.brought()
        if len(brought) > MOST_FILES:
            form.add_error("documents", _("Bring at most %(n)s documents at once.") % {"n": MOST_FILES})
            return render(request, "streams/upload.html", {"form": form})
        if _all_taken(request, form, brought):
            return redirect("streams:documents")
    return render(request, "streams/upload.html", {"form": form})


def _all_taken(request: HttpRequest, form: UploadForm, brought: list[Brought]) -> bool:
    """Read each document, say which were kept and which not and why; False when one was refused."""
    done, refused = 0, []
    for one in brought:
        try:
            upload_one(person_of(request), one)
            done += 1
        except RefusedError as error:
            if error.field != "documents" and error.field in form.fields:
                # What is wrong with the limits or hints is wrong for all of them.
                form.refuse(error)
                return False
            refused.append(_("%(name)s was refused: %(why)s") % {"name": one.name[:80], "why": error.message})
    if done:
        words = ngettext("%(n)s document was read and kept.", "%(n)s documents were read and kept.", done)
        messages.success(request, words % {"n": done})
    for line in refused:
        messages.error(request, line)
    return not refused


@needs(Right.READ)
def original(request: HttpRequest, number: int) -> HttpResponseBase:
    """The original of an item, as a file to keep: never opened inside the site."""
    person = person_of(request)
    item = access.access_item(person, number)
    try:
        body = original_of(item)
    except ValueError:
        raise Http404 from None
    with transaction.atomic():
        record(person.pk, "item.original", f"item:{item.pk}")
    response = HttpResponse(body, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(
        True, _file_name(str(item.facts.get("file", "")), item.pk)
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store"
    return response


def _file_name(name: str, number: int) -> str:
    safe = "".join(sign for sign in name if sign.isalnum() or sign in " ._-").strip(" .")[-100:]
    return safe or f"item-{number}.txt"
