"""Runs the detectors over the days of the lake that changed, and keeps what they find."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.db import transaction
from django.utils import timezone

from tocsin.analysis.detectors import REGISTRY
from tocsin.analysis.detectors.base import Detector
from tocsin.analysis.engine import By, points, with_families
from tocsin.analysis.series import Cell, Evidence, Finding, Point, Stream
from tocsin.lib.claims import advance, confirm, hold, in_order, position
from tocsin.signals import measured, replaying
from tocsin.signals.lows import thinned
from tocsin.signals.models import STEP, CellState, step_of
from tocsin.signals.onsets import Onset, onsets
from tocsin.signals.worldwide import World, is_news
from tocsin.streams import lake
from tocsin.streams.models import LakeChange

DRAWN = 240
_LEASE, _LEASE_SECONDS = "signals.measure", 60.0
_CURSOR = "signals.lake"
_CHANGES = 2_000
_TAKEN = timedelta(days=2)
QUIET = timedelta(days=3)  # what late data show to have begun earlier is history, and wakes nobody

Guard: TypeAlias = Callable[[], None]
"""Called in the transaction of a write: raises OvertakenError where another process went on in our place."""


class OvertakenError(Exception):
    """Another process looked at these days meanwhile."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One detector on one cell, and the row that keeps its memory. What it finds before ``live_from`` is history."""

    row: CellState
    detector: Detector
    findings: tuple[Finding, ...]
    points: Sequence[Point]
    onsets: Mapping[datetime, Onset]
    live_from: datetime | None = None


def step() -> bool:
    """Look at the days that changed of one kind of observation; False when none did."""
    if not hold(_LEASE, _LEASE_SECONDS):
        return False
    begun_at = position(_CURSOR)
    changes = list(LakeChange.objects.filter(pk__gt=begun_at).order_by("pk")[:_CHANGES])
    if not changes:
        return False
    days: dict[str, set[date]] = {}
    for change in changes:
        days.setdefault(change.kind, set()).add(change.day)
    # The past of some is judged anew: that reads these days, too, and looks at them once more when it ends.
    replayed = replaying.kinds(days)

    def still_mine() -> None:
        _still_mine(begun_at)

    try:
        for kind, changed in days.items():
            if kind not in replayed:
                look(kind, min(changed), still_mine)
        with transaction.atomic():
            _still_mine(begun_at)
            if not replaying.still(replayed):
                raise OvertakenError
            advance(_CURSOR, changes[-1].pk)
    except OvertakenError:
        return False
    return True


def _still_mine(begun_at: int) -> None:
    """Renew the lease in the transaction of a write. A process that hung must not write over what another did since."""
    if not confirm(_LEASE, _LEASE_SECONDS) or position(_CURSOR) != begun_at:
        raise OvertakenError


def look(kind: str, since: date, guard: Guard) -> None:
    """Feed what the lake holds of one kind since a day to the detectors that don't know it yet.

    Raises:
        OvertakenError: when another process works on the same cells.
    """
    start = datetime.combine(since, time.min, tzinfo=UTC)
    files = lake.files(kind, since=start, until=None)
    world = World(kind, files, lake.files(kind, since=None, until=None), start)
    series = with_families(points(files, kind=kind, since=start, step=step_of(kind), by=By.BOTH), measured.FAMILIES)
    # A kind whose replay rests is watched all the same, a cell's past at a time; that its past says is no news.
    replayed = replaying.still_live_from(kind)
    for batch in batches(series, 200):
        known = [(cell, world.told(cell, _past(found))) for cell, found in batch]
        keep([watched for cell, found in known for watched in _watch(cell, found, world, replayed)], guard)


def _watch(cell: Cell, found: Sequence[Point], world: World, replayed: datetime | None) -> Iterator[Watched]:
    everything: list[Point] | None = None
    for factory in REGISTRY.get(cell.stream, ()):
        detector = factory(cell)
        row = _row(cell, detector)
        fresh = _fresh(row.recent, found)
        if row.state and _restore(detector, row):
            before = detector.discarded
            findings = _feed(detector, fresh)
            if detector.discarded == before:
                since = min((point.time for point in fresh), default=None)
                yield Watched(row, detector, findings, fresh, onsets(cell, findings, since))
                continue
        # Nothing is remembered, or data came later than the detector can still take: replay all that there is.
        if everything is None:
            everything = world.told_all(cell, _history(cell))
        yield _anew(row, factory(cell), everything, timezone.now() - QUIET if row.state else replayed)


def anew(cell: Cell, found: Sequence[Point], world: World, live_from: datetime | None) -> Iterator[Watched]:
    """What blank detectors say of all the points that there are of a cell."""
    everything = world.told_all(cell, _past(found))
    for factory in REGISTRY.get(cell.stream, ()):
        detector = factory(cell)
        row = _row(cell, detector)
        row.recent = []
        yield _anew(row, detector, everything, live_from)


def _anew(row: CellState, detector: Detector, everything: Sequence[Point], live_from: datetime | None) -> Watched:
    findings = _feed(detector, everything)
    since = min((point.time for point in everything), default=None)
    return Watched(row, detector, findings, everything, onsets(detector.cell, findings, since), live_from)


def _restore(detector: Detector, row: CellState) -> bool:
    try:
        detector.restore(row.state)
    except (ValueError, KeyError):
        return False
    return True


def _feed(detector: Detector, found: Iterable[Point]) -> tuple[Finding, ...]:
    """What the detector says of these points, the last word on each finding only."""
    said: dict[datetime, Finding] = {}
    for point in found:
        finding = detector.update(point)
        if finding is not None:
            said[finding.opened] = finding
    return tuple(said.values())


