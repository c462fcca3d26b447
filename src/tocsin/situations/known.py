"""What is known of a country in a window, as fusion takes it, from rows that the same people may read."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from django.db.models import Q

from tocsin.analysis.baselines.feasts import feasts
from tocsin.analysis.fusion import Measured, Occasion, Steady, Told, Window
from tocsin.analysis.fusion.facts import Sort
from tocsin.analysis.fusion.telling import SITES
from tocsin.analysis.series import Direction, Evidence, Stream
from tocsin.signals.measured import is_ours
from tocsin.signals.models import STEP, CellState, Finding, Signal, step_of
from tocsin.situations.models import Member
from tocsin.streams import occasions

# Harms of which a text says something about access, wherever it stands; those about sites speak in their own situation.
NOTICES = ("shutdown", "legal-demand", "law")
ACCESS = (*sorted(SITES), *NOTICES)
_BEFORE, _AFTER = timedelta(days=7), timedelta(days=2)
_SAME_TIME = timedelta(days=3)
_FRESH = timedelta(days=3)
_PAST = timedelta(days=372)
_YOUNG = timedelta(days=14)
_MOST = 300
_WATCHED_COUNTRIES = 5
_AGGREGATORS = frozenset({"gdelt"})
# What our own sites and feeds say, and what people of ours brought, is one voice however many sources it came through.
OURSELVES = "ourselves"


def window(
    members: Iterable[Signal], *, country: str, harm: str, readers: int, exercise: bool, live: bool = False
) -> Window:
    """The window around a situation's newest members: their own word, and what else is known of the country.

    Only rows for everybody, or for the very readers of the situation, are in it. What a person took out of a situation
    is not. ``live`` leaves out what else a replay of the past found.
    """
    own = list(members)
    latest = max(_latest(one) for one in own)
    texts = [told(one, one.harm or harm) for one in own if one.finding_id is None]
    if harm not in ACCESS:
        # What else was measured or ordered says nothing of an arrest.
        findings = tuple(found for one in own if (found := measured(one)) is not None)
        return Window(country, latest, measured=findings, told=tuple(texts))
    around = _around(country, readers, exercise, latest, NOTICES)
    mine = {each.pk for each in own}
    beside = [one for one in around if one.pk not in mine and not (live and one.replayed)]
    seen = _window(country, latest, own + beside, texts, readers, exercise)
    return replace(seen, about=harm, own=frozenset(map(name, own)))


def country_window(country: str, *, now: datetime, readers: int = 0, exercise: bool = False) -> Window:
    """Everything known of a country around ``now``, whatever situations it is in, from rows for everybody or for
    exactly these readers."""
    return _window(country, now, _around(country, readers, exercise, now, ACCESS), [], readers, exercise)


def _window(
    country: str, now: datetime, signals: list[Signal], texts: list[Told], readers: int, exercise: bool
) -> Window:
    findings = {one.source: one for one in _timed(country, map(measured, signals))}
    ordered = tuple(sorted(findings.values(), key=lambda one: (one.opened, one.source)))
    named = {one.source for one in texts}
    others = [told(one, one.harm) for one in signals if one.finding_id is None and name(one) not in named]
    return Window(
        country=country,
        now=now,
        measured=ordered,
        told=tuple(texts + others),
        steady=_steady(country, ordered, now),
        elsewhere=_elsewhere(country, ordered, readers, exercise),
        earlier=_earlier(country, ordered, readers, now - _BEFORE),
        occasions=_occasions(country, ordered, now),
    )


def _occasions(country: str, found: Iterable[Measured], now: datetime) -> tuple[Occasion, ...]:
    """Days of the calendar beside what was found: those that somebody entered, and public holidays."""
    days = sorted({one.opened.date() + timedelta(days=off) for one in found for off in (-1, 0, 1)})
    if not country or not days:
        return ()
    rows = occasions.near(country, now.date(), now.date() - min(days[0], now.date()) + _AFTER)
    entered = [
        Occasion(day, Sort(row.sort), row.name, f"occasion:{row.pk}")
        for row in rows
        for day in days
        if row.first <= day <= row.last and row.sort in set(Sort)
    ]
    named = {one.day for one in entered if one.sort is Sort.HOLIDAY}
    public = (one for one in feasts(country, days[0], days[-1]) if one.day in set(days) - named)
    return (*entered, *(Occasion(one.day, Sort.HOLIDAY, one.name, "") for one in public))


def _timed(country: str, found: Iterable[Measured | None]) -> Iterator[Measured]:
    """Findings, losses of connectivity with how exactly their start is known: as their rows told, else the shortest
    step of their cell."""
    known = [one for one in found if one is not None]
    steps: dict[tuple[str, str, str], timedelta] = {}
    if any(one.stream is Stream.CONNECTIVITY for one in known):
        cells = CellState.objects.filter(country=country, stream=Stream.CONNECTIVITY.value)
        for kind, subject, network, recent in cells.values_list("kind", "subject", "network", "recent")[:_MOST]:
            epochs = [row[0] for row in recent]
            gaps = [later - before for before, later in pairwise(epochs) if later > before]
            steps[(kind, subject, network)] = min(STEP, timedelta(seconds=min(gaps, default=STEP.total_seconds())))
    for one in known:
        step = steps.get((one.kind, one.subject, one.network), STEP)
        yield one if one.resolution < step_of(one.kind) else replace(one, resolution=step)


def told(signal: Signal, harm: str) -> Told:
    """A text as fusion takes it: its masthead, and the source of ours that brought it."""
    feed = _feed(signal)
    return Told(
        source=name(signal),
        masthead=OURSELVES if feed == OURSELVES else signal.origin or name(signal),
        feed=feed,
        grade=signal.reliability,
        harm=harm,
        actor=signal.actor,
        ours=signal.our_link,
        at=signal.at,
        copy=signal.copy_of_id is not None,
        mark=bytes(signal.fingerprint),
        host="" if feed == OURSELVES else _host(signal.url),
        technical=signal.technical,
    )


def _feed(signal: Signal) -> str:
    """What carried a text: its source, or the kind of source where all of that kind draw on one collection."""
    if signal.item is None:
        return name(signal)
    if not signal.item.source.url or is_ours(_host(signal.url)) or is_ours(_host(signal.item.source.url)):
        return OURSELVES
    kind = signal.item.source.kind
    return kind if kind in _AGGREGATORS else f"source:{signal.item.source_id}"


@lru_cache(maxsize=4_096)
def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def name(signal: Signal) -> str:
    """What a clue calls this signal."""
    return f"signal:{signal.pk}"


def number(source: str) -> int | None:
    """The signal that a clue rests on; None: it rests on something else."""
    kind, _sep, value = source.partition(":")
    return int(value) if kind == "signal" and value.isdigit() else None


def measured(signal: Signal) -> Measured | None:
    """A finding as fusion takes it; None for a text."""
    return None if signal.finding is None else _of(signal.finding, name(signal))


def _of(finding: Finding, source: str) -> Measured | None:
    if finding.stream not in set(Stream) or finding.direction not in set(Direction):
        return None
    within = finding.began_within_seconds
    return Measured(
        source=source,
        stream=Stream(finding.stream),
        kind=finding.kind,
        country=finding.country,
        subject=finding.subject,
        network=finding.network,
        ours=is_ours(finding.subject),
        direction=Direction(finding.direction),
        opened=finding.began_at or finding.opened_at,
        closed=finding.closed_at,
        score=finding.score,
        before=finding.before,
        now=finding.now,
        points=finding.points,
        evidence=Evidence(finding.evidence) if finding.evidence in set(Evidence) else Evidence.SCORED,
        resolution=step_of(finding.kind) if within is None else timedelta(seconds=within),
    )


def _latest(signal: Signal) -> datetime:
    return signal.finding.seen_at if signal.finding is not None else signal.at


def _around(country: str, readers: int, exercise: bool, now: datetime, harms: tuple[str, ...]) -> list[Signal]:
    if not country:
        return []
    since = now - _BEFORE
    # What was found long ago, and still lasts or ended of late, explains the present as well as what is new.
    lasting = Q(finding__seen_at__gte=since) & (Q(finding__closed_at=None) | Q(finding__closed_at__gte=since))
    rows = Signal.objects.filter(
        country=country,
        at__lte=now + _AFTER,
        state=Signal.State.READ,
        readers__in={0, readers},
        exercise=exercise,
    )
    taken_out = Member.objects.filter(by_person=True, situation=None).values("signal")
    rows = rows.exclude(pk__in=taken_out).order_by("-at", "pk")
    late = Q(at__gte=since)
    # Each of these has an index of its own. Asked at once, every text of the country's week would be looked at.
    parts = Q(late | lasting, finding__isnull=False), Q(late, harm__in=harms), Q(late, technical=True)
    numbers = {pk for part in parts for pk in rows.filter(part).values_list("pk", flat=True)[:_MOST]}
    heavy = ("terms", "why", "summary", "item__text", "item__original", "item__source__memory")
    found = Signal.objects.filter(pk__in=numbers).select_related("finding", "item__source").defer(*heavy)
    return list(found.order_by("-at", "pk")[:_MOST])


def _steady(country: str, found: Iterable[Measured], latest: datetime) -> tuple[Steady, ...]:
    """Series of the country that were measured of late and have no finding now."""
    if not country:
        return ()
    open_now = {(one.kind, one.subject) for one in found if one.closed is None}
    cells = CellState.objects.filter(country=country, network="", last_point_at__gte=latest - _FRESH)
    rows = cells.values_list("stream", "kind", "subject").distinct()[:_MOST]
    return tuple(
        Steady(Stream(stream), kind, subject, is_ours(subject))
        for stream, kind, subject in sorted(rows)
        if stream in set(Stream) and (kind, subject) not in open_now
    )


def _elsewhere(country: str, found: Iterable[Measured], readers: int, exercise: bool) -> tuple[Measured, ...] | None:
    """Findings of other countries at the same time; None where too few are watched to tell."""
    open_now = list(found)
    kinds = {one.kind for one in open_now}
    if not kinds:
        return None
    watched = CellState.objects.filter(kind__in=kinds).exclude(country__in=["", country]).values("country").distinct()
    if watched.count() < _WATCHED_COUNTRIES:
        return None
    first, last = min(one.opened for one in open_now), max(one.opened for one in open_now)
    rows = Signal.objects.filter(
        finding__kind__in=kinds,
        finding__opened_at__gte=first - _SAME_TIME,
        finding__opened_at__lte=last + _SAME_TIME,
        state=Signal.State.READ,
        readers__in={0, readers},
        exercise=exercise,
    )
    near = rows.exclude(country=country).select_related("finding").order_by("-pk")[:_MOST]
    return tuple(one for one in map(measured, near) if one is not None)


def _earlier(country: str, found: Iterable[Measured], readers: int, until: datetime) -> tuple[Measured, ...] | None:
    """Findings of the year before; None where the watch is too young to know."""
    kinds = {one.kind for one in found}
    if not country or not kinds:
        return None
    cells = CellState.objects.filter(country=country, kind__in=kinds, network="").values_list("recent", flat=True)[:20]
    firsts = [datetime.fromtimestamp(recent[0][0], tz=UTC) for recent in cells if recent]
    if not firsts or min(firsts) > until - _YOUNG:
        return None
    rows = Signal.objects.filter(
        finding__country=country,
        finding__kind__in=kinds,
        finding__opened_at__gte=until - _PAST,
        finding__opened_at__lt=until,
        state=Signal.State.READ,
        readers__in={0, readers},
    ).select_related("finding")
    return tuple(one for one in map(measured, rows.order_by("-pk")[:_MOST]) if one is not None)
