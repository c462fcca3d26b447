"""Counts what an integration refused, and says why last. A storm of strangers costs one write a second at most."""

import threading
from collections.abc import Callable
from time import monotonic

from django.db.models import F

from tocsin.alerts.models import Integration

_MOST_DOORS = 1_000
EVERY = 1.0


class Refusals:
    """What was refused and is not written down yet, by integration. Of no use to anybody once it is lost."""

    def __init__(self, every: float = EVERY, clock: Callable[[], float] = monotonic) -> None:
        """Write at most once in ``every`` seconds for each integration."""
        self._every, self._clock = every, clock
        self._lock = threading.Lock()
        self._waiting: dict[int, int] = {}
        self._written: dict[int, float] = {}

    def count(self, integration: int, why: str) -> None:
        """Count one refusal; ``why`` is in our own words."""
        with self._lock:
            now, waiting = self._clock(), self._waiting.get(integration, 0) + 1
            if now - self._written.get(integration, float("-inf")) < self._every:
                self._waiting[integration] = waiting
                return
            if len(self._written) >= _MOST_DOORS:
                self._written.clear()
            self._written[integration] = now
            self._waiting.pop(integration, None)
        rows = Integration.objects.filter(pk=integration)
        rows.update(refused=F("refused") + waiting, refused_why=why[:200])


refusals = Refusals()
