"""Alerts as lines of a list, with what lies ahead of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When

from tocsin.alerts import reaching, words
from tocsin.alerts.ahead import Ahead, Next
from tocsin.alerts.models import Alert, Lane, Severity
from tocsin.alerts.titles import titles
from tocsin.alerts.words import Reference
from tocsin.people.models import Person

RELATED = ("policy", "rule", "answered_by", "raised_by", "escalation", "integration", "resolved_by")
_LANES = Case(
    When(lane=Lane.LIFE, then=Value(0)),
    When(lane=Lane.WAKE, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One alert as this reader sees it; ``now``: what comes next is due already.

    ``unreached`` says that it reached nobody, or nobody who could be woken; empty where it did.
    """

    alert: Alert
    severity: str
    bars: str
    kind: str
    reference: Reference | None
    withheld: str
    next: Next | None
    mine: bool
    now: bool
    unreached: str = ""

    @property
    def next_names(self) -> str:
        """Who is called next, at most three of them."""
        if self.next is None:
            return ""
        names = [one.name for one in self.next.people]
        return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def still(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """Those that are not resolved: what nobody has first, then by lane and severity."""
    nobody_first = Case(When(state=Alert.State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = rows.exclude(state=Alert.State.RESOLVED).select_related(*RELATED)
    return found.order_by(nobody_first, _LANES, "-severity", "-pk")


def over(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """Those that are resolved, newest first."""
    return rows.filter(state=Alert.State.RESOLVED).select_related(*RELATED).order_by("-resolved_at", "-pk")


def lines(person: Person, rows: Sequence[Alert]) -> list[Line]:
    """The lines of alerts that were obtained for this person."""
    ahead, known = Ahead(rows), titles(person, {row.reference for row in rows})
    return [line(person, row, ahead, known) for row in rows]


def line(person: Person, row: Alert, ahead: Ahead, known: Mapping[str, str] | None = None) -> Line:
    """One alert as this person sees it; ``known`` are titles by reference, where several were asked for at once."""
    coming = ahead.next(row)
    return Line(
        alert=row,
        severity=str(Severity(row.severity).label),
        bars=words.bars(row.severity),
        kind=words.kind(row),
        reference=words.place(row.reference, person, known),
        withheld=str(words.WITHHELD.get(row.withheld, "")),
        next=coming,
        mine=row.answered_by_id == person.pk and row.state == Alert.State.ANSWERED,
        now=coming is not None and coming.at <= ahead.at,
        unreached=unreached(row),
    )


def unreached(row: Alert) -> str:
    """That an open alert reached nobody, or nobody who could be woken; empty where it did."""
    found = reaching.unreached(row)
    return str(words.UNREACHED[found]) if found is not None else ""


def gravest(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """The same: what is no drill first, then the gravest, and of those the one that waits longest."""
    return rows.order_by("drill", "-severity", "accepted_at", "pk")


def title(row: Alert, called: str = "") -> str:
    """An alert in a few words where there is room for no more: how bad, and what it is.

    ``called`` is the title of what it refers to, for who may read it (``titles``).
    """
    return f"{words.bars(row.severity)} {Severity(row.severity).label}: {called or words.kind(row)}"
