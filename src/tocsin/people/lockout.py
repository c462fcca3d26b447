"""After too many wrong passwords for one name from one address: what is counted, and what is said."""

import ipaddress
import math
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tocsin.audit.actions import record


def name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """The address that somebody tries to sign in with, in one spelling."""
    given = credentials.get("email") if credentials else request.POST.get("login")
    return str(given or "").strip().lower()[:255]


def address_of(request: HttpRequest) -> str:
    """The network address that a request is counted under: of IPv6 the first of its /64, since one home has all of
    those. 0.0.0.0 for a request without one, as over a local socket."""
    try:
        address = ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", "")).partition("%")[0].strip("[]"))
    except ValueError:
        return "0.0.0.0"  # noqa: S104  # nothing listens here
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False).network_address)


def refused(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """The page for somebody who is locked out: for how long, and what to do. It is the same for a name that exists
    and for one that does not."""
    name = name_of(request, credentials)
    address = request.axes_ip_address  # type: ignore[attr-defined]  # set by axes
    if getattr(request, "axes_failures_since_start", None) == settings.AXES_FAILURE_LIMIT:
        who = salted_hmac("tocsin.people.lockout", name, algorithm="sha256").hexdigest()[:32]
        with transaction.atomic():
            record(None, "people.locked_out", f"address:{who}", wrong=settings.AXES_FAILURE_LIMIT)
    last = AccessAttempt.objects.filter(username=name, ip_address=address).order_by("-attempt_time").first()
    until = (last.attempt_time if last else timezone.now()) + settings.AXES_COOLOFF_TIME
    minutes = max(1, math.ceil((until - timezone.now()).total_seconds() / 60))
    return render(request, "people/locked_out.html", {"minutes": minutes}, status=429)
