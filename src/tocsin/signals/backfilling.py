"""Judges the past anew, a kind and a country at a time, when the rules that judge it have changed.

Each country is kept in short transactions, the last of which says that it is done: whoever is killed goes on with the
next country. Days that arrive meanwhile are looked at when the kind is done.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from time import monotonic
from typing import Final, TypeAlias

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.analysis.engine import By, Engine, points, sizes, with_families
from tocsin.analysis.series import Cell, Point
from tocsin.lib.claims import confirm, drop_lease, hold, take_lease
from tocsin.signals import measured, measuring, replaying
from tocsin.signals.measuring import OvertakenError
from tocsin.signals.models import CellState, Finding, Replay, step_of
from tocsin.signals.worldwide import World
from tocsin.streams import lake
from tocsin.streams.models import LakeChange, LakeFile

LEASE: Final = "signals.replay"
SECONDS: Final = 60.0
LONG: Final = 900.0
"""How long somebody keeps the lease who is not followed at once, such as a command that waits for a cluster."""
TURN = 3.0
"""For how many seconds the worker judges before others have their turn."""
CELLS_AT_ONCE = 50
Said: TypeAlias = tuple[str, str, str, datetime]
"""Rule, subject, network and when it opened: tells findings of one country apart."""
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a replay has come: countries and rows done of all."""

    kind: str
    countries_done: int
    countries: int
    rows_done: int
    rows: int


def due() -> list[Replay]:
    """The replays that are to do, of all kinds that the lake holds."""
    return replaying.needed(lake.kinds())


def why(row: Replay) -> str:
    """In one plain sentence, why the past of a kind is or was judged."""
    if row.cause == Replay.Cause.ASKED:
        return _("it was asked for")
    names = replaying.replaced(row.kind) if row.begun_at is None else row.replaced
    if names:
        return _("%(rules)s judged it, no longer in force") % {"rules": ", ".join(names)}
    return _("the rules or their parameters have changed")


def extent(kind: str) -> tuple[int, int]:
    """Rows and days that the lake holds of a kind."""
    rows = list(LakeFile.objects.filter(kind=kind).values_list("rows", flat=True))
    return sum(rows), len(rows)