def _history(cell: Cell) -> list[Point]:
    series = _series_of(cell, None, None)
    return [point for found_cell, found in series if found_cell == cell for point in _past(found)]


def _series_of(cell: Cell, since: datetime | None, until: datetime | None) -> Iterator[tuple[Cell, list[Point]]]:
    """What the lake holds of a cell; of a family of sites, all that may belong to it."""
    pooled = cell.subject in measured.FAMILIES
    series = points(
        lake.files(cell.kind, since=since, until=until),
        kind=cell.kind,
        country=cell.country,
        subject=None if pooled else cell.subject,
        network=cell.network or None,
        since=since,
        until=until,
        step=step_of(cell.kind),
    )
    families = {cell.subject: measured.FAMILIES[cell.subject]} if pooled else {}
    return with_families(series, families)


def _past(found: Iterable[Point]) -> list[Point]:
    """Without points that a wrong clock put into the future."""
    now = timezone.now()
    return [point for point in found if point.time <= now]


def recall(row: CellState, since: datetime, until: datetime) -> list[list[Any]]:
    """The points of a cell in a window, in the form of its newest ones; those that are kept know what was usual."""
    cell = Cell(Stream(row.stream), row.kind, row.country, row.subject, row.network)
    kept = {one[0]: one for one in row.recent}
    series = _series_of(cell, since, until)
    rows = {int(point.time.timestamp()): _as_row(point) for found, known in series if found == cell for point in known}
    known = rows | kept
    return [known[epoch] for epoch in sorted(known)]


def _row(cell: Cell, detector: Detector) -> CellState:
    key = {
        "rule": str(detector.rule),
        "kind": cell.kind,
        "country": cell.country,
        "subject": cell.subject,
        "network": cell.network,
    }
    return CellState.objects.filter(**key).first() or CellState(**key, stream=cell.stream.value)


@transaction.atomic
def keep(batch: Sequence[Watched], guard: Guard) -> int:
    """Store what detectors remember and found; the number of findings that are new. See ``measured.keep``.

    Raises:
        OvertakenError: when another process works on the same cells; nothing is stored then.
    """
    guard()
    in_order("signals.cells")
    _as_it_was(batch)
    new = 0
    for watched in batch:
        delay, with_one_more = watched.detector.delay(), watched.detector.delay_with_one_more()
        watched.row.state = watched.detector.state()
        watched.row.recent = _recent(watched.row.recent, watched.points, watched.detector)
        watched.row.last_point_at = _newest(watched.row.recent)
        watched.row.delay_seconds = _in_seconds(delay)
        watched.row.delay_with_one_more_seconds = _in_seconds(with_one_more)
        watched.row.save()
        for finding in watched.findings:
            new += measured.keep(finding, live_from=watched.live_from)
        for opened, onset in watched.onsets.items():
            measured.refine(watched.detector.cell, opened, onset)
    return new


def _as_it_was(batch: Sequence[Watched]) -> None:
    """Stop where another process, which had the lease meanwhile, kept something of these cells since they were read."""
    rows = [watched.row for watched in batch]
    read = {row.pk: row.state for row in rows if row.pk is not None}
    if dict(CellState.objects.filter(pk__in=read).values_list("pk", "state")) != read:
        raise OvertakenError
    new = {_key(row) for row in rows if row.pk is None}
    near = CellState.objects.filter(kind__in={key[1] for key in new}, subject__in={key[3] for key in new})
    if any(_key(row) in new for row in near.only("rule", "kind", "country", "subject", "network")):
        raise OvertakenError


def _key(row: CellState) -> tuple[str, str, str, str, str]:
    return row.rule, row.kind, row.country, row.subject, row.network


def _as_row(point: Point) -> list[Any]:
    return [int(point.time.timestamp()), point.n, point.k, point.value, point.evidence.value]


def _fresh(known: list[list[Any]], found: Sequence[Point]) -> list[Point]:
    """Points that the detector has not had in this form: only those can be late, so only those can cost a replay.

    Another movement of the rest of the world makes a point new for two days only, while any detector still takes it.
    """
    rows = {row[0]: row for row in known}
    newest = max([*rows, *(int(point.time.timestamp()) for point in found)], default=0)
    fresh = []
    for point in found:
        row = rows.get(int(point.time.timestamp()), [])
        late = newest - point.time.timestamp() <= _TAKEN.total_seconds()
        if row[:5] != _as_row(point) or (late and is_news(point, row)):
            fresh.append(point)
    return fresh


def _recent(known: list[list[Any]], found: Iterable[Point], detector: Detector) -> list[list[Any]]:
    """The newest points of a cell, each with what was usual then: web pages draw these and never open the lake.

    The last number is how the rest of the world moved, where that is known.
    """
    rows = {row[0]: row for row in known}
    fine = step_of(detector.cell.kind) < STEP
    order = sorted(found, key=lambda one: one.time)
    for point in order if fine else order[-DRAWN:]:
        row = _as_row(point)
        band = detector.usual(point.time)
        if band is not None:
            row += [band.level, band.low, band.high]
            row += [] if point.elsewhere is None else [point.elsewhere]
        rows[row[0]] = row
    kept = thinned(rows.values()) if fine else [rows[epoch] for epoch in sorted(rows)]
    return kept[-DRAWN:]


def _in_seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()


def _newest(recent: list[list[Any]]) -> datetime | None:
    scored = [row[0] for row in recent if row[4] == Evidence.SCORED.value]
    return datetime.fromtimestamp(scored[-1], tz=UTC) if scored else None


def batches(series: Iterable[tuple[Cell, list[Point]]], size: int) -> Iterator[list[tuple[Cell, list[Point]]]]:
    batch: list[tuple[Cell, list[Point]]] = []
    for one in series:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
