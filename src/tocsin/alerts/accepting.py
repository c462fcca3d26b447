"""Storing what is handed in: once for each thing that it is about, with the moment at which it first calls."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from tocsin.alerts import clock, telling
from tocsin.alerts.models import (
    Alert,
    Escalation,
    Integration,
    Knower,
    Lane,
    NoticeAlert,
    Policy,
    Rule,
    Rung,
    Severity,
    Subject,
    Target,
)
from tocsin.alerts.record import note
from tocsin.alerts.rules import why_withheld
from tocsin.lib.claims import patient
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Role

# Why somebody may know of an alert who is called before its policy's first step.
WATCHES = "watches"
_LONGEST_KEY = 160
_BY_URGENCY = [Lane.QUIET, Lane.WAKE, Lane.LIFE]


@dataclass(frozen=True, slots=True)
class New:
    """What is to be accepted: a reference and a severity, never content.

    ``dedupe`` names what it is about: while an alert with the same key is unresolved, it counts there. ``knowers`` are
    the people who may know of a ``named`` one before anybody is told. ``watchers`` may know too, and are called before
    its policy's first step, named or not. ``subjects`` are the people whom it is about: it never reaches them, since
    whoever took their phone would learn of it and could end it. ``inside``, where it is given, are the only people whom
    it may ever reach, whoever joins later and whatever its policy says.
    """

    kind: str
    severity: Severity
    lane: Lane
    dedupe: str
    reference: str = ""
    policy: Policy | None = None
    rule: Rule | None = None
    integration: Integration | None = None
    raised_by: Person | None = None
    named: bool = False
    knowers: tuple[int, ...] = ()
    watchers: tuple[int, ...] = ()
    subjects: tuple[int, ...] = ()
    inside: tuple[int, ...] | None = None
    readers: int = 0
    language: str = ""
    urgency: str = ""
    occurred_at: datetime | None = None
    exercise: bool = False
    drill: bool = False
    via: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The alert; whether it is ``fresh``, and whether one that stood already was ``raised`` and calls anew."""

    alert: Alert
    fresh: bool
    raised: bool


@patient
def accept(new: New) -> Accepted:
    """Store an alert, or count it to the one that stands under its key; a higher severity calls everybody anew.

    Nothing about its words can make it fail: they are cut to their columns.
    """
    with transaction.atomic():
        at = clock.now()
        key = _key(new.dedupe)
        for _attempt in range(3):
            standing = Alert.objects.select_for_update().filter(~Q(state=Alert.State.RESOLVED), dedupe=key).first()
            if standing is not None:
                return Accepted(standing, fresh=False, raised=_seen_again(standing, new, at))
            try:
                with transaction.atomic():
                    return Accepted(_begin(new, key, at), fresh=True, raised=False)
            except IntegrityError:
                continue  # somebody else stored the same one at this moment: count to theirs
        raise IntegrityError("an alert could neither be stored nor found")


def _key(dedupe: str) -> str:
    """The key as its column takes it: two that differ only behind what fits stay two."""
    whole = cut(dedupe, len(dedupe))
    if len(whole) <= _LONGEST_KEY:
        return whole or random_name(20)
    return whole[: _LONGEST_KEY - 33] + ":" + blake2b(whole.encode(), digest_size=16).hexdigest()


def _begin(new: New, key: str, at: datetime) -> Alert:
    withheld = why_withheld(new.rule, at) if new.rule is not None and new.lane == Lane.WAKE and not new.drill else ""
    alert = Alert.objects.create(
        public_id=random_name(),
        kind=cut(new.kind, 24),
        reference=cut(new.reference, 120),
        lane=Lane.QUIET if withheld else new.lane,
        severity=new.severity,
        language=cut(new.language, 16),
        urgency=cut(new.urgency, 12),
        dedupe=key,
        policy=new.policy or default_policy(),
        rule=new.rule,
        integration=new.integration,
        raised_by=new.raised_by,
        withheld=withheld,
        named=new.named,
        inside=sorted(new.inside) if new.inside is not None else None,
        readers=new.readers,
        exercise=new.exercise,
        drill=new.drill,
        occurred_at=new.occurred_at or at,
        accepted_at=at,
        seen_at=at,
    )
    Escalation.objects.create(alert=alert, due_at=at)
    _spare(alert, new.subjects, at)
    _watched(alert, new, at)
    for person in {*new.knowers, *([new.raised_by.pk] if new.named and new.raised_by else [])}:
        Knower.objects.get_or_create(alert=alert, person_id=person, defaults={"why": "named", "at": at})
    facts = {"withheld": withheld} if withheld else {}
    note(alert, "accepted", at, new.raised_by, new.via or ("rule" if new.rule else ""), severity=new.severity, **facts)
    return alert


@patient
def spare(alert: Alert, people: Iterable[int]) -> None:
    """Keep a standing alert from these people from now on, however its policy climbs."""
    with transaction.atomic():
        standing = Alert.objects.select_for_update().get(pk=alert.pk)
        _spare(standing, people, clock.now())
        if standing.inside is not None:
            standing.inside = sorted(set(standing.inside) - set(people))
            standing.save(update_fields=["inside"])