class Run:
    """The replay of one kind, from where the last one came to. ``engine`` is the caller's, who closes it.

    ``seconds`` is how long it keeps the right to judge (``take``) from each piece to the next.

    Raises:
        OvertakenError: when another process has that right, or did all of it meanwhile.
    """

    def __init__(self, kind: str, engine: Engine | None = None, seconds: float = SECONDS) -> None:
        self.kind = kind
        self._row = _begun(kind, seconds)
        self._seconds = seconds
        self._since = monotonic()
        files = lake.files(kind)
        self._sizes = dict(sizes(files, kind=kind, engine=engine))
        row = self._row
        row.countries, row.rows, row.sizes = len(self._sizes), sum(self._sizes.values()), [*self._sizes.items()]
        with transaction.atomic():
            self._guard()
            row.save(update_fields=["countries", "rows", "sizes"])
        self._world = World(kind, files, files, _FIRST, engine)
        found = points(files, kind=kind, after=row.after, step=step_of(kind), by=By.BOTH, engine=engine)
        self._countries = groupby(with_families(found, measured.FAMILIES), key=lambda one: one[0].country)
        self._pieces = self._work()

    def advance(self) -> Progress | None:
        """Do the next piece, of a moment or two; None when the kind is done.

        Raises:
            OvertakenError: when another process does it, or a person stopped it.
        """
        if next(self._pieces, False) is False:
            return None
        row = self._row
        return Progress(self.kind, row.countries_done, row.countries, row.rows_done, row.rows)

    def _work(self) -> Iterator[None]:
        for country, series in self._countries:
            said: set[Said] = set()
            streams: set[str] = set()
            for batch in measuring.batches(series, CELLS_AT_ONCE):
                yield from self._prepared(batch)
                said |= self._judge(batch)
                streams |= {cell.stream.value for cell, _points in batch}
                yield
            self._done(country, said, streams)
            yield
        self._finish()

    def _prepared(self, batch: Iterable[tuple[Cell, list[Point]]]) -> Iterator[None]:
        """How the rest of the world moved, made once, where anything moves with it."""
        if any(World.moves(cell) for cell, _points in batch):
            for _piece in self._world.prepare():
                with transaction.atomic():
                    self._guard()
                yield

    def _judge(self, batch: list[tuple[Cell, list[Point]]]) -> set[Said]:
        row = self._row
        judged = [one for cell, found in batch for one in measuring.anew(cell, found, self._world, row.live_from)]
        with transaction.atomic():
            self._guard()
            open_before = self._open()
            row.opened += measuring.keep(judged, self._guard)
            row.closed += len(open_before - self._open())
            self._save()
        return _said(judged)

    def _open(self) -> set[int]:
        return set(Finding.objects.filter(kind=self.kind, closed_at=None).values_list("pk", flat=True))

    def _done(self, country: str, said: set[Said], streams: set[str]) -> None:
        row = self._row
        with transaction.atomic():
            self._guard()
            row.retired += _retire(Q(kind=self.kind, country=country), said)
            row.rules |= {stream: replaying.mark(stream) for stream in streams}
            row.after = country
            row.countries_done = sum(known <= country for known in self._sizes)
            row.rows_done = sum(rows for known, rows in self._sizes.items() if known <= country)
            self._save()

    def _finish(self) -> None:
        """Look at the days that came meanwhile, and let the worker look at new ones again."""
        row = self._row
        while True:
            changes = LakeChange.objects.filter(kind=self.kind, pk__gt=row.change)
            reach = changes.aggregate(newest=Max("pk"), since=Min("day"))
            if reach["newest"] is not None:
                measuring.look(self.kind, reach["since"], self._guard)
            with transaction.atomic():
                self._guard()
                if changes.aggregate(newest=Max("pk"))["newest"] != reach["newest"]:
                    continue
                row.retired += _retire(Q(kind=self.kind), None)
                row.finished_at = timezone.now()
                numbers = {name: getattr(row, name) for name in ("countries", "rows", "opened", "closed", "retired")}
                row.last = {"at": row.finished_at.isoformat(), **numbers}
                self._save()
            return

    def _save(self) -> None:
        now = monotonic()
        self._row.seconds += now - self._since
        self._since = now
        self._row.went_on_at = timezone.now()
        counts = ("countries_done", "rows_done", "opened", "closed", "retired", "seconds")
        self._row.save(update_fields=["rules", "after", *counts, "went_on_at", "finished_at", "last"])

    def _guard(self) -> None:
        """In the transaction of a write: nobody else judges this kind, and nobody stopped it."""
        if not confirm(LEASE, self._seconds):
            raise OvertakenError
        row = Replay.objects.select_for_update().filter(pk=self._row.pk).first()
        if row is None or row.paused or row.begun_at != self._row.begun_at or row.after != self._row.after:
            raise OvertakenError


def one_country(kind: str, country: str, engine: Engine | None = None, seconds: float = SECONDS) -> Iterator[Progress]:
    """Judge the past of one country again, whatever else is due; the caller has the right to (``take``).

    Raises:
        OvertakenError: when another process works on the same cells.
    """

    def guard() -> None:
        if not confirm(LEASE, seconds):
            raise OvertakenError

    files = lake.files(kind)
    rows = dict(sizes(files, kind=kind, country=country, engine=engine))
    whole, live_from = sum(rows.values()), replaying.live_from(kind, timezone.now())
    world = World(kind, files, files, _FIRST, engine)
    found = points(files, kind=kind, country=country, step=step_of(kind), by=By.BOTH, engine=engine)
    said: set[Said] = set()
    for batch in measuring.batches(with_families(found, measured.FAMILIES), CELLS_AT_ONCE):
        if any(World.moves(cell) for cell, _points in batch):
            for _piece in world.prepare():
                guard()
        judged = [one for cell, series in batch for one in measuring.anew(cell, series, world, live_from)]
        measuring.keep(judged, guard)
        said |= _said(judged)
        # A subject that goes on in the next batch is not done yet; families have no rows of their own.
        reached = max((cell.subject for cell, _points in batch if cell.subject in rows), default="")
        yield Progress(kind, 0, 1, sum(count for name, count in rows.items() if name < reached), whole)
    with transaction.atomic():
        guard()
        _retire(Q(kind=kind, country=country), said)
    yield Progress(kind, 1, 1, whole, whole)


