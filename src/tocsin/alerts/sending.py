"""Sends pages: an attempt is written before each call to a provider, what came of it after.

What happens if this process dies: before the attempt is committed, nothing was sent and the page is still due. After,
the attempt has no outcome; once its lease is over, the page goes out again with the same id, link and number. So
nothing is lost, and a page is doubled only where nobody can know whether the provider took it.
"""

import logging
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from time import monotonic

from django.db import DatabaseError, connection, transaction
from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from tocsin.alerts import clock
from tocsin.alerts.channels.base import Channel, Message, Outcome, Result
from tocsin.alerts.channels.reasons import Why
from tocsin.alerts.models import Alert, Attempt, Escalation, Notice, NoticeAlert, Page
from tocsin.alerts.outcomes import Ended, store, strand
from tocsin.alerts.secrets import token_of
from tocsin.alerts.watch import echo
from tocsin.alerts.wording import message
from tocsin.lib.claims import HOLDER

logger = logging.getLogger("tocsin.alerts.sending")

# A call ends within TIMEOUT; its lease outlives it by so much that a slow commit is not taken for a death.
TIMEOUT = 10.0
LEASE = timedelta(seconds=20)
# One provider that hangs must not hold up the others.
AT_ONCE, EACH = 48, 16
# Whoever ends this process gives it a few seconds; what no answer came to by then goes out again.
PATIENCE = 2.0
# By then any pager that has this channel would have sent it: none has.
_UNSERVED, _LOOK_EVERY = timedelta(minutes=2), 5.0
_OPEN = [Page.State.WAITING, Page.State.SENDING]


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
        """Of these channels those that are set up here are served."""
        self._channels = {key: channel for key, channel in channels.items() if channel.ready().ready}
        self._at_once, self._each = at_once, each
        self._under_way: list[_Sending] = []
        self._looked = 0.0

    def tick(self) -> bool:
        """Write what came of calls that ended, then begin what is due; True when either was anything."""
        wrote = self._write()
        return self._begin() or wrote

    @property
    def under_way(self) -> int:
        """How many calls run at this moment."""
        return len(self._under_way)

    def close(self, patience: float = PATIENCE) -> None:
        """Wait a little for calls that run, and write what came of them."""
        wait([one.future for one in self._under_way], timeout=patience)
        self._write()

    def _begin(self) -> bool:
        if not _due(clock.now()).exists():
            return False
        begun = False
        busy = Counter(one.channel for one in self._under_way)
        for key in self._channels:
            free = min(self._each - busy[key], self._at_once - len(self._under_way))
            if free > 0:
                begun = self._begin_of(key, free) or begun
        return self._leave_unserved() or begun

    def _begin_of(self, key: str, free: int) -> bool:
        if not _due(clock.now()).filter(channel=key).exists():
            return False
        began = monotonic()
        going, hopeless = _claim(key, free)
        for attempt, page, words, value in going:
            until = began + LEASE.total_seconds()
            future = _in_a_thread(_Call(self._channels[key], words, value, until))
            self._under_way.append(_Sending(attempt, page, key, until, future))
        strand(hopeless)
        return bool(going or hopeless)

    def _leave_unserved(self) -> bool:
        """Give up pages of channels that no pager has any more, so that their people are reached by others."""
        if monotonic() < self._looked + _LOOK_EVERY:
            return False
        self._looked = monotonic()
        late = _due(clock.now() - _UNSERVED).exclude(channel__in=self._channels).order_by("pk")
        notices = list(late.values_list("notice", flat=True)[: self._at_once])
        left = Page.objects.filter(notice__in=notices, state__in=_OPEN).exclude(channel__in=self._channels)
        numbers = list(left.values_list("pk", flat=True)) if notices else []
        strand(numbers)
        return bool(numbers)

    def _write(self) -> bool:
        ended = [one for one in self._under_way if one.future.done()]
        # A call that never comes back takes nobody's place for ever; its page goes out again.
        lost = [one for one in self._under_way if one not in ended and monotonic() > one.until]
        if not ended and not lost:
            return False
        if lost:
            logger.warning("calls to a provider did not come back", extra={"count": len(lost)})
        store([Ended(one.attempt, one.page, _outcome(one.future)) for one in ended])
        self._under_way = [one for one in self._under_way if one not in ended and one not in lost]
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


