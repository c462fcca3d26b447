"""The collecting process: several sources at once, one request at a time per host."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import monotonic

from django.db import DatabaseError, close_old_connections, connections

from tocsin.lib.logs import where
from tocsin.streams import work
from tocsin.streams.models import Fetch, Source
from tocsin.streams.storing import KEEP_EVERY

log = logging.getLogger(__name__)

REPORT_EVERY = 20.0  # seconds
LOOK_EVERY = 1.0


class Collector:
    """Claims due sources and fetches up to ``at_once`` of them side by side until told to stop.

    Politeness per host is kept by the one HTTP client that all of them share.
    """

    def __init__(self, at_once: int = 8) -> None:
        self._at_once = at_once
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="collect")
        self._running: set[Future[Fetch | None]] = set()
        # Those whose answer is awaited. Whoever stores one takes it out first: a claim is kept by one thread at a time.
        self._fetching: dict[int, Source] = {}
        self._keeping = threading.Lock()
        self._report_at = self._keep_at = 0.0

    def run(self) -> None:
        """Collect until ``stop`` is called; then finish what is under way, each within its own limits."""
        try:
            while not self._stop.is_set():
                if not self._round():
                    self._rest()
        finally:
            self._pool.shutdown(wait=False, cancel_futures=True)
            while wait(self._running, timeout=LOOK_EVERY).not_done:
                self._keep()
            self._safely(lambda: work.give_back(self._fetching.values()))
            self._safely(work.forget)
            connections.close_all()

    def stop(self) -> None:
        """End soon; safe to call from a signal handler or another thread."""
        self._stop.set()

    def _round(self) -> bool:
        self._running = {one for one in self._running if not one.done()}
        self._keep()
        why = work.disk_short()
        if monotonic() >= self._report_at:
            self._report_at = monotonic() + REPORT_EVERY
            self._safely(lambda: work.report(why))
        free = self._at_once - len(self._running)
        if why or free <= 0:
            return False
        claimed = self._claim(free)
        with self._keeping:
            self._fetching.update({source.pk: source for source in claimed})
        for source in claimed:
            self._running.add(self._pool.submit(self._collect, source))
        return bool(claimed)

    def _claim(self, free: int) -> list[Source]:
        try:
            return work.claim_due(free)
        except DatabaseError as error:
            log.error("claim failed", extra={"kind": where(type(error), error.__traceback__)})
            close_old_connections()
            return []

    def _collect(self, source: Source) -> Fetch | None:
        try:
            outcome = work.fetch(source)
            with self._keeping:
                self._fetching.pop(source.pk, None)
            return work.store(source, outcome)
        except DatabaseError as error:
            # Nothing of this fetch was stored; its claim lapses and it is fetched again.
            log.error("store failed", extra={"source": source.pk, "kind": where(type(error), error.__traceback__)})
            return None
        finally:
            close_old_connections()

    def _keep(self) -> None:
        """Claim for longer what is being fetched, so that a claim may be short and a dead collector soon followed."""
        if monotonic() < self._keep_at:
            return
        self._keep_at = monotonic() + KEEP_EVERY
        with self._keeping:
            self._safely(self._keep_all)

    def _keep_all(self) -> None:
        for pk, source in list(self._fetching.items()):
            if not work.keep(source):
                del self._fetching[pk]

    def _rest(self) -> None:
        if self._running:
            wait(self._running, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
            if len(self._running) < self._at_once:
                self._stop.wait(0.05)
        else:
            self._stop.wait(LOOK_EVERY)

    def _safely(self, report: Callable[[], object]) -> None:
        try:
            report()
        except DatabaseError:
            close_old_connections()