def outcome(kind: str) -> str:
    """In one plain sentence, what a replay changed."""
    row = Replay.objects.get(kind=kind)
    return (
        f"{row.opened} findings are new, {row.closed} are over, {row.retired} were retired; "
        "what is history calls nobody."
    )


def _said(judged: Iterable[measuring.Watched]) -> set[Said]:
    """What tells apart the findings of these cells."""
    return {
        (str(one.detector.rule), one.detector.cell.subject, one.detector.cell.network, finding.opened)
        for one in judged
        for finding in one.findings
    }


def _begun(kind: str, seconds: float) -> Replay:
    """The row of a kind: of the replay that is under way, or of a new one."""
    newest = LakeChange.objects.filter(kind=kind).aggregate(newest=Max("pk"))["newest"] or 0
    with transaction.atomic():
        if not confirm(LEASE, seconds):
            raise OvertakenError
        row, _new = Replay.objects.select_for_update().get_or_create(kind=kind)
        stale = replaying.is_stale(row)
        if row.finished_at is not None and not stale:
            raise OvertakenError
        if row.begun_at is None or stale:
            row.begun_at, row.finished_at, row.after, row.rules, row.change = timezone.now(), None, None, {}, newest
            row.countries_done = row.rows_done = row.opened = row.closed = row.retired = 0
            row.seconds, row.went_on_at = 0.0, row.begun_at
            row.live_from, row.replaced = replaying.live_from(kind, row.begun_at), replaying.replaced(kind)
            row.save()
    return row


def _retire(where: Q, said: set[Said] | None) -> int:
    """Forget what other rules remember, and close what is no longer said; in the caller's transaction."""
    other = ~Q(rule__in=replaying.rules())
    CellState.objects.filter(where, other).delete()
    standing = Finding.objects.filter(where, closed_at=None, retired_at=None)
    if said is None:
        return measured.retire(standing.filter(other), timezone.now())
    gone = [row for row in standing if (row.rule, row.subject, row.network, row.opened_at) not in said]
    return measured.retire(gone, timezone.now())


_running: list[Run] = []
_asked: list[bool] = []


def step() -> bool:
    """Judge on for a moment, or to the end of a country, a kind whose rules have changed.

    False when there is none, or another does it.
    """
    if not _asked:
        # Rules change with the program only, so a process asks once; what a person asks for stands in the rows.
        due()
        _asked.append(True)
    fresh = not _running
    try:
        if fresh:
            waiting = Replay.objects.filter(finished_at=None, paused=False).order_by("kind").first()
            if waiting is None or not hold(LEASE, SECONDS):
                return False
            _running.append(Run(waiting.kind))
        going = _turn(_running[0])
    except OvertakenError:
        going = False
    except OSError:
        # A file was replaced since the run began: a new one goes on behind the last country.
        going = False
        if fresh:
            _running.clear()
            release()
            raise
    if not going:
        _running.clear()
        release()
    return True


def _turn(run: Run) -> bool:
    """Pieces of one turn; False when the kind is done."""
    until = monotonic() + TURN
    at = begun = run.advance()
    while at is not None and begun is not None and at.countries_done == begun.countries_done and monotonic() < until:
        at = run.advance()
    return at is not None


def take(seconds: float = SECONDS) -> bool:
    """Have the right to judge the past; False while another process has it."""
    return take_lease(LEASE, seconds)


def release() -> None:
    """Give that right back."""
    drop_lease(LEASE)