def _in_a_thread(call: _Call) -> "Future[Outcome | None]":
    """Threads of a pool would be waited for at the end of the process, however long a provider hangs."""
    future: Future[Outcome | None] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 — whoever asks for the result is told
            future.set_exception(error)

    Thread(target=run, name="page", daemon=True).start()
    return future


def _outcome(future: "Future[Outcome | None]") -> Outcome | None:
    try:
        found = future.result()
    except Exception:
        logger.exception("a channel failed")
    else:
        if found is None or isinstance(found, Outcome):
            return found
    # A channel's own fault: nobody knows whether the provider took it.
    return Outcome(Result.UNKNOWN, Why.OWN_FAULT)


def _open_pages() -> QuerySet[Page]:
    """Pages that may still go out. SQLite uses the small index of them only for its very words, not for parameters."""
    return Page.objects.filter(RawSQL("alerts_page.state IN ('waiting', 'sending')", (), BooleanField()))


def _due(at: datetime) -> QuerySet[Page]:
    rows = _open_pages()
    return rows.filter(Q(state=Page.State.WAITING, due_at__lte=at) | Q(state=Page.State.SENDING, leased_until__lt=at))


def _claim(channel: str, limit: int) -> tuple[list[tuple[int, int, Message, str]], list[int]]:
    """Write an attempt for each page that goes out now; gives attempt, page, words and address of each, and the pages
    that can reach nobody: the address was removed, the account ended, or no words can be made.
    """
    with transaction.atomic():
        at = clock.now()
        due = _due(at).filter(channel=channel)
        rows = due.select_related("notice__person", "address").order_by("rank", "due_at", "pk")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found = list(rows[:limit])
        needed = _needed(found, at)
        unneeded = [page.pk for page in found if page.pk not in needed]
        Page.objects.filter(pk__in=unneeded).update(state=Page.State.NOT_NEEDED, leased_until=None)
        filled = [(page, _filled(page)) for page in found if page.pk in needed]
        going = [(page, words) for page, words in filled if words is not None]
        attempts = _begin_attempts([page for page, _words in going], at)
        return (
            [(one.pk, page.pk, *words) for one, (page, words) in zip(attempts, going, strict=True)],
            [page.pk for page, words in filled if words is None],
        )


def _begin_attempts(pages: Collection[Page], at: datetime) -> list[Attempt]:
    going = Page.objects.filter(pk__in=[page.pk for page in pages])
    going.update(attempts_made=F("attempts_made") + 1, state=Page.State.SENDING, leased_until=at + LEASE)
    for page in pages:
        page.attempts_made += 1
        _renew_token(page)
    return Attempt.objects.bulk_create(
        [Attempt(page=page, number=page.attempts_made, by=HOLDER, intent_at=at) for page in pages]
    )


def _filled(page: Page) -> tuple[Message, str] | None:
    """What goes out for a page, and where to; None when it can reach nobody any more."""
    person, address = page.notice.person, page.address
    if (person is not None and not person.is_active) or (address is not None and address.ended_at is not None):
        return None
    try:
        value = _value(page)
        return (message(page, page.attempts_made + 1), value) if value else None
    except DatabaseError:
        raise
    except Exception:
        # One page without words must not hold up all that stand behind it.
        logger.exception("a page has no words")
        return None


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
    waiting = _open_pages().filter(state=Page.State.WAITING, due_at__lte=now, notice__ended_at=None)
    page = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    oldest = [moment for moment in (escalation, page) if moment is not None]
    return max(0.0, (now - min(oldest)).total_seconds()) if oldest else 0.0
