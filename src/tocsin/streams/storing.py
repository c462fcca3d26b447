"""Stores what a fetch brought, so that storing it twice changes nothing."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from tocsin.lib.http import Code
from tocsin.streams import health, occasions
from tocsin.streams.collecting import PATIENCE, Outcome
from tocsin.streams.models import BlindSpot, Fetch, Health, Item, Observation, Source
from tocsin.streams.sources.base import LOOK, NewItem, NewObservation
from tocsin.streams.sources.cleaning import believed

T = TypeVar("T")

# Rows a transaction: on SQLite one writer keeps every other one waiting, the pager too.
ITEMS_AT_ONCE = 100
OBSERVATIONS_AT_ONCE = 300
RESTING = "The server asked to be left alone for a while. It is fetched again when that is over."
KEEP_EVERY = 10.0  # seconds between two times that a claim is kept
TRIES_OF_A_PART = 3  # then a file or window that can't be read is left aside, and the rest goes on

_NATURAL_KEY = ["kind", "country", "subject", "network", "epoch", "source"]
_MEASURED = ["stream", "step", "n", "k", "value", "evidence", "fetched", "detail", "day", "landing"]


class LostClaimError(Exception):
    """Another collector has this source now, or a person changed it: what was fetched is left aside."""


def store(
    source: Source, outcome: Outcome, random: Callable[[], float], keep: Callable[[Source], bool] = lambda one: True
) -> Fetch:
    """Store items, observations, the fetch and the source's new state.

    They share one transaction. Only an answer with very many rows lands in several, its state with the last: killed
    in between, the same answer is fetched again, and rows that are there already are left as they are. ``keep`` claims
    the source for longer; it is asked now and then between two of them.

    Raises:
        LostClaimError: when the source was claimed or changed by somebody else meanwhile; its state stays as it is.
    """
    if outcome.code == Code.WAIT:
        return _put_off(source, outcome, random)
    items = [item_row(source, one, outcome.at) for one in outcome.batch.items]
    landing = secrets.randbits(62)
    rows = [_observation_row(source, one, outcome.at, landing) for one in outcome.batch.observations]
    *early_items, last_items = list(_parts(items, ITEMS_AT_ONCE)) or [[]]
    *early_rows, last_rows = list(_parts(rows, OBSERVATIONS_AT_ONCE)) or [[]]
    fresh, kept = 0, monotonic()
    for some in early_items:
        fresh += add_items(source, some)
        kept = _kept(source, keep, kept)
    for measured in early_rows:
        land(measured)
        kept = _kept(source, keep, kept)
    with transaction.atomic():
        fresh += add_items(source, last_items) + occasions.keep(source, outcome.batch.occasions)
        land(last_rows)
        return _note(source, outcome, fresh, len(rows), sum(bool(one.time_doubt) for one in items), random)


def _kept(source: Source, keep: Callable[[Source], bool], before: float) -> float:
    """When the claim was kept last."""
    if monotonic() < before + KEEP_EVERY:
        return before
    if not keep(source):
        raise LostClaimError
    return monotonic()


def _put_off(source: Source, outcome: Outcome, random: Callable[[], float]) -> Fetch:
    """It was not this source's turn at its host: nothing was asked, so nothing is known and no fetch noted."""
    asked_for = outcome.retry_after or timedelta(0)
    wait = max(asked_for, health.SHORTEST_PAUSE) * (1 + random())
    # A turn that others had is soon over; a rest that the host asked for may last a day, and its page must say why.
    said = {"message": RESTING} if asked_for > timedelta(seconds=PATIENCE) else {}
    held = Source.objects.filter(pk=source.pk, claimed_until=source.claimed_until)
    if not held.update(claimed_until=None, next_fetch_at=outcome.at + wait, **said):
        raise LostClaimError
    return Fetch(source=source, at=outcome.at, seconds=outcome.seconds, outcome=outcome.code, message=outcome.message)


def _note(
    source: Source, outcome: Outcome, fresh: int, measured: int, doubted: int, random: Callable[[], float]
) -> Fetch:
    news = fresh + measured
    changes = _after_error(source, outcome, random) if outcome.code else _after_answer(source, outcome, news, random)
    if doubted and not outcome.code:
        line = f"Stated times that can't be believed: {doubted}. The time of the fetch is used instead."
        changes["message"] = f"{changes['message']} {line}".strip()[:300]
    held = Source.objects.filter(pk=source.pk, claimed_until=source.claimed_until, paused=False, removed_at=None)
    if not held.update(**changes, claimed_until=None, last_fetch_at=outcome.at):
        raise LostClaimError
    if news and not outcome.code:
        BlindSpot.objects.filter(source=source, until=None).update(until=outcome.at)
    return Fetch.objects.create(
        source=source,
        at=outcome.at,
        seconds=round(outcome.seconds, 3),
        outcome=outcome.code[:20] or str(changes["health"]),
        status=outcome.status,
        bytes=outcome.bytes,
        items=fresh,
        observations=measured,
        refused=len(outcome.batch.refused),
        message=str(changes["message"]),
    )


