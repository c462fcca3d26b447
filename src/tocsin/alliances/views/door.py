"""The page behind the link of a slice: no account, no scripts, nothing kept.

To open the link shows nothing, since programs open links: the content needs the code that was told by another channel.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from tocsin.alliances import slices
from tocsin.alliances.refusals import RefusedError
from tocsin.alliances.slices import Opened
from tocsin.alliances.words import ANSWERS, SHARING
from tocsin.lib.names import random_name
from tocsin.lib.tlp import Tlp


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code", "words")
@sensitive_variables()
def page(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask for the code; with it show the content and take an answer. Unknown, over and recalled look the same."""
    row = slices.open_slices(token)
    if row is None:
        return _private(render(request, "alliances/door_nothing.html", status=404))
    if request.method != "POST":
        return _private(render(request, "alliances/door_code.html", {"left": row.tries_left}))
    code = request.POST.get("code", "")[:40]
    opened = slices.open_slice(row, token, code)
    if opened is None:
        return _private(_wrong(request, token))
    if request.POST.get("act") in ANSWERS:
        return _private(_answer(request, opened, code))
    slices.note_opening(opened)
    return _private(_show(request, opened, code))


def _wrong(request: HttpRequest, token: str) -> HttpResponse:
    still = slices.open_slices(token)
    if still is None:
        return render(request, "alliances/door_nothing.html", status=404)
    wrong = _("This is not the code.")
    return render(request, "alliances/door_code.html", {"wrong": wrong, "left": still.tries_left}, status=422)


def _show(request: HttpRequest, opened: Opened, code: str, wrong: str = "", words: str = "") -> HttpResponse:
    context = {
        "text": opened.text,
        "tlp": opened.tlp,
        "sharing": SHARING[Tlp(opened.tlp)],
        "until": opened.expires_at,
        "takes_answers": bool(opened.reply_to),
        "answers": ANSWERS.items(),
        "code": code,
        "once": random_name(20),
        "wrong": wrong,
        "words": words,
    }
    return render(request, "alliances/door_open.html", context, status=422 if wrong else 200)


def _answer(request: HttpRequest, opened: Opened, code: str) -> HttpResponse:
    kind, words = request.POST["act"], request.POST.get("words", "")[: slices.LONGEST_ANSWER + 1]
    try:
        slices.answer(opened, kind, words, request.POST.get("once", "")[:40] or random_name(20))
    except RefusedError as refusal:
        return _show(request, opened, code, refusal.message, words)
    return render(request, "alliances/door_thanks.html", {"said": ANSWERS[kind]})


def _private(response: HttpResponse) -> HttpResponse:
    """Out of caches and indexes, and no address of a page handed on to where its links lead."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response
