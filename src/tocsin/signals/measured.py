"""Keeps a detector's finding, and the signal that speaks for it."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import override

from tocsin.analysis.series import Cell, Direction, Stream
from tocsin.analysis.series import Finding as Found
from tocsin.lib import territories
from tocsin.signals.actions import note_change
from tocsin.signals.models import Finding, Signal
from tocsin.signals.onsets import Onset
from tocsin.signals.wording import Moved, moved

# Measurements alone do not say who did it: a loss of traffic is called by what is seen, and stays unattributed.
_HARM = {
    Stream.BLOCKING: "site-ban",
    Stream.VIEWS: "shutdown",
    Stream.EVENTS: "",
    Stream.LEVEL: "",
    Stream.CONNECTIVITY: "shutdown",
}


OUR_DOMAINS = (
    "wikipedia.org",
    "wikimedia.org",
    "wikidata.org",
    "wiktionary.org",
    "wikibooks.org",
    "wikiquote.org",
    "wikisource.org",
    "wikinews.org",
    "wikiversity.org",
    "wikivoyage.org",
    "wikifunctions.org",
    "mediawiki.org",
    "wikimediafoundation.org",
    "wiki.example",  # of the exercise: nobody can register it
)

OUR_SITES = "our sites"

FAMILIES = {f"*.{domain}": (domain,) for domain in OUR_DOMAINS} | {OUR_SITES: OUR_DOMAINS}
"""Sites that are measured together beside each by itself: all languages of a project, and all that is ours."""


@lru_cache(maxsize=4_096)
def is_ours(subject: str) -> bool:
    """Whether a measured domain or project, or a family of them, belongs to the movement."""
    host = subject.lower().rstrip(".")
    if host == OUR_SITES:
        return True
    return any(host == domain or host.endswith("." + domain) or f"{host}.org" == domain for domain in OUR_DOMAINS)


def is_invented(country: str, subject: str) -> bool:
    """Whether what was measured exists in an exercise only: an invented country, or a name that nobody can register."""
    return country in territories.INVENTED or subject.lower().rstrip(".").endswith(".example")


def keep(found: Found, *, live_from: datetime | None = None) -> bool:
    """Store a finding or its newer version, in the caller's transaction, with its signal; whether it is new.

    In a replay of the past, a new finding that opened before ``live_from`` calls nobody.
    """
    finding, new = Finding.objects.update_or_create(
        rule=str(found.rule),
        kind=found.cell.kind,
        country=found.cell.country,
        subject=found.cell.subject,
        network=found.cell.network,
        opened_at=found.opened,
        defaults={
            "stream": found.cell.stream.value,
            "closed_at": found.closed,
            "seen_at": found.seen,
            "direction": found.direction.value,
            "score": found.score,
            "before": found.before,
            "now": found.now,
            "points": found.points,
            "evidence": found.evidence.value,
            "delay_seconds": found.delay.total_seconds() if found.delay is not None else None,
            "rivals": [[one.key, one.speaks_for, one.speaks_against] for one in found.rivals],
            "retired_at": None,
        },
    )
    values = _values(found)
    # What is over scores nothing, and stays where it belongs: how long it lasted is part of what happened. What never
    # was goes, and what was over before anybody saw it makes no news.
    state = {} if found.score == 0 and not found.withdrawn else {"state": _state(found)}
    past = live_from is not None and found.opened < live_from
    signal, made = Signal.objects.update_or_create(
        finding=finding,
        defaults={**values, **state},
        create_defaults={**values, "state": _state(found), "replayed": past},
    )
    note_change(signal.pk, new=made)
    return new


def retire(findings: Iterable[Finding], now: datetime) -> int:
    """Close findings that no rule in force says any more, in the caller's transaction; how many those were.

    That is no return to what was usual: they end where they were seen last and leave every list and every judgement.
    """
    count = 0
    for row in findings:
        row.closed_at, row.score, row.retired_at = row.seen_at, 0.0, now
        row.save(update_fields=["closed_at", "score", "retired_at", "updated_at"])
        for signal in Signal.objects.filter(finding=row):
            signal.state, signal.summary = Signal.State.NOT_OURS, f"Rule retired: {row.rule} no longer judges this."
            signal.save(update_fields=["state", "summary"])
            note_change(signal.pk, new=False)
        count += 1
    return count


def refine(cell: Cell, opened: datetime, onset: Onset) -> None:
    """Store when a finding began, known more exactly than when it opened; in the caller's transaction."""
    rows = Finding.objects.filter(
        kind=cell.kind, country=cell.country, subject=cell.subject, network=cell.network, opened_at=opened
    )
    within = onset.within.total_seconds()
    for row in rows.exclude(began_at=onset.time, began_within_seconds=within):
        row.began_at, row.began_within_seconds = onset.time, within
        row.save(update_fields=["began_at", "began_within_seconds", "updated_at"])
        for signal in Signal.objects.filter(finding=row).values_list("pk", flat=True):
            note_change(signal, new=False)


def _state(found: Found) -> Signal.State:
    return Signal.State.READ if found.score > 0 else Signal.State.NOT_OURS


def _values(found: Found) -> dict[str, Any]:
    invented = is_invented(found.cell.country, found.cell.subject)
    return {
        "at": found.opened,
        "title": title(found)[:500],
        "summary": found.summary[:600],
        "origin": f"{found.cell.kind} {found.cell.network}".strip(),
        "country": found.cell.country,
        "countries": [found.cell.country] if found.cell.country else [],
        "harm": _harm(found),
        "our_link": is_ours(found.cell.subject),
        "reliability": "B",
        "credibility": 2 if found.score >= 0.9 else 3,
        "rule": str(found.rule),
        "exercise": invented,
        "why": {"score": round(found.score, 3), "points": found.points},
    }


def _harm(found: Found) -> str:
    alarming = Direction.RISE if found.cell.stream is Stream.BLOCKING else Direction.DROP
    return _HARM[found.cell.stream] if found.direction is alarming else ""


def title(found: Found) -> str:
    """The finding in one plain English sentence, for the log and for search; ``Signal.shown`` says it to a reader."""
    cell = found.cell
    with override("en"):
        return moved(
            Moved(
                stream=cell.stream.value,
                subject=cell.subject,
                country=cell.country,
                network=cell.network,
                direction=found.direction.value,
                before=found.before,
                now=found.now,
                exercise=is_invented(cell.country, cell.subject),
            )
        )
