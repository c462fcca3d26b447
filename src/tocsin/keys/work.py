"""What the worker does for keys. It holds none: it takes away what is over, and nothing more."""

from datetime import timedelta
from time import monotonic

from django.db import transaction
from django.utils import timezone

from tocsin.keys import filing, ledger, retention, tampering
from tocsin.keys.models import Consent, Recovery, Wrap

BATCH = 200
_KEPT = timedelta(days=14)
_HOUR = 3600.0
_swept = [-_HOUR]


def step() -> bool:
    """Take away the wraps of those whose time is over, what is due, and what was handed on to nobody.

    True if there is more.
    """
    return any([expire(), retention.apply(), ledger.sweep(), filing.remove(), forget(), sweep()])


def sweep() -> bool:
    """Once an hour: files that no record names, since whoever wrote them died."""
    if monotonic() - _swept[0] >= _HOUR:
        filing.sweep()
        _swept[0] = monotonic()
    return False


def expire() -> bool:
    """Wraps that end now."""
    with transaction.atomic():
        over = list(Wrap.objects.filter(expires_at__lte=timezone.now()).values_list("pk", flat=True)[:BATCH])
        if over:
            Wrap.objects.filter(pk__in=over).delete()
            tampering.note("expired", len(over))
    return len(over) == BATCH


def forget() -> bool:
    """Shares that custodians handed on for a recovery that was never finished, and the askings themselves, later."""
    now = timezone.now()
    Consent.objects.filter(recovery__asked_at__lt=now - _KEPT).delete()
    Recovery.objects.filter(asked_at__lt=now - 2 * _KEPT).delete()
    return False
