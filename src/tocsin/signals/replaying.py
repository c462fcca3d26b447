"""Which kinds of observation have a past that the rules in force have not judged yet."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db.models import Max
from django.utils import timezone

from tocsin.analysis.detectors import REGISTRY, Detector
from tocsin.analysis.series import Cell, Stream
from tocsin.signals import measured
from tocsin.signals.models import CellState, Replay, step_of


@cache
def rules() -> frozenset[str]:
    """The rules in force, as findings name them."""
    return frozenset(str(one.rule) for stream in Stream for one in _blank(stream))


@cache
def mark(stream: str) -> str:
    """A mark of the rules in force of a stream: another one if a rule, a parameter or a family of sites differs."""
    told = [[str(one.rule), one.state()["parameters"]] for one in _blank(Stream(stream))]
    families = measured.FAMILIES if stream == Stream.BLOCKING else {}
    return hashlib.sha256(json.dumps([told, families], sort_keys=True).encode()).hexdigest()[:16]


def _blank(stream: Stream) -> list[Detector]:
    cell = Cell(stream, "kind", "", "subject")
    return [factory(cell) for factory in REGISTRY.get(stream, ())]


def needed(kinds: Iterable[str]) -> list[Replay]:
    """The replays of these kinds that are to do or not done yet; a kind that was never judged needs none."""
    wanted = list(kinds)
    rows = {row.kind: row for row in Replay.objects.filter(kind__in=wanted)}
    found = [rows.get(kind) or _first(kind) for kind in wanted]
    for row in found:
        if row.finished_at is not None and is_stale(row):
            row.begun_at, row.finished_at, row.cause = None, None, Replay.Cause.RULES
            row.save(update_fields=["begun_at", "finished_at", "cause"])
    return [row for row in found if row.finished_at is None]


def is_stale(row: Replay) -> bool:
    """Whether rules have changed since a kind was judged by them."""
    return any(mark(stream) != told for stream, told in row.rules.items())


def replaced(kind: str) -> list[str]:
    """The rules that judged a kind and are no longer in force."""
    old = CellState.objects.filter(kind=kind).exclude(rule__in=rules())
    return sorted(set(old.values_list("rule", flat=True)))


def live_from(kind: str, now: datetime) -> datetime:
    """From when on a finding of this kind is news still, if the past is judged at this moment.

    The interval that goes on now is, and so is what nobody looked at yet. The rest the watch has seen, and said
    nothing: that a replay says something there now is history.
    """
    width = int(step_of(kind).total_seconds())
    begun = int(now.timestamp())
    going_on = datetime.fromtimestamp(begun - begun % width, UTC)
    newest = CellState.objects.filter(kind=kind).aggregate(newest=Max("last_point_at"))["newest"]
    return going_on if newest is None else min(going_on, newest + step_of(kind))


def still_live_from(kind: str) -> datetime | None:
    """The same of a replay that is not done, such as one that is paused; None where there is none."""
    row = Replay.objects.filter(kind=kind, finished_at=None).first()
    return None if row is None else row.live_from or live_from(kind, timezone.now())


def _first(kind: str) -> Replay:
    """A kind that nobody asked about before: what other rules judged is judged anew, what these did stays."""
    states = CellState.objects.filter(kind=kind)
    streams = list(states.order_by("stream").values_list("stream", flat=True).distinct())
    if replaced(kind):
        return Replay.objects.get_or_create(kind=kind)[0]
    now = timezone.now()
    values: dict[str, Any] = {"rules": {one: mark(one) for one in streams}, "begun_at": now, "finished_at": now}
    if not streams:
        return Replay(kind=kind, **values)
    return Replay.objects.get_or_create(kind=kind, defaults=values)[0]


def kinds(of: Iterable[str]) -> set[str]:
    """Those of these kinds whose past is to be judged first."""
    return {row.kind for row in needed(of) if not row.paused}


def still(of: set[str]) -> bool:
    """Whether the past of these is judged still, asked in the transaction that passes their days by."""
    rows = Replay.objects.select_for_update().filter(kind__in=of, finished_at=None, paused=False)
    return not of or len(list(rows)) == len(of)