def _spare(alert: Alert, people: Iterable[int], at: datetime) -> None:
    """Keep it from the people whom it is about, also where one of them had been called before."""
    known = set(Subject.objects.filter(alert=alert).values_list("person", flat=True))
    for person in Person.objects.filter(pk__in=set(people) - known):
        Subject.objects.create(alert=alert, person=person)
        telling.end(alert, at, person=person)


@patient
def admit(alert: Alert, people: Iterable[int]) -> None:
    """Let a standing alert reach these people as well from now on, whom it was kept from."""
    with transaction.atomic():
        standing = Alert.objects.select_for_update().get(pk=alert.pk)
        Subject.objects.filter(alert=standing, person__in=set(people)).delete()
        if standing.inside is not None:
            standing.inside = sorted({*standing.inside, *people})
            standing.save(update_fields=["inside"])


def _watched(alert: Alert, new: New, at: datetime) -> bool:
    """Let its watchers know of it; True when one of them is new."""
    if not new.watchers:
        return False
    known = set(Knower.objects.filter(alert=alert, why=WATCHES).values_list("person", flat=True))
    fresh = set(new.watchers) - known
    for person in fresh:
        Knower.objects.update_or_create(alert=alert, person_id=person, defaults={"why": WATCHES, "at": at})
    return bool(fresh)


def _seen_again(alert: Alert, new: New, at: datetime) -> bool:
    """Count it; True when it calls anew because it became worse, or concerns somebody more."""
    raised = new.severity > alert.severity or _urgency(new.lane) > _urgency(_asked(alert))
    raised = _is_meant(alert, new) or raised
    _name(alert, new, at)
    _spare(alert, new.subjects, at)
    if new.inside is not None:
        alert.inside = sorted(new.inside)
    raised = _watched(alert, new, at) or raised
    alert.seen_count += 1
    alert.seen_at = at
    alert.remote_resolved_at = None
    if raised:
        alert.severity = max(alert.severity, new.severity)
        withheld = why_withheld(new.rule, at) if new.rule is not None and new.lane == Lane.WAKE else ""
        wanted = Lane.QUIET if withheld else new.lane
        alert.lane = max(Lane(alert.lane), Lane(wanted), key=_urgency)
        alert.withheld = withheld if alert.lane == Lane.QUIET else ""
        start_anew(alert, at)
        note(alert, "raised", at, new.raised_by, new.via, severity=alert.severity)
    alert.save()
    return raised


def _is_meant(alert: Alert, new: New) -> bool:
    """Let what began as an exercise be one no longer, once somebody means it; True when it just did."""
    if not alert.exercise or new.exercise:
        return False
    alert.exercise = False
    return True


def _name(alert: Alert, new: New, at: datetime) -> None:
    """Let it be known to the named alone from now on, if it is now said to be; whoever was called knows of it already.

    Whom it names more than before may know of it, too.
    """
    called: set[int] = set()
    if new.named and not alert.named:
        alert.named = True
        called = set(NoticeAlert.objects.filter(alert=alert).values_list("person", flat=True))
        called |= {alert.answered_by_id} if alert.answered_by_id is not None else set()
    if alert.named:
        whys = dict.fromkeys(called, "told") | dict.fromkeys(new.knowers, "named")
        rows = [Knower(alert=alert, person_id=person, why=why, at=at) for person, why in sorted(whys.items())]
        Knower.objects.bulk_create(rows, ignore_conflicts=True)


def _urgency(lane: Lane) -> int:
    return _BY_URGENCY.index(lane)


def _asked(alert: Alert) -> Lane:
    """The lane that was asked for, before a rule was withheld."""
    return Lane.WAKE if alert.withheld else Lane(alert.lane)


def start_anew(alert: Alert, at: datetime) -> None:
    """Let an alert call from its first rung again; the caller saves the alert."""
    alert.state = Alert.State.OPEN
    alert.answered_by = None
    alert.answered_at = alert.unconfirmed_until = alert.snoozed_until = None
    alert.snooze_reason = ""
    telling.end(alert, at)
    Escalation.objects.filter(alert=alert).update(again=F("again") + 1, round=0, rung=0, due_at=at, reached=None)


def default_policy() -> Policy:
    """The policy of alerts that name none; a new house has one that calls everybody who leads."""
    found = Policy.objects.filter(is_default=True, ended_at=None).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            made = Policy.objects.create(public_id=random_name(), name="Everyone who leads", is_default=True)
            rung = Rung.objects.create(policy=made, position=0)
            Target.objects.create(policy=made, rung=rung, kind=Target.Kind.ROLE, role=int(Role.LEAD))
            circle = int(Role.ANALYST | Role.RESPONDER)
            Target.objects.create(policy=made, kind=Target.Kind.ROLE, role=circle)
            return made
    except IntegrityError:
        return Policy.objects.get(is_default=True)


def cut(text: str, most: int) -> str:
    """Text that any database takes: no NUL, no lone half of a letter, not longer than its column."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")[:most]
