"""One piece of evidence: its description first; what it looks like only on purpose; copies that leave."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tocsin.cases.access import people
from tocsin.cases.evidence import actions, tickets
from tocsin.cases.evidence.access import access_evidence, piece
from tocsin.cases.evidence.forms import CopyForm, LookForm
from tocsin.cases.evidence.items import Evidence, Harm
from tocsin.cases.evidence.reading import Copy, UnreadError
from tocsin.cases.evidence.wording import kind_words, shown_lines, warning_words
from tocsin.cases.looking import read
from tocsin.cases.names import code_name
from tocsin.cases.refusals import RefusedError
from tocsin.keys.access import needs_vault
from tocsin.keys.safes import OpenSafe
from tocsin.keys.sealing import SealError
from tocsin.keys.vaults import OpenVault

DRAWN = frozenset({"jpeg", "png", "gif", "webp", "tiff", "bmp", "pdf"})


@require_safe
@needs_vault
def item(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """The description, what the file tells, its custody; a picture only right after it was opened on purpose."""
    safe = access_evidence(vault, case)
    kept = piece(safe, row)
    read(request, safe, row)
    seen = request.GET.get("seen", "")
    size = next((one for one in ("large", "small") if _may_see(request, seen, row, one)), "")
    context = _context(safe, kept.piece, row) | {"version": kept.version, "seen": seen if size else "", "size": size}
    return render(request, "cases/evidence/item.html", context)


def _context(safe: OpenSafe, one: Evidence, row: UUID) -> dict[str, object]:
    plain = one.harm is Harm.PLAIN
    return {
        "case": safe.id,
        "name": code_name(safe.id),
        "row": row,
        "one": one,
        "plain": plain,
        "kind": kind_words(one.media),
        "warnings": [warning_words(code) for code in one.warnings],
        "lines": shown_lines(one, people({line.by for line in one.custody})),
        "drawn": one.media in DRAWN and not one.gone,
        "form": LookForm(plain=plain),
        "owner": safe.me.role == "owner",
    }


@require_POST
@needs_vault
def look(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """Open it on purpose: noted first, then shown for two minutes in this session alone."""
    safe = access_evidence(vault, case)
    kept = piece(safe, row)
    form = LookForm(request.POST, plain=kept.piece.harm is Harm.PLAIN)
    if not form.is_valid():
        context = _context(safe, kept.piece, row) | {"form": form, "version": kept.version}
        return render(request, "cases/evidence/item.html", context, status=400)
    large = form.cleaned_data["large"]
    try:
        actions.look(vault, case, row, form.cleaned_data["why"], large=large)
    except RefusedError as refused:
        return render(request, "cases/evidence/refused.html", {"case": case, "words": refused.args[0]}, status=409)
    ticket = tickets.give(request, "look", row, "large" if large else "small")
    return redirect(reverse("cases:evidence:item", args=[case, row]) + "?" + urlencode({"seen": ticket}) + "#picture")


def _may_see(request: HttpRequest, ticket: str, row: UUID, size: str) -> bool:
    return bool(ticket) and tickets.holds(request, ticket, tickets.LOOK_WITHIN, "look", row, size)


@require_safe
@needs_vault
def picture(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """The preview, for who has just opened it: a new PNG that this system drew."""
    kept = piece(access_evidence(vault, case), row)
    seen = request.GET.get("seen", "")
    size = next((one for one in ("large", "small") if _may_see(request, seen, row, one)), "")
    if not size or kept.piece.gone:
        raise Http404
    try:
        png = actions.picture(kept.piece, large=size == "large")
    except (UnreadError, SealError):
        return HttpResponse(status=415)
    return _bare(HttpResponse(png, content_type="image/png"))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_vault
def copy(request: HttpRequest, vault: OpenVault, case: UUID, row: UUID) -> HttpResponseBase:
    """A copy: what it no longer tells stands on the page before anybody takes it."""
    safe = access_evidence(vault, case)
    kept = piece(safe, row)
    if kept.piece.gone:
        raise Http404
    read(request, safe, row)
    try:
        made, trouble = actions.clean_copy(kept.piece), ""
    except UnreadError as error:
        made, trouble = None, error.words
    except SealError:
        words = _("The file is not as it was received, or no longer here. Tell the owner of the case now.")
        return render(request, "cases/evidence/refused.html", {"case": case, "words": words}, status=409)
    choices = [(str(entry.id), one.headline) for entry, one in actions.consents(safe)]
    form = CopyForm(request.POST or None, consents=choices, clean=made is not None)
    if request.method == "POST" and form.is_valid():
        try:
            return _handed(request, vault, case, row, form, made)
        except RefusedError as refused:
            form.add_error(None, refused.args[0])
    context = {"case": case, "name": code_name(case), "row": row, "form": form, "made": made, "trouble": trouble}
    return render(request, "cases/evidence/copy.html", context, status=400 if form.is_bound else 200)


def _handed(
    request: HttpRequest, vault: OpenVault, case: UUID, row: UUID, form: CopyForm, made: Copy | None
) -> HttpResponseBase:
    given = form.cleaned_data
    kept = actions.hand_out(vault, case, row, given["why"], given["to"].strip(), given["consent"])
    # A name that tells nothing: neither the case nor what its sender called it.
    neutral = f"file-{kept.piece.file.sha256[:8]}"
    if given["what"] == "clean" and made is not None:
        return _saved(HttpResponse(made.body, content_type="application/octet-stream"), f"{neutral}.{made.ending}")
    content = actions.original(kept.piece)
    pieces = _beside(content) if isinstance(request, ASGIRequest) else content
    response = StreamingHttpResponse(pieces, content_type="application/octet-stream")
    response["Content-Length"] = str(kept.piece.file.size)
    return _saved(response, f"{neutral}.bin")


async def _beside(content: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Piece by piece from another thread: the framework would first gather an ordinary iterator in memory."""
    while part := await sync_to_async(_next, thread_sensitive=False)(content):
        yield part


def _next(content: Iterator[bytes]) -> bytes:
    return next(content, b"")


def _saved(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    # It is not packed on its way, so that its length stands and nothing gathers it.
    response["Content-Encoding"] = "identity"
    return _bare(response)


def _bare(response: HttpResponseBase) -> HttpResponseBase:
    """Whatever it is, it does nothing in a browser."""
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
