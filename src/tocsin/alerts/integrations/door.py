"""The address that other systems call. It answers only once what it took is stored, and says why it took nothing."""

import logging
from collections.abc import Sequence

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from tocsin.alerts.integrations.proving import WINDOW_SECONDS, Proof, Proved, prove
from tocsin.alerts.integrations.receiving import Received, Verdict, digest_of, receive, tell_trouble
from tocsin.alerts.integrations.refusals import refusals
from tocsin.alerts.integrations.shapes import SHAPES
from tocsin.alerts.integrations.shapes.base import BadPayloadError
from tocsin.alerts.models import Integration, Severity

logger = logging.getLogger(__name__)

MOST_BYTES = 2_000_000
_TOO_LARGE = f"The body is larger than {MOST_BYTES:,} bytes. Send fewer alerts at once."
_UNKNOWN = "No integration at this address takes this bearer or signature."
_TOO_OLD = f"The signature is of a moment more than {WINDOW_SECONDS // 60} minutes away. Set the sender's clock."
_UNSIGNED = "This integration takes only signed requests."
_COMPRESSED = "The body is compressed. Send it plain, without Content-Encoding."
_OVER_QUOTA = "This integration is over its quota of this hour. Somebody was told."
_BUSY = "Nothing was stored. Send it again."


@csrf_exempt
@never_cache
def knock(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take alerts from an integration's own system.

    Without the right proof every address looks the same, whether an integration is there or not.
    """
    if request.method != "POST":
        return JsonResponse({"status": "refused", "detail": "Send a POST."}, status=405, headers={"Allow": "POST"})
    try:
        return _answer(request, public_id)
    except UnreadablePostError:
        return _said(None, b"", 400, "refused", ["The body broke off. Send it again."])
    except DatabaseError:
        logger.exception("an integration's body could not be stored")
        response = _said(None, b"", 503, "failed", [_BUSY])
        response["Retry-After"] = "10"
        return response


def _answer(request: HttpRequest, public_id: str) -> HttpResponse:
    body = b"" if _stated(request) > MOST_BYTES else request.read(MOST_BYTES + 1)
    too_large = _stated(request) > MOST_BYTES or len(body) > MOST_BYTES
    door = Integration.objects.filter(public_id=public_id, revoked_at=None).first()
    proved = prove(request, door, b"" if too_large else body)
    if door is None or proved.proof is Proof.NOTHING:
        return _stranger(door, too_large=too_large)
    if proved.proof is Proof.TOO_OLD:
        return _refused(door, body, 409, _TOO_OLD)
    if proved.proof is Proof.UNSIGNED:
        return _refused(door, body, 403, _UNSIGNED)
    if too_large:
        return _lost(door, b"", 413, _TOO_LARGE)
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
        return _lost(door, b"", 415, _COMPRESSED)
    return _taken(door, body, proved)


def _stated(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _stranger(door: Integration | None, *, too_large: bool) -> HttpResponse:
    if door is not None:
        refusals.count(door.pk, "The bearer or the signature was wrong.")
    if too_large:
        return _said(None, b"", 413, "refused", [_TOO_LARGE])
    response = _said(None, b"", 401, "refused", [_UNKNOWN])
    response["WWW-Authenticate"] = "Bearer"
    return response


def _taken(door: Integration, body: bytes, proved: Proved) -> HttpResponse:
    try:
        reports = SHAPES[door.shape].read(body)
    except BadPayloadError as error:
        return _lost(door, body, 400, error.message)
    received = receive(door, reports, digest_of(reports, body, proved.stamp))
    if received.verdict is Verdict.CLOSED:
        return _stranger(None, too_large=False)
    if received.verdict is Verdict.OVER_QUOTA:
        response = _refused(door, body, 429, _OVER_QUOTA)
        response["Retry-After"] = str(received.wait)
        return response
    known = received.verdict is Verdict.KNOWN or (received.fresh == 0 and bool(reports))
    return _said(door, body, 200, "known" if known else "accepted", _words(received))


def _words(received: Received) -> list[str]:
    words = [f"New alerts: {received.fresh}."]
    if received.assumed:
        words.append(
            f"Without a severity that is known here: {received.assumed}; taken as severe. "
            "Send one of critical, error, warning, info, or extreme, severe, moderate, minor."
        )
    return words


def _lost(door: Integration, body: bytes, status: int, words: str) -> HttpResponse:
    """Refuse what comes from the right sender and can't be read. It may have been an alert: a person is told."""
    tell_trouble(door, "unreadable", Severity.MODERATE)
    return _refused(door, body, status, words)


def _refused(door: Integration, body: bytes, status: int, words: str) -> HttpResponse:
    refusals.count(door.pk, words)
    return _said(door, body, status, "refused", [words])


def _said(door: Integration | None, body: bytes, status: int, state: str, words: Sequence[str]) -> HttpResponse:
    if door is None:
        return JsonResponse({"status": state, "detail": " ".join(words)}, status=status)
    answer = SHAPES[door.shape].answer(body, status, state, words)
    return JsonResponse(answer.body, status=answer.status)
