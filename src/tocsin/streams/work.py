"""The work of this room: fetch what is due, notice silence, let things expire. Each step may be killed anywhere."""

import logging
import random
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from tocsin.lib.claims import HOLDER, claim, database_now
from tocsin.lib.logs import where
from tocsin.streams import collecting, health, storing
from tocsin.streams.models import BlindSpot, Collector, Fetch, Health, Item, Source
from tocsin.streams.sources import KINDS, kind

log = logging.getLogger(__name__)

# A collector that dies is followed after this long; one that works claims anew every now and then.
CLAIM = timedelta(minutes=1)
FETCHES_KEPT = 200
EXPIRE_AT_ONCE = 25
REMEMBERED = timedelta(minutes=2)  # a collector not seen for longer is gone


def step() -> bool:
    """Fetch one source that is due; False when none was, or the disk is short."""
    if disk_short():
        return False
    sources = claim_due(1)
    for source in sources:
        collect(source)
    return bool(sources)


def due(now: datetime) -> QuerySet[Source]:
    """The sources that may be fetched at this moment, the longest overdue first."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    waiting = fetched_sources().filter(free, paused=False, next_fetch_at__lte=now)
    return waiting.order_by("next_fetch_at")


def fetched_sources() -> QuerySet[Source]:
    """The sources that collectors look after; those without an address are fed by people."""
    return Source.objects.filter(removed_at=None, kind__in=KINDS).exclude(url="")


def claim_due(limit: int) -> list[Source]:
    """Claim up to ``limit`` due sources; each claim lapses by itself if this process dies."""

    def take(source: Source, now: datetime) -> None:
        source.claimed_until = now + CLAIM

    return claim(due(database_now()), take, limit)


def keep(source: Source) -> bool:
    """Claim a claimed source for longer; False when the claim was lost meanwhile."""
    until = database_now() + CLAIM
    kept = Source.objects.filter(pk=source.pk, claimed_until=source.claimed_until).update(claimed_until=until)
    if kept:
        source.claimed_until = until
    return bool(kept)


def give_back(sources: Iterable[Source]) -> None:
    """Let others fetch these claimed sources at once."""
    for source in sources:
        Source.objects.filter(pk=source.pk, claimed_until=source.claimed_until).update(claimed_until=None)


def collect(source: Source) -> Fetch | None:
    """Fetch a claimed source and store what came; None when the claim was lost meanwhile."""
    return store(source, fetch(source))


def fetch(source: Source) -> collecting.Outcome:
    """Fetch a claimed source. Writes nothing."""
    try:
        return collecting.fetch(source)
    except Exception as error:  # noqa: BLE001 - one source's fault must not stop the others; its page says so
        log.error("fetch failed", extra={"source": source.pk, "kind": where(type(error), error.__traceback__)})
        message = "Tocsin itself failed on this source; that is a fault of ours. Tell whoever runs it."
        return collecting.Outcome(at=timezone.now(), seconds=0.0, code="fault", message=message)


def store(source: Source, outcome: collecting.Outcome) -> Fetch | None:
    """Store what came of a claimed source; None when the claim was lost meanwhile. Nobody else may keep its claim."""
    try:
        return storing.store(source, outcome, random.random, keep)
    except storing.LostClaimError:
        log.info("claim lost", extra={"source": source.pk})
        return None


def disk_short() -> str:
    """Why collectors must rest: one plain line; empty while there is room."""
    least = settings.CONFIGURATION.minimum_free_mb
    free = shutil.disk_usage(settings.HOME).free // (1024 * 1024)
    if free >= least:
        return ""
    return f"Collectors rest: {free} MB of disk are free, {least} MB are needed. Make room; they go on by themselves."


def report(message: str = "") -> None:
    """Say that this collecting process is alive, and why it rests if it does."""
    Collector.objects.update_or_create(
        name=HOLDER, defaults={"seen_at": timezone.now(), "stopped": bool(message), "message": message[:300]}
    )


def forget() -> None:
    """Take this process, and those that were not seen for long, off the list of collectors."""
    Collector.objects.filter(Q(name=HOLDER) | Q(seen_at__lt=timezone.now() - timedelta(days=1))).delete()


def watch_silence(now: datetime | None = None) -> int:
    """Open a blind spot for each source that is silent or paused, close those of sources that are not; how many moved.

    A source that never delivered is silent from its creation on. One that people bring things to is never silent, nor
    is a calendar, whose days may be right for a year.
    """
    now = now or timezone.now()
    moved = 0
    looking = [name for name in KINDS if kind(name).looks]
    for source in (
        fetched_sources().filter(kind__in=looking).annotate(heard=Coalesce("last_news_at", "created_at")).iterator()
    ):
        since = source.heard + health.silent_after(source.expected_every)
        blind = source.paused or now > since
        opened = BlindSpot.objects.filter(source=source, until=None).exists()
        if blind and not opened:
            moved += _go_blind(source, source.heard, now)
        elif opened and not blind:
            BlindSpot.objects.filter(source=source, until=None).update(until=now)
            Source.objects.filter(pk=source.pk, health=Health.SILENT).update(health=Health.UNCHANGED)
            moved += 1
    return moved


@transaction.atomic
def _go_blind(source: Source, heard: datetime, now: datetime) -> int:
    if source.paused:
        reason, since = "Paused by a person.", now
    else:
        reason, since = source.message or "It answers, but brings nothing new.", heard
        if source.failures == 0:
            Source.objects.filter(pk=source.pk, paused=False).update(health=Health.SILENT)
    spot = BlindSpot(
        source=source, since=since, countries=source.countries, languages=source.languages, reason=reason[:300]
    )
    BlindSpot.objects.bulk_create([spot], ignore_conflicts=True)
    return 1


def expire(now: datetime | None = None) -> bool:
    """Delete a few items whose time is over, with the signals made of them; False when none were left to this process.

    Items of which something is being made at this moment are passed over; they go in a later round.
    """
    over = Item.objects.filter(expires_at__lte=now or timezone.now()).order_by("pk")
    try:
        with transaction.atomic():
            locked = list(over.select_for_update(skip_locked=True).values_list("pk", flat=True)[:EXPIRE_AT_ONCE])
            Item.objects.filter(pk__in=locked).delete()
    except IntegrityError:
        # A signal of one of them found its place between being looked for and being deleted.
        return False
    return bool(locked)


def tidy() -> int:
    """Keep the newest fetches of each source, and drop sources that were removed and hold nothing any more."""
    dropped = 0
    for pk in list(Source.objects.values_list("pk", flat=True)):
        last = Fetch.objects.filter(source=pk).order_by("-pk").values_list("pk", flat=True)[FETCHES_KEPT:][:1]
        for oldest in list(last):
            dropped += Fetch.objects.filter(source=pk, pk__lte=oldest).delete()[0]
    for source in Source.objects.filter(removed_at__isnull=False):
        if not source.items.exists():
            dropped += source.delete()[0]
    return dropped


def lag_seconds(now: datetime | None = None) -> float:
    """By how much the longest overdue source is late."""
    now = now or timezone.now()
    oldest = due(now).values_list(F("next_fetch_at"), flat=True).first()
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
