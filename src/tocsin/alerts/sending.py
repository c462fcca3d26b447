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
from tocsin.alerts.models import Address, Alert, Attempt, Escalation, Notice, NoticeAlert, Page
from tocsin.alerts.reach import is_night
from tocsin.alerts.secrets import token_of
from tocsin.alerts.watch import echo
from tocsin.alerts.wording import message
from tocsin.lib.claims import HOLDER
from tocsin.oncall.actions import note_load
from tocsin.oncall.models import Load

logger = logging.getLogger("tocsin.alerts.sending")

# A call ends within TIMEOUT; its lease outlives it by so much that a slow commit is not taken for a death.
TIMEOUT = 10.0
LEASE = timedelta(seconds=20)
# One provider that hangs must not hold up the others.
AT_ONCE, EACH = 32, 8
_AGAIN = (5, 10, 20, 40, 80, 160, 300)
MOST_ATTEMPTS = 12


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
        with transaction.atomic():
            at = clock.now()
            given_up = [_store(one.attempt, one.page, _outcome(one.future), at) for one in sorted(ended, key=_page_of)]
        self._under_way = [one for one in self._under_way if one not in ended]
        climb_on([notice for notice in given_up if notice is not None], at)
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
        pages = list(rows[:limit])
        needed = _needed(pages, at)
        claimed = []
        for page in pages:
            if page.pk not in needed:
                Page.objects.filter(pk=page.pk).update(state=Page.State.NOT_NEEDED, leased_until=None)
                continue
            page.attempts_made += 1
            page.state, page.leased_until = Page.State.SENDING, at + LEASE
            page.token_hash = token_of(page.public_id).digest  # the secret key may have been changed meanwhile
            page.save(update_fields=["attempts_made", "state", "leased_until", "token_hash"])
            attempt = Attempt.objects.create(page=page, number=page.attempts_made, by=HOLDER, intent_at=at)
            claimed.append((attempt.pk, page.pk, message(page, page.attempts_made), _value(page)))
        return claimed


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


def _page_of(one: _Sending) -> int:
    return one.page


def _store(attempt: int, number: int, outcome: Outcome | None, at: datetime) -> int | None:
    """Write one outcome; gives the notice of which no page is left that could reach its person."""
    page = Page.objects.select_for_update(of=("self",)).select_related("notice__person", "address").get(pk=number)
    if outcome is None or outcome.result == Result.UNKNOWN:
        if outcome is not None:
            Attempt.objects.filter(pk=attempt).update(outcome_at=at, why=outcome.why[:60])
        hurry_next(page, at)
        many = page.state == Page.State.SENDING and page.attempts_made >= MOST_ATTEMPTS
        return give_up(page, at) if many else None
    Attempt.objects.filter(pk=attempt, outcome=Attempt.Outcome.UNKNOWN).update(
        outcome=outcome.result.value, outcome_at=at, why=outcome.why[:60], provider_id=outcome.provider_id[:120]
    )
    if outcome.result == Result.TAKEN:
        _taken(page, at)
    elif page.state == Page.State.SENDING:
        return _failed(page, outcome, at)
    return None


def _taken(page: Page, at: datetime) -> None:
    first = page.sent_at is None
    page.state, page.sent_at, page.leased_until = Page.State.SENT, page.sent_at or at, None
    page.save(update_fields=["state", "sent_at", "leased_until"])
    if page.address is not None and page.address.failing_since is not None:
        Address.objects.filter(pk=page.address.pk).update(failing_since=None)
    person = page.notice.person
    if first and person is not None and page.notice.purpose == Notice.Purpose.ALERT:
        kind = Load.Kind.NIGHT_PAGE if is_night(person, at) else Load.Kind.PAGE
        private = NoticeAlert.objects.filter(notice=page.notice, alert__named=True).exists()
        note_load(person.pk, kind, at, private=private)


def _failed(page: Page, outcome: Outcome, at: datetime) -> int | None:
    if outcome.result == Result.REFUSED and page.address is not None:
        Address.objects.filter(pk=page.address.pk, failing_since=None).update(failing_since=at)
    if outcome.result == Result.REFUSED or page.attempts_made >= MOST_ATTEMPTS:
        return give_up(page, at)
    pause = max(_AGAIN[min(page.attempts_made, len(_AGAIN)) - 1], min(outcome.retry_after, _AGAIN[-1]))
    page.state, page.due_at, page.leased_until = Page.State.WAITING, at + timedelta(seconds=pause), None
    page.save(update_fields=["state", "due_at", "leased_until"])
    hurry_next(page, at)
    return None


def give_up(page: Page, at: datetime) -> int | None:
    """This page never reaches anybody: the person's next way is used now; without one gives the notice to climb on."""
    page.state, page.leased_until = Page.State.FAILED, None
    page.save(update_fields=["state", "leased_until"])
    hurry_next(page, at)
    others = Page.objects.filter(notice=page.notice).exclude(state__in=[Page.State.FAILED, Page.State.NOT_NEEDED])
    return page.notice_id if not others.exists() and page.notice.purpose == Notice.Purpose.ALERT else None


def climb_on(notices: list[int], at: datetime) -> None:
    """Nobody of these notices can be reached: whoever is next need not wait for the time that an answer may take.

    It stands outside the transaction of the outcomes, which holds pages that an answer may wait for. Should this
    process die before it, the next rung is called when its time comes.
    """
    if notices:
        alerts = NoticeAlert.objects.filter(notice__in=notices, alert__state=Alert.State.OPEN)
        Escalation.objects.filter(alert__in=alerts.values("alert"), due_at__gt=at).update(due_at=at)


def hurry_next(page: Page, at: datetime) -> None:
    """The next way to this person is used at once; those after it keep their distance."""
    following = Page.objects.filter(notice=page.notice, state=Page.State.WAITING, position__gt=page.position)
    following = following.filter(attempts_made=0, due_at__gt=at).order_by("position")
    first = following.first()
    if first is not None:
        following.update(due_at=F("due_at") - (first.due_at - at))


def overdue(at: datetime | None = None) -> float:
    """By how many seconds the oldest page or alert that is due is late; 0 when nothing is."""
    now = at or clock.now()
    escalation = Escalation.objects.filter(due_at__lte=now).order_by("due_at").values_list("due_at", flat=True).first()
    waiting = Page.objects.filter(state=Page.State.WAITING, due_at__lte=now, notice__ended_at=None)
    page = waiting.order_by("due_at").values_list("due_at", flat=True).first()
    oldest = [moment for moment in (escalation, page) if moment is not None]
    return max(0.0, (now - min(oldest)).total_seconds()) if oldest else 0.0
