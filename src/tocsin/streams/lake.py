"""The lake: observations land in a table, one leased compactor per day and kind writes them into Parquet files.

A file belongs to the lake only while the manifest names it. Landed rows are deleted after the manifest was changed, so
a process that dies in between leaves rows that are already in the file: the next pass finds nothing new in them.
"""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min
from django.utils import timezone

from tocsin.analysis import engine
from tocsin.lib.claims import drop_lease, in_order, take_lease
from tocsin.streams.models import LakeChange, LakeFile, Observation

ROWS_AT_ONCE = 20_000
GROUPS_AT_ONCE = 20
DELETED_AT_ONCE = 200
LEASE_SECONDS = 60.0  # taken anew between reading and writing; whoever dies is followed after this long
GRACE = timedelta(hours=1)  # readers may still have an old file open, or be about to open it


def files(kind: str, since: date | None = None, until: date | None = None) -> list[Path]:
    """The files of one kind of observation, by day. ``since`` is included, ``until`` is not; None: no bound.

    Both may be days or aware times; a time takes in the whole of its day.
    """
    rows = LakeFile.objects.filter(kind=kind)
    if since is not None:
        rows = rows.filter(day__gte=_day(since))
    if until is not None:
        # A time that is not midnight leaves a part of its day before it.
        whole = isinstance(until, datetime) and until.astimezone(UTC).time().isoformat() != "00:00:00"
        rows = rows.filter(**{"day__lte" if whole else "day__lt": _day(until)})
    return [settings.LAKE / path for path in rows.order_by("day").values_list("path", flat=True)]


def kinds() -> list[str]:
    """The kinds of observation that the lake holds."""
    return list(LakeFile.objects.order_by("kind").values_list("kind", flat=True).distinct())


def step() -> bool:
    """Bring the landed rows of some days and kinds into the lake; False when none were left to this process."""
    waiting = Observation.objects.values("kind", "day").annotate(rows=Count("pk"), oldest=Min("pk")).order_by("oldest")
    done = [_compact(group["kind"], group["day"]) for group in waiting[:GROUPS_AT_ONCE]]
    return any(done)


def _compact(kind: str, day: date) -> bool:
    name = f"lake:{kind}:{day.isoformat()}"
    if not take_lease(name, LEASE_SECONDS):
        return False
    try:
        landed = list(Observation.objects.filter(kind=kind, day=day).order_by("pk")[:ROWS_AT_ONCE])
        if not landed:
            return False
        standing = LakeFile.objects.filter(kind=kind, day=day).first()
        changed = _changed(standing, [_row(one) for one in landed])
        if not take_lease(name, LEASE_SECONDS):
            return False
        if changed and not _write(name, kind, day, standing, changed):
            return False
        _delete(landed)
        return True
    finally:
        drop_lease(name)


def _changed(standing: LakeFile | None, rows: list[engine.Row]) -> list[engine.Row]:
    """The rows that the file does not hold yet; a row fetched again with the same numbers is not new."""
    fresh = {_key(row): row for row in rows}
    if standing is not None:
        for old in engine.read(settings.LAKE / standing.path):
            new = fresh.get(_key(old))
            if new is not None and (new.fetched < old.fetched or new._replace(fetched=old.fetched) == old):
                del fresh[_key(old)]
    return list(fresh.values())


def _write(lease_name: str, kind: str, day: date, standing: LakeFile | None, rows: list[engine.Row]) -> bool:
    path = Path(kind) / f"{day.isoformat()}-{secrets.token_hex(8)}.parquet"
    whole = settings.LAKE / path
    whole.parent.mkdir(parents=True, exist_ok=True)
    old = [settings.LAKE / standing.path] if standing else []
    written = engine.write(whole, engine.merge(old, rows))
    now = timezone.now()
    values = {"path": str(path), "rows": written.rows, "digest": written.digest, "written_at": now}
    with transaction.atomic():
        in_order("streams.lake")
        if not take_lease(lease_name, LEASE_SECONDS):
            return False
        if standing is None:
            # Another compactor that lost its lease meanwhile may have written this day: then its file stands.
            _, made = LakeFile.objects.get_or_create(kind=kind, day=day, defaults=values)
            if not made:
                return False
        elif not LakeFile.objects.filter(pk=standing.pk, path=standing.path).update(**values):
            return False
        LakeChange.objects.create(kind=kind, day=day, at=now)
    return True


def _delete(landed: list[Observation]) -> None:
    """Delete what was read, in short transactions; a row that was written anew meanwhile stays."""
    by_landing: dict[int, list[int]] = {}
    for row in landed:
        by_landing.setdefault(row.landing, []).append(row.pk)
    for landing, ids in by_landing.items():
        for first in range(0, len(ids), DELETED_AT_ONCE):
            Observation.objects.filter(pk__in=ids[first : first + DELETED_AT_ONCE], landing=landing).delete()


def sweep(now: datetime | None = None) -> int:
    """Delete files that the manifest does not name (any more) and that nobody can be reading; how many those were."""
    now = now or timezone.now()
    if not settings.LAKE.is_dir():
        return 0
    swept = 0
    for path in _strays(now):
        path.unlink(missing_ok=True)
        swept += 1
    return swept


def _strays(now: datetime) -> Iterator[Path]:
    # Ages first, manifest second: a file written in between is young and stays.
    aged = [path for path in settings.LAKE.glob("*/*") if path.is_file() and _age(path, now) > GRACE]
    named = set(LakeFile.objects.values_list("path", flat=True))
    for path in aged:
        if str(path.relative_to(settings.LAKE)) not in named and not _just_replaced(path, now):
            yield path


def _just_replaced(path: Path, now: datetime) -> bool:
    """Whether the manifest left this file so recently that a reader may still be using its name."""
    kind, day = path.parent.name, path.name[:10]
    return LakeFile.objects.filter(kind=kind, day__in=_days(day), written_at__gt=now - GRACE).exists()


def _days(text: str) -> list[date]:
    try:
        return [date.fromisoformat(text)]
    except ValueError:
        return []


def _age(path: Path, now: datetime) -> timedelta:
    try:
        return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta(0)


def _key(row: engine.Row) -> tuple[str, str, str, str, int, int]:
    return (row.kind, row.country, row.subject, row.network, row.epoch, row.source)


def _row(one: Observation) -> engine.Row:
    return engine.Row(
        stream=one.stream,
        kind=one.kind,
        country=one.country,
        subject=one.subject,
        network=one.network,
        epoch=one.epoch,
        step=one.step,
        n=one.n,
        k=one.k,
        value=one.value,
        evidence=one.evidence,
        source=one.source_id,
        fetched=one.fetched,
        detail=json.dumps(one.detail, sort_keys=True, ensure_ascii=False, separators=(",", ":")) if one.detail else "",
    )


def _day(moment: date) -> date:
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else moment
