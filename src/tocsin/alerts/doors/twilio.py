"""What a Twilio-shaped provider calls: replies by SMS, digits pressed in a call, and what became of each message.

Every call must carry the provider's signature over its address and its fields. The address is the one that people type
(``public_url``), since a proxy may have changed what arrives.
"""

import base64
import hmac
from collections.abc import Callable
from functools import wraps
from hashlib import sha1
from typing import Concatenate, ParamSpec
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tocsin.alerts import answering, clock
from tocsin.alerts.answering import Said
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.doors import receipts
from tocsin.alerts.doors.words import said
from tocsin.alerts.models import Heard, Page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

MOST_BYTES = 16_000
_MOST_FIELDS = 100
# The provider's numbers for an address that will never work: unknown, not a mobile, or its owner said STOP.
_FOR_GOOD = {
    "21211": Why.BAD_ADDRESS,
    "21614": Why.BAD_ADDRESS,
    "30005": Why.BAD_ADDRESS,
    "30006": Why.BAD_ADDRESS,
    "21610": Why.UNSUBSCRIBED,
}
_LOST, _RANG = {"undelivered", "failed", "canceled"}, {"busy", "no-answer"}


def signature(token: str, url: str, fields: list[tuple[str, str]]) -> str:
    """The provider's signature: HMAC-SHA1 in base64 over the address and the fields in order of their names.

    Source: https://www.twilio.com/docs/usage/security
    """
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    # The provider chose SHA-1; as a keyed hash it still stands.
    return base64.b64encode(hmac.new(token.encode(), text.encode("utf-8", "replace"), sha1).digest()).decode()


def signed(view: View[P]) -> View[P]:
    """Let a view run only for a small POST with the provider's signature; others get 403, without a reason."""

    @csrf_exempt
    @require_POST
    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return HttpResponse(status=413)
        return view(request, *args, **kwargs) if _is_theirs(request) else HttpResponse(status=403)

    return checked


def _is_theirs(request: HttpRequest) -> bool:
    token = settings.PAGING.secrets.get("sms_token", "")
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    if not token or len(fields) > _MOST_FIELDS:
        return False
    right = signature(token, settings.PAGING.public_url.rstrip("/") + request.get_full_path(), fields)
    given = request.headers.get("X-Twilio-Signature", "")
    return hmac.compare_digest(right.encode(), given.encode("utf-8", "replace"))


@signed
def sms(request: HttpRequest) -> HttpResponse:
    """A reply to an SMS: the number from the message, alone or with a word. Strangers get no answer."""
    sender, number = request.POST.get("From", ""), request.POST.get("MessageSid", "")
    if not sender or not number:
        return _twiml("")
    answered = answering.by_message("sms", sender, request.POST.get("Body", "")[:200], number)
    words = said(answered)
    return _twiml(f"<Message>{escape(words)}</Message>" if words else "")


@signed
def voice(request: HttpRequest, page: str) -> HttpResponse:
    """Digits pressed in a call that we made: the page's number, which says "I have it"."""
    row = _page(page, "voice")
    digits, call = request.POST.get("Digits", "")[:12], request.POST.get("CallSid", "")[:64]
    if row is None or not digits or not call or not _went_to(row, request.POST.get("To", "")):
        return _twiml("<Hangup/>")
    with transaction.atomic():
        pressed = f"{call}:{digits}"
        _, fresh = Heard.objects.get_or_create(channel="voice", external_id=pressed, defaults={"at": clock.now()})
        if not fresh:
            return _twiml("<Hangup/>")
        answered = answering.answer(row, "have", digits, "voice")
    language = row.notice.person.language if row.notice.person is not None else ""
    spoken = f"<Say language={quoteattr(language or 'en')}>{escape(said(answered))}</Say>"
    if answered.said != Said.WRONG:
        return _twiml(spoken + "<Hangup/>")
    # Without an action the digits come to this very address again.
    return _twiml(f'<Gather input="dtmf" numDigits="4" timeout="10" method="POST">{spoken}</Gather>')


@signed
def sms_status(request: HttpRequest, page: str) -> HttpResponse:
    """What became of an SMS."""
    return _status(request, page, "sms", request.POST.get("MessageStatus", ""))


@signed
def voice_status(request: HttpRequest, page: str) -> HttpResponse:
    """What became of a call. That it was answered says nothing: it may have been a mailbox."""
    return _status(request, page, "voice", request.POST.get("CallStatus", ""))


def _status(request: HttpRequest, page: str, channel: str, status: str) -> HttpResponse:
    row = _page(page, channel)
    if row is not None and _went_to(row, request.POST.get("To", "")):
        if status == "delivered":
            receipts.delivered(row)
        elif status in _RANG:
            receipts.unanswered(row)
        elif status in _LOST:
            why = _FOR_GOOD.get(request.POST.get("ErrorCode", ""))
            receipts.undelivered(row, why or Why.GAVE_UP, for_good=why is not None)
    return HttpResponse(status=204)


def _page(public_id: str, channel: str) -> Page | None:
    rows = Page.objects.select_related("notice__person", "address")
    return rows.filter(public_id=public_id, channel=channel).first()


def _went_to(page: Page, number: str) -> bool:
    own = page.address.value if page.address is not None else ""
    return bool(own) and hmac.compare_digest(own.encode(), number.encode("utf-8", "replace"))


def _twiml(inside: str) -> HttpResponse:
    document = f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'
    return HttpResponse(document, content_type="text/xml; charset=utf-8")
