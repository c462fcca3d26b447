"""Everything measured and read about one country in one window, for the page, for programs and for the command line."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.analysis.series import Evidence
from tocsin.console import world
from tocsin.console.daily import by_harm, midnight
from tocsin.console.world import Sight
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.signals.access import cells_for, findings_for, signals_for
from tocsin.signals.measuring import recall
from tocsin.signals.models import CellState, Finding
from tocsin.situations.access import levels_for, situations_for
from tocsin.situations.explaining import Rival, Turning, country_explained
from tocsin.situations.models import Situation, ThreatLevel

DEFAULT: Final = timedelta(days=60)
LONGEST: Final = timedelta(days=3_660)
EARLIEST: Final = date(1990, 1, 1)
MOST_FINDINGS: Final = 200
_ANYBODY: Final = Person(roles=int(Role.STAKEHOLDER), is_active=True)
_SUBJECT = 200

Row = TypeVar("Row", Finding, CellState)


class SpanError(ValueError):
    """The window can't be looked at; the text says why, in words for a person."""


@dataclass(frozen=True, slots=True)
class Span:
    """A window of days: from the beginning of its first day to the end of its last one, where the reader is."""

    since: datetime
    until: datetime

    @property
    def days(self) -> list[date]:
        """Each day of it."""
        first, last = (timezone.localtime(each).date() for each in (self.since, self.until - timedelta(seconds=1)))
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def span(since: date | None, until: date | None, *, days: timedelta = DEFAULT) -> Span:
    """The window from one day to another, both included; without them the last ``days`` up to now.

    Raises:
        SpanError: if it ends before it begins, begins in the future or before 1990, or is longer than ten years.
    """
    today = timezone.localdate()
    if any(day is not None and day < EARLIEST for day in (since, until)):
        raise SpanError(_("Nothing is known of that time. Choose a day from 1990 on."))
    last = min(until or today, today)
    first = since if since is not None else last - days
    if first > today:
        raise SpanError(_("The window begins in the future. Choose a first day up to today."))
    if first > last:
        raise SpanError(_("The window ends before it begins. Choose a last day after the first."))
    if last - first > LONGEST:
        raise SpanError(_("A window is ten years long at most."))
    return Span(midnight(first), midnight(last + timedelta(days=1)))


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of one country in one window, as far as the reader may know.

    ``rivals`` are what could explain losses of access at the end of the window; empty: nothing to explain; ``turns``
    what would change our mind of that.
    ``cells`` hold their newest points (web pages open no file of the lake); ``texts`` counts texts by kind of harm and
    local day; ``read_from`` is the day from which anything was read at all: before it, no text is no zero.
    """

    country: str
    span: Span
    domain: str
    sight: Sight | None
    rivals: list[Rival]
    turns: list[Turning]
    levels: list[ThreatLevel]
    moves: list[ThreatLevel]
    situations: list[Situation]
    findings: list[Finding]
    cells: list[CellState]
    texts: dict[str, Counter[date]]
    read_from: date | None

    @property
    def blind(self) -> bool:
        """Whether our sites have not been measured there lately."""
        return self.sight is None or self.sight.blind(timezone.now())


def look_at(reader: Person | None, country: str, window: Span, *, domain: str = "", most: int = 12) -> Looked:
    """Look at a country; ``domain`` narrows what was measured to that site and the sites below it.

    Without a reader, as on the command line, only what everybody may read is seen.
    """
    person, theirs = reader or _ANYBODY, Q() if reader is not None else Q(readers=0)
    now_or_end = Q(closed_at=None) | Q(closed_at__gte=window.since)
    here = Q(first_at__lt=window.until, last_at__gte=window.since)
    if window.until > timezone.now():
        # What is open is of today, however long nothing was told of it.
        here |= Q(state=Situation.State.OPEN)
    situations = situations_for(person).filter(theirs, here, country=country)
    levels = levels_for(person).filter(country=country)
    moves = levels.filter(at__gte=window.since, at__lt=window.until)
    findings = findings_for(person).filter(theirs, now_or_end, country=country, opened_at__lt=window.until)
    read = signals_for(person).filter(theirs, item__isnull=False)
    texts = read.filter(country=country, at__gte=window.since, at__lt=window.until)
    first = read.order_by("at").values_list("at", flat=True).first()
    cells = cells_for(person).filter(country=country).defer("state")
    rivals, turns = country_explained(person, country, min(timezone.now(), window.until))
    return Looked(
        country=country,
        span=window,
        domain=domain,
        sight=world.sights().get(country),
        rivals=rivals,
        turns=turns,
        levels=list(levels.filter(current=True, probability__gt=0).order_by("-probability", "pk")),
        moves=list(moves.order_by("-at", "-pk")[:MOST_FINDINGS]),
        situations=list(situations.order_by("-rank", "-pk")[:10]),
        findings=list(_of(findings, domain).order_by("-opened_at", "-pk")[:MOST_FINDINGS]),
        cells=list(_of(cells, domain).order_by("stream", "subject", "network", "pk")[:most]),
        texts=by_harm(texts.exclude(harm=""), window.days),
        read_from=timezone.localtime(first).date() if first is not None else None,
    )


def recalled(seen: Looked) -> Looked:
    """The same with the points of the whole window, read from the lake. For processes that serve no pages."""
    for cell in seen.cells:
        cell.recent = recall(cell, seen.span.since, seen.span.until)
    return seen


def subject(text: str) -> str:
    """A domain as it stands in measurements; empty for text that can't be one."""
    host = text.strip().lower().removeprefix("https://").removeprefix("http://").split("/")[0].rstrip(".")
    return host if len(host) <= _SUBJECT and "\0" not in host else ""


def newest(cell: CellState, window: Span) -> list[tuple[datetime, float | None]]:
    """The newest points of a cell in the window: a share failed or a level; None where it can't be used."""
    found = []
    for epoch, n, k, value, evidence, *_usual in cell.recent:
        time = datetime.fromtimestamp(epoch, tz=UTC)
        if window.since <= time < window.until:
            level = value if n is None else (k / n if n else None)
            found.append((time, level if evidence == Evidence.SCORED else None))
    return found


def _of(rows: QuerySet[Row], domain: str) -> QuerySet[Row]:
    return rows.filter(Q(subject=domain) | Q(subject__endswith=f".{domain}")) if domain else rows


def strips_of(texts: dict[str, Counter[date]], most: int = 6) -> Sequence[str]:
    """The kinds of harm that most texts speak of."""
    return sorted(texts, key=lambda key: (-sum(texts[key].values()), key))[:most]
