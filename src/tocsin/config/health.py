"""``/healthz`` and ``/metrics``: whether everything works, for machines that watch. Strangers learn yes or no."""

import hmac
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.alerts import standing
from tocsin.config import disk, heartbeat
from tocsin.config.configuration import secret

PARTS = ("page", "collect", "work")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 and "ok", or 503 and "not ok"; the reasons as JSON for who may know.

    ``?only=web`` asks for the console alone, as a balancer does: a stopped collector must not take pages away.
    """
    state = web_state() if request.GET.get("only") == "web" else whole_state()
    status = 200 if state["ok"] else 503
    if may_know(request):
        return JsonResponse(state, status=status)
    return HttpResponse("ok\n" if state["ok"] else "not ok\n", status=status, content_type="text/plain")


def web_state() -> dict[str, Any]:
    """Whether the console can answer: the database does."""
    try:
        heartbeat.beats()
    except DatabaseError:
        return {"ok": False, "database": "does not answer"}
    return {"ok": True, "database": "answers"}


def whole_state() -> dict[str, Any]:
    """Whether every part works, and what each says."""
    state = web_state()
    free, least = disk.free_mb(), int(settings.CONFIGURATION.minimum_free_mb)
    state["disk"] = {"free_mb": free, "collectors_stop_below_mb": least, "ok": free >= least}
    if state["ok"]:
        alive = [beat for beat in heartbeat.beats() if beat.alive]
        state["parts"] = {part: _said([beat for beat in alive if beat.part == part]) for part in PARTS}
        state["parts"]["page"] = _said_of_pager(state["parts"]["page"])
        state["ok"] = free >= least and all(said == "works" for said in state["parts"].values())
    return state


def _said_of_pager(said: str) -> str:
    """The same, unless its process works and pages don't go out, or don't arrive."""
    pager = standing.pager_state()
    return f"does not deliver: {pager.how}" if said == "works" and pager.loud else said


def may_know(request: HttpRequest) -> bool:
    """Whether the asker has the metrics token, or sits at this machine while nothing stands in front of it.

    Behind a proxy everybody seems to sit at this machine, so that counts only while the public address is loopback.
    """
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    wanted = secret(settings.HOME, "metrics_token")
    if wanted and given and hmac.compare_digest(given.encode(), wanted.encode()):
        return True
    return _loopback(request.META.get("REMOTE_ADDR", "")) and _loopback(urlsplit(settings.PUBLIC_URL).hostname or "")


def _said(beats: list[heartbeat.Beat]) -> str:
    if not beats:
        return "is not running"
    failing = sorted({beat.state for beat in beats if beat.state.startswith(heartbeat.FAILING)})
    if failing:
        return "failing: " + ", ".join(state.removeprefix(heartbeat.FAILING) for state in failing)
    return "works" if any(not beat.state for beat in beats) else "waits for room on the disk"


def _loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