def _after_answer(source: Source, outcome: Outcome, news: int, random: Callable[[], float]) -> dict[str, Any]:
    quiet = 0 if news else int(source.memory.get("quiet", 0)) + 1
    wait = timedelta(0) if outcome.batch.more else health.pause(source.expected_every, quiet, random, _look(source))
    changes: dict[str, Any] = {
        "health": health.of_answer(outcome.batch.entries, news, outcome.seconds),
        "message": _line(outcome),
        "failures": 0,
        "last_answer_at": outcome.at,
        "next_fetch_at": outcome.at + wait,
        "memory": {"kind": dict(outcome.batch.memory), "transport": dict(outcome.transport), "quiet": quiet},
    }
    if news:
        changes["last_news_at"] = outcome.at
    elif source.health == Health.SILENT:
        changes["health"] = Health.SILENT
    return changes


def _look(source: Source) -> timedelta:
    minutes = source.options.get(LOOK.name)
    return timedelta(minutes=minutes) if isinstance(minutes, int) and minutes > 0 else health.LONGEST_PAUSE


def _after_error(source: Source, outcome: Outcome, random: Callable[[], float]) -> dict[str, Any]:
    failures = source.failures + 1
    memory = {**source.memory, "transport": _marks(source)}
    if outcome.skipped is not None and failures >= TRIES_OF_A_PART:
        memory["kind"] = dict(outcome.skipped)
    wait = health.pause_after_failure(source.expected_every, failures, outcome.retry_after, random)
    return {
        "health": health.of_error(outcome.code),
        "message": outcome.message[:300],
        "failures": failures,
        "next_fetch_at": outcome.at + wait,
        # What was learnt for conditional requests may be part of the trouble: ask in full the next time.
        "memory": memory,
    }


def _marks(source: Source) -> dict[str, Any]:
    marks = source.memory.get("transport", {}).get("marks", {})
    return {"marks": marks} if marks else {}


def _line(outcome: Outcome) -> str:
    refused = list(outcome.batch.refused)
    words = " ".join([line for line in [outcome.message, *refused[:2]] if line])
    if len(refused) > 2:
        words = f"{words} And {len(refused) - 2} more."
    return words[:300]


def item_row(source: Source, new: NewItem, fetched: datetime) -> Item:
    """The row of a new item, with the key, digest, believed time and expiry that it is stored under."""
    published, doubt = believed(new.stated, fetched)
    days = settings.CONFIGURATION.document_days if source.kind == "documents" else settings.CONFIGURATION.item_days
    words = "\x00".join((new.title, new.text, new.url))
    return Item(
        source=source,
        key=_digest(new.key or words),
        digest=_digest(words),
        url=new.url[:2000],
        title=new.title,
        text=new.text,
        language=new.language[:16],
        origin=new.origin[:200],
        published_at=published,
        time_doubt=(doubt or new.time_doubt)[:120],
        fetched_at=fetched,
        expires_at=fetched + timedelta(days=days),
        tlp=source.tlp,
        readers=source.readers,
        media_type=new.media_type[:100],
        facts=dict(new.facts),
        original=new.original,
    )


def add_items(source: Source, rows: Sequence[Item]) -> int:
    """Add the items that are not stored yet; how many those were."""
    if not rows:
        return 0
    known = Item.objects.filter(source=source, key__in={row.key for row in rows}).values_list("key", "digest")
    seen = set(known)
    fresh = [row for row in {(row.key, row.digest): row for row in rows}.values() if (row.key, row.digest) not in seen]
    Item.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _observation_row(source: Source, new: NewObservation, fetched: datetime, landing: int) -> Observation:
    return Observation(
        source=source,
        stream=new.stream.value,
        kind=new.kind,
        country=new.country,
        subject=new.subject,
        network=new.network,
        epoch=new.epoch,
        step=new.step,
        n=new.n,
        k=new.k,
        value=new.value,
        evidence=new.evidence.value,
        fetched=int(fetched.timestamp()),
        detail=dict(new.detail),
        day=datetime.fromtimestamp(new.epoch, UTC).date(),
        landing=landing,
    )


def land(rows: Sequence[Observation]) -> None:
    """Put observations down for the lake; a row of the same natural key takes the new numbers."""
    unique = {(row.kind, row.country, row.subject, row.network, row.epoch): row for row in rows}
    Observation.objects.bulk_create(
        unique.values(), update_conflicts=True, unique_fields=_NATURAL_KEY, update_fields=_MEASURED
    )


def _parts(rows: Sequence[T], size: int) -> Iterator[list[T]]:
    feed = iter(rows)
    while part := list(islice(feed, size)):
        yield part


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
