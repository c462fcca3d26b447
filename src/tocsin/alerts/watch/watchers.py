"""Tells two watchers outside every minute that a page could be delivered now; when they hear nothing, they call.

Nothing else tells them: a pager that can't deliver stays silent, whatever else of it still runs.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Q, QuerySet

from tocsin.alerts import clock, leads
from tocsin.alerts.actions import New
from tocsin.alerts.channels import values
from tocsin.alerts.channels.base import Settings
from tocsin.alerts.models import Lane, Severity, Watcher
from tocsin.alerts.watch.able import Unable
from tocsin.lib.http import Client, HttpError, Limits, Politeness

logger = logging.getLogger("tocsin.alerts.watch")

NUMBERS = (1, 2)
EVERY = timedelta(seconds=60)
# One call that fails is bad luck; the watchers themselves wait for some minutes, too.
PATIENCE = timedelta(minutes=3)
_LIMITS = Limits(connect=5, read=10, total=15, patience=5, received=256 * 1024)

Call = Callable[[str], str]


def addresses(paging: Settings) -> dict[int, str]:
    """The addresses that are set, by their number."""
    found = {number: values.secret(paging, f"watch_url_{number}") for number in NUMBERS}
    return {number: url for number, url in found.items() if url}


def same_host(paging: Settings) -> bool:
    """Whether both watchers stand on one host, where one fault silences both."""
    hosts = [urlsplit(url).hostname for url in addresses(paging).values()]
    return len(hosts) > len(set(hosts))


class Watchers:
    """Calls each watcher once a minute, whichever pager is able to and comes first."""

    def __init__(self, paging: Settings, why_not: Callable[[], Unable | None], call: Call | None = None) -> None:
        """``why_not`` says why a page could not be delivered now; ``call`` gives why a call failed, empty if not."""
        self._addresses = addresses(paging)
        self._why_not, self._call = why_not, call or _caller(paging)
        self._pool = ThreadPoolExecutor(len(NUMBERS), thread_name_prefix="watcher")
        self._under_way: dict[int, Future[str]] = {}

    def tick(self) -> None:
        """Write down what came of calls, and begin those that are due."""
        self._write()
        now = clock.now()
        self._arrange(now)
        due = self._due(now)
        if due.exists() and self._why_not() is None:
            for number in due.values_list("number", flat=True):
                # Of several pagers one calls.
                if self._due(now).filter(number=number).update(due_at=now + EVERY):
                    self._under_way[number] = self._pool.submit(self._call, self._addresses[number])

    def close(self) -> None:
        """Wait for calls that run."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _due(self, now: datetime) -> QuerySet[Watcher]:
        free = Watcher.objects.filter(number__in=set(self._addresses) - set(self._under_way))
        # One that is due far ahead was called before a clock was set back.
        return free.filter(Q(due_at__lte=now) | Q(due_at__gt=now + 2 * EVERY))

    def _arrange(self, now: datetime) -> None:
        known = set(Watcher.objects.values_list("number", flat=True))
        if known == set(self._addresses):
            return
        Watcher.objects.exclude(number__in=self._addresses).delete()
        new = [Watcher(number=number, due_at=now) for number in sorted(set(self._addresses) - known)]
        Watcher.objects.bulk_create(new, ignore_conflicts=True)

    def _write(self) -> None:
        for number, call in [one for one in self._under_way.items() if one[1].done()]:
            del self._under_way[number]
            _store(number, _why(call), clock.now())


def _why(call: "Future[str]") -> str:
    try:
        return call.result()
    except Exception:
        logger.exception("a watcher could not be called")
        return "own-fault"


def _store(number: int, why: str, at: datetime) -> None:
    mine = Watcher.objects.filter(number=number)
    if not why:
        mine.update(told_at=at, failed_at=None, why="")
        return
    logger.warning("a watcher could not be told", extra={"count": number, "code": why})
    mine.update(why=why[:60])
    mine.filter(failed_at=None).update(failed_at=at)
    since = mine.values_list("failed_at", flat=True).first()
    if since is not None and at - since >= PATIENCE:
        leads.accept_once(
            New(
                kind="pager",
                severity=Severity.MODERATE,
                lane=Lane.QUIET,
                dedupe=f"pager:watcher:{number}:{since:%Y%m%dT%H%M%S}",
            )
        )


def _caller(paging: Settings) -> Call:
    # Once a minute is polite enough.
    client = Client("Tocsin", politeness=Politeness(timedelta(0)))
    inside = values.text(paging, "inside_hosts").split(",")
    allow = frozenset(name.strip() for name in inside if name.strip())

    def call(url: str) -> str:
        try:
            client.fetch(url, limits=_LIMITS, allow=allow)
        except HttpError as error:
            return str(error.code)
        return ""

    return call
