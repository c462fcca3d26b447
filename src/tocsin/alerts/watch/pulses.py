"""The pager's own heartbeat: a page like any other, by a real channel, that must come back."""

import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import transaction

from tocsin.alerts import answering, clock, telling
from tocsin.alerts.channels import values
from tocsin.alerts.channels.base import Settings
from tocsin.alerts.models import Attempt, Lane, Notice, Page, Pulse
from tocsin.alerts.reach import Way
from tocsin.alerts.secrets import token_of
from tocsin.alerts.watch import echo
from tocsin.lib import claims
from tocsin.lib.http import Client, HttpError, Limits
from tocsin.lib.http import urls as http_urls

logger = logging.getLogger("tocsin.alerts.watch")

EVERY = timedelta(minutes=5)
BACK_WITHIN = timedelta(minutes=2)
# So long without any that came back, and nothing is known any more.
STALE = 3 * EVERY
_LISTENED_FOR = timedelta(minutes=10)
_ASK_EVERY = timedelta(seconds=3)
_LEASE, _LEASE_SECONDS = "alerts.pulse", 30.0
# After every page to a person.
_RANK = 1_000
_LIMITS = Limits(connect=5, read=5, total=10, received=256 * 1024)

Ask = Callable[[str], bytes]


def channel_of(paging: Settings) -> str:
    """The channel of the heartbeat; empty where none is chosen, or it can't bring one back."""
    chosen = values.text(paging, "pulse_channel")
    return chosen if chosen in echo.CHANNELS and not echo.missing(paging) else ""


def is_late(channel: str, now: datetime) -> bool:
    """Whether the newest heartbeat that should have come back has not, or none came back for long."""
    sent = Pulse.objects.filter(channel=channel, sent_at__gt=now - STALE, sent_at__lte=now + clock.TOLERANCE)
    should = sent.filter(sent_at__lte=now - BACK_WITHIN).order_by("-sent_at").values_list("sent_at", flat=True).first()
    back = sent.filter(returned_at__isnull=False)
    return not (back.filter(sent_at__gte=should) if should is not None else back).exists()


def last_returned() -> Pulse | None:
    """The newest heartbeat that came back."""
    return Pulse.objects.filter(returned_at__isnull=False).order_by("-sent_at", "-pk").first()


class Pulses:
    """Sends a heartbeat every five minutes, whichever pager is first, and fetches what does not come by itself."""

    def __init__(self, paging: Settings, ask: Ask | None = None) -> None:
        """``ask`` fetches an address; tests may replace it."""
        self._paging, self._ask = paging, ask or _asker(paging)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pulse")
        self._asked: Future[bytes] | None = None
        self._asked_at: datetime | None = None

    def tick(self) -> None:
        """Send one if it is time, and see what came back."""
        chosen = channel_of(self._paging)
        if chosen:
            now = clock.now()
            _begin(chosen, now)
            if chosen == "ntfy":
                self._listen(now)

    def close(self) -> None:
        """End the thread that asks."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _listen(self, now: datetime) -> None:
        if self._asked is not None:
            if self._asked.done():
                done, self._asked = self._asked, None
                _count(_ids(done))
            return
        waiting = Pulse.objects.filter(channel="ntfy", returned_at=None, sent_at__gt=now - _LISTENED_FOR)
        rested = self._asked_at is None or abs(now - self._asked_at) >= _ASK_EVERY
        if rested and waiting.filter(page__state=Page.State.SENT).exists():
            self._asked_at = now
            base = values.base_address(self._paging, "ntfy_url")
            self._asked = self._pool.submit(self._ask, f"{base}/{echo.topic()}/json?poll=1&since=10m")


def _begin(channel: str, now: datetime) -> None:
    if _lately(now) or not claims.hold(_LEASE, _LEASE_SECONDS):
        return
    with transaction.atomic():
        if not claims.confirm(_LEASE, _LEASE_SECONDS) or _lately(now):
            return
        purpose = Notice.Purpose.PULSE
        notice = Notice(purpose=purpose, lane=Lane.WAKE, made_at=now, leaves_at=now, until=now + EVERY)
        notice.save()
        pages = telling.pages_of(notice, [Way(channel, None, 0)], 0)
        pages[0].rank = _RANK
        (page,) = Page.objects.bulk_create(pages)
        Pulse.objects.create(page=page, channel=channel, sent_at=now)


def _lately(now: datetime) -> bool:
    # One from the future was sent before a clock was set back.
    return Pulse.objects.filter(sent_at__gt=now - EVERY, sent_at__lte=now + clock.TOLERANCE).exists()


def _ids(asked: "Future[bytes]") -> list[str]:
    try:
        return list(_read(asked.result()))
    except HttpError as error:
        logger.warning("the heartbeat could not be asked for", extra={"code": error.code})
        return []


def _read(body: bytes) -> Iterator[str]:
    """The ids of the messages that a topic holds, one JSON object a line; what is neither is passed over."""
    for line in body.splitlines():
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and found.get("event") == "message" and isinstance(found.get("id"), str):
            yield found["id"][:120]


def _count(ids: list[str]) -> None:
    waiting = Attempt.objects.filter(provider_id__in=ids, page__channel="ntfy")
    waiting = waiting.filter(page__notice__purpose=Notice.Purpose.PULSE)
    for public_id in waiting.values_list("page__public_id", flat=True).distinct():
        answering.pulse_returned(str(token_of(public_id)))


def _asker(paging: Settings) -> Ask:
    client = Client("Tocsin")
    allow = _allowed(paging)
    headers = {"authorization": f"Bearer {token}"} if (token := values.secret(paging, "ntfy_token")) else {}

    def ask(url: str) -> bytes:
        return client.fetch(url, headers=headers, limits=_LIMITS, allow=allow).body

    return ask


def _allowed(paging: Settings) -> frozenset[str]:
    """The ntfy server itself may stand inside, as it may for pages."""
    try:
        return frozenset({http_urls.read(values.base_address(paging, "ntfy_url")).name})
    except HttpError:
        return frozenset()
