"""The page of the past: which measurements are judged anew and why, how far that is, and what it changed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import actions, backfilling, replaying
from tocsin.signals.access import cells_for, replays_for
from tocsin.signals.models import Replay
from tocsin.streams import lake

RESTS: Final = timedelta(minutes=5)
"""After so long without a step, nobody works on it."""

_ORDER: Final = ("stuck", "goes_on", "paused", "waits")


@dataclass(frozen=True, slots=True)
class Country:
    """One country of a replay: its rows, and whether it is ``done``, ``next`` or ``open``."""

    code: str
    rows: int
    state: str


@dataclass(frozen=True, slots=True)
class Done:
    """The replay that was finished last, and what it changed."""

    at: datetime
    countries: int
    rows: int
    opened: int
    closed: int
    retired: int


@dataclass(frozen=True, slots=True)
class Past:
    """One kind of measurement, and what becomes of its past.

    ``state``: ``current`` (judged by the rules in force as its days came), ``waits``, ``goes_on``, ``stuck`` (nobody
    works on it), ``paused`` or ``done``. ``left`` is the time that the rest needs, in seconds, where that can be said.
    """

    kind: str
    rows: int
    days: int
    state: str
    why: str
    row: Replay | None
    countries: tuple[Country, ...]
    left: float | None
    last: Done | None

    @property
    def goes(self) -> bool:
        """Whether there is anything left to do."""
        return self.state in _ORDER


@require_safe
@needs(Right.READ)
def pasts(request: HttpRequest) -> HttpResponse:
    """Every kind of measurement, those that are judged anew first."""
    person = person_of(request)
    found = pasts_for(person)
    context = {
        "going": sorted((one for one in found if one.goes), key=lambda one: _ORDER.index(one.state)),
        "still": [one for one in found if not one.goes],
        "may_change": person.may(Right.SOURCES),
        "live": True,
    }
    return render(request, "signals/pasts.html", context)


def pasts_for(person: Person) -> list[Past]:
    """What becomes of the past of each kind of measurement, as far as this person may know; in the order of kinds."""
    if not person.may(Right.READ):
        return []
    now = timezone.now()
    rows = {row.kind: row for row in replays_for(person)}
    found = [_past(person, kind, rows.get(kind), now) for kind in lake.kinds()]
    if any(one.state == "goes_on" for one in found):
        # One kind after the other: what stands while another goes on waits for its turn.
        found = [replace(one, state="waits") if one.state == "stuck" else one for one in found]
    return found


@require_POST
@needs(Right.SOURCES)
def again(request: HttpRequest) -> HttpResponse:
    """Judge the past of a kind anew, from its beginning."""
    return _done(request, actions.judge_again, _("A worker begins within seconds. What is history calls nobody."))


@require_POST
@needs(Right.SOURCES)
def pause(request: HttpRequest) -> HttpResponse:
    """Let a replay rest; what was done stays."""
    return _done(request, actions.pause_replay, _("Paused. What was done stays; new days are watched all the same."))


@require_POST
@needs(Right.SOURCES)
def go_on(request: HttpRequest) -> HttpResponse:
    """Go on with a replay that rests."""
    return _done(request, actions.resume_replay, _("It goes on behind the last country that was done."))


def _done(request: HttpRequest, verb: Callable[[Person, str], bool], words: str) -> HttpResponse:
    try:
        changed = verb(person_of(request), request.POST.get("kind", ""))
    except actions.RefusedError as refusal:
        messages.error(request, refusal.args[0])
    else:
        messages.success(request, words if changed else _("Nothing was changed: it stood so already."))
    return redirect("signals:pasts")


def _past(person: Person, kind: str, row: Replay | None, now: datetime) -> Past:
    held, days = backfilling.extent(kind)
    state = _state(kind, row, now)
    if row is None:
        # The worker has not come by since the program changed, or nothing was ever measured.
        why = backfilling.why(Replay(kind=kind)) if state == "waits" else ""
        last = cells_for(person).filter(kind=kind).exists()
        return Past(kind, held, days, state if last else "unseen", why, None, (), None, None)
    goes = state in {"goes_on", "stuck", "paused"} and row.begun_at is not None
    return Past(
        kind=kind,
        rows=held,
        days=days,
        state=state,
        why=backfilling.why(row),
        row=row,
        countries=_countries(row, going=state == "goes_on") if goes else (),
        left=_left(row) if state == "goes_on" else None,
        last=_last(row),
    )


def _state(kind: str, row: Replay | None, now: datetime) -> str:
    if row is None:
        return "waits" if replaying.replaced(kind) else "current"
    if row.finished_at is not None:
        if replaying.is_stale(row):
            return "waits"
        return "done" if row.last else "current"
    if row.paused:
        return "paused"
    if row.begun_at is None:
        return "waits"
    return "stuck" if now - (row.went_on_at or row.begun_at) > RESTS else "goes_on"


def _countries(row: Replay, *, going: bool) -> tuple[Country, ...]:
    found = []
    for place, (code, rows) in enumerate(row.sizes):
        done = row.after is not None and code <= row.after
        is_next = going and not done and place == row.countries_done
        found.append(Country(code, rows, "done" if done else "next" if is_next else "open"))
    return tuple(found)


def _left(row: Replay) -> float | None:
    if not row.rows_done or not row.seconds or row.rows_done >= row.rows:
        return None
    return row.seconds * (row.rows - row.rows_done) / row.rows_done


def _last(row: Replay) -> Done | None:
    told = row.last
    if not told:
        return None
    counts = (told["countries"], told["rows"], told["opened"], told["closed"], told["retired"])
    return Done(datetime.fromisoformat(told["at"]), *counts)
