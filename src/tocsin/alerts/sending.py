"""Sends pages: an attempt is written before each call to a provider, what came of it after.

What happens if this process dies: before the attempt is committed, nothing was sent and the page is still due. After,
the attempt has no outcome; once its lease is over, the page goes out again with the same id, link and number. So
nothing is lost, and a page is doubled only where nobody can know whether the provider took it.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from tocsin.alerts import clock
from tocsin.alerts.channels.base import Channel, Message, Outcome, Result
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.models import Alert, Attempt, Escalation, Notice, NoticeAlert, Page
from tocsin.alerts.outcomes import Ended, store
from tocsin.alerts.secrets import token_of
from tocsin.alerts.watch import echo
from tocsin.alerts.wording import message
from tocsin.lib.claims import HOLDER

logger = logging.getLogger("tocsin.alerts.sending")

# A call ends within TIMEOUT; its lease outlives it by so much that a slow commit is not taken for a death.
TIMEOUT = 10.0
LEASE = timedelta(seconds=20)
# One provider that hangs must not hold up the others.
AT_ONCE, EACH = 32, 8


@dataclass(frozen=True, slots=True)
class _Sending:
    attempt: int
    page: int
    channel: str
    until: float
    future: "Future[Outcome | None]"


class Sender:
    """Sends what is due. One thread calls ``tick``; calls to providers run in threads that touch no database."""

    def __init__(self, channels: Mapping[str, Channel], at_once: int = AT_ONCE, each: int = EACH) -> None:
        self._channels, self._at_once, self._each = channels, at_once, each
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="page")
        self._under_way: list[_Sending] = []

    def tick(self) -> bool:
        """Write what came of calls that ended, then begin what is due; True when either was anything."""
        wrote = self._write()
        return self._begin() or wrote

    @property
    def under_way(self) -> int:
        """How many calls run at this moment."""
        return len(self._under_way)

    def close(self) -> None:
        """Wait for calls that run, and write what came of them."""
        self._pool.shutdown(wait=True, cancel_futures=False)
        self._write()

    def _begin(self) -> bool:
        begun = False
        busy = Counter(one.channel for one in self._under_way)
        for key in self._channels:
            free = min(self._each - busy[key], self._at_once - len(self._under_way))
            if free > 0:
                begun = self._begin_of(key, free) or begun
        return begun

    def _begin_of(self, key: str, free: int) -> bool:
        if not _due(key, clock.now()).exists():
            return False
        began = monotonic()
        claimed = _claim(key, free)
        for attempt, page, words, value in claimed:
            until = began + LEASE.total_seconds()
            send = _Call(self._channels[key], words, value, until)
            self._under_way.append(_Sending(attempt, page, key, until, self._pool.submit(send)))
        return bool(claimed)

    def _write(self) -> bool:
        ended = [one for one in self._under_way if one.future.done()]
        if not ended:
            return False
        store([Ended(one.attempt, one.page, _outcome(one.future)) for one in ended])
        self._under_way = [one for one in self._under_way if one not in ended]
        return True


@dataclass(frozen=True, slots=True)
class _Call:
    """One call to a provider, made in a thread."""

    channel: Channel
    words: Message
    value: str
    until: float

    def __call__(self) -> Outcome | None:
        if monotonic() > self.until - TIMEOUT:
            return None  # this process hung: by now another may be sending it
        return self.channel.send(self.words, self.value, TIMEOUT)


def _outcome(future: "Future[Outcome | None]") -> Outcome | None:
    try:
        return future.result()
    except Exception:
        # A channel's own fault: nobody knows whether the provider took it.
        logger.exception("a channel failed")
        return Outcome(Result.UNKNOWN, Why.OWN_FAULT)


def _due(channel: str, at: datetime) -> QuerySet[Page]:
    waiting = Q(state=Page.State.WAITING, due_at__lte=at)
    lapsed = Q(state=Page.State.SENDING, leased_until__lt=at)
    return Page.objects.filter(waiting | lapsed, channel=channel)


def _claim(channel: str, limit: int) -> list[tuple[int, int, Message, str]]:
    """Write an attempt for each page that goes out now; gives attempt, page, words and address."""
    with transaction.atomic():
        at = clock.now()
        rows = _due(channel, at).select_related("notice__person", "address").order_by("rank", "due_at", "pk")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found = list(rows[:limit])
        needed = _needed(found, at)
        pages = [page for page in found if page.pk in needed]
        unneeded = [page.pk for page in found if page.pk not in needed]
        Page.objects.filter(pk__in=unneeded).update(state=Page.State.NOT_NEEDED, leased_until=None)
        going = Page.objects.filter(pk__in=[page.pk for page in pages])
        going.update(attempts_made=F("attempts_made") + 1, state=Page.State.SENDING, leased_until=at + LEASE)
        for page in pages:
            page.attempts_made += 1
            _renew_token(page)
        attempts = Attempt.objects.bulk_create(
            [Attempt(page=page, number=page.attempts_made, by=HOLDER, intent_at=at) for page in pages]
        )
        return [
            (attempt.pk, page.pk, message(page, page.attempts_made), _value(page))
            for attempt, page in zip(attempts, pages, strict=True)
        ]


def _renew_token(page: Page) -> None:
    """The secret key may have been changed since the page was made."""
    digest = token_of(page.public_id).digest
    if page.token_hash != digest:
        Page.objects.filter(pk=page.pk).update(token_hash=digest)


def _needed(pages: list[Page], at: datetime) -> set[int]:
    """Which of these pages still have somebody to reach: not ended, not too late, an alert that nobody answered."""
    open_alert = NoticeAlert.objects.filter(notice=OuterRef("notice"), alert__state=Alert.State.OPEN)
    reminded = NoticeAlert.objects.filter(
        notice=OuterRef("notice"), alert__state=Alert.State.ANSWERED, alert__answered_by=OuterRef("notice__person")
    )
    wanted = Page.objects.filter(pk__in=[page.pk for page in pages], notice__ended_at=None)
    wanted = wanted.filter(Q(notice__until=None) | Q(notice__until__gt=at))
    about_alerts = Q(notice__purpose=Notice.Purpose.ALERT)
    return set(wanted.filter(~about_alerts | Exists(open_alert) | Exists(reminded)).values_list("pk", flat=True))


def _value(page: Page) -> str:
    if page.notice.purpose == Notice.Purpose.PULSE:
        return echo.place(page.public_id, page.channel)
    if page.address is not None:
        return page.address.value
    return page.notice.person.email if page.notice.person is not None and page.channel == "mail" else ""


def overdue(at: datetime | None = None) -> float:
    """By how many seconds the oldest page or alert that is due is late; 0 when nothing is."""
    now = at or clock.now()
    escalation = Escalation.objects.filter(due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()
    waiting = Page.objects.filter(state=Page.State.WAITING, due_at__lte=now, notice__ended_at=None)
    page = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    oldest = [moment for moment in (escalation, page) if moment is not None]
    return max(0.0, (now - min(oldest)).total_seconds()) if oldest else 0.0
