"""Every write to situations by a person."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tocsin.audit.actions import record
from tocsin.people.models import Person
from tocsin.signals.access import signals_for
from tocsin.signals.models import Signal
from tocsin.situations import levels, membership
from tocsin.situations.models import Assessment, Member, MembershipEvent, Situation, Subscription, Visit
from tocsin.situations.standing import refresh, wake

Verb = MembershipEvent.Verb


class RefusedError(Exception):
    """The write can't be done; the message says why, in words for the person who asked."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a person judges of a situation. ``probability`` lies between 0 and 1, ``impact`` between 1 and 5."""

    probability: float
    impact: int
    confidence: str
    reasons: str
    rivals: str
    review_on: date
    would_change: str = ""


@transaction.atomic
def assess(person: Person, situation: Situation, judgement: Judgement) -> Assessment:
    """Add a version of the assessment; earlier ones stay.

    Raises:
        RefusedError: for a judgement out of range or without reasons.
    """
    if not 0 <= judgement.probability <= 1 or not 1 <= judgement.impact <= 5:
        raise RefusedError(_("Probability lies between 0 and 100 %, impact between 1 and 5."))
    if judgement.confidence not in Assessment.Confidence.values or not judgement.reasons.strip():
        raise RefusedError(_("An assessment needs a confidence and at least one reason."))
    row = _locked(situation)
    last = Assessment.objects.filter(situation=row).order_by("-version").first()
    version = last.version + 1 if last is not None else 1
    assessment = Assessment.objects.create(
        situation=row,
        version=version,
        by=person,
        at=timezone.now(),
        probability=judgement.probability,
        impact=judgement.impact,
        confidence=judgement.confidence,
        reasons=judgement.reasons,
        rivals=judgement.rivals,
        would_change=judgement.would_change,
        review_on=judgement.review_on,
        suggested=row.suggested,
    )
    refresh(row)
    record(person.pk, "situation.assess", f"situation:{row.pk}", version=version)
    return assessment


@transaction.atomic
def merge(person: Person, into: Situation, other: Situation, reason: str = "") -> MembershipEvent:
    """Move everything of one situation into another. Links and subscriptions of the other lead on.

    Raises:
        RefusedError: for the same one twice, or two that different people may read.
    """
    if into.pk == other.pk:
        raise RefusedError(_("A situation can't be merged into itself."))
    membership.take_turn()
    first, second = sorted((into.pk, other.pk))
    rows = {row.pk: row for row in Situation.objects.select_for_update().filter(pk__in=[first, second]).order_by("pk")}
    into, other = rows[into.pk], rows[other.pk]
    if Situation.State.MERGED in (into.state, other.state):
        raise RefusedError(_("One of the two was merged meanwhile. Open it again and look where it went."))
    if into.readers != other.readers or into.exercise != other.exercise:
        raise RefusedError(_("These two are not for the same readers, so they can't become one."))
    ids = list(Member.objects.filter(situation=other).values_list("signal_id", flat=True))
    event = membership.move(Verb.MERGE, ids, into, log_in=into, other=other, by=person, reason=reason)
    if other.state == Situation.State.OPEN:
        wake(into)
    other.state, other.merged_into = Situation.State.MERGED, into
    refresh(other)
    refresh(into)
    record(person.pk, "situation.merge", f"situation:{into.pk}", other=other.pk, signals=len(ids))
    return event


@transaction.atomic
def split(person: Person, situation: Situation, signals: Collection[int], reason: str = "") -> Situation:
    """Move some signals of a situation into a new one.

    Raises:
        RefusedError: when none, or all, of its signals were chosen.
    """
    row = _locked(situation)
    readable = signals_for(person).filter(pk__in=signals, readers=row.readers)
    ids = list(Member.objects.filter(situation=row, signal__in=readable).values_list("signal_id", flat=True))
    if not ids:
        raise RefusedError(_("Choose the signals that belong to a development of their own."))
    if len(ids) == Member.objects.filter(situation=row).count():
        raise RefusedError(_("Leave at least one signal where it is; otherwise nothing is split."))
    earliest = Signal.objects.filter(pk__in=ids).order_by("at", "pk").first()
    if earliest is None:
        raise RefusedError(_("These signals are not kept any more: their time is over."))
    new = membership.begin(earliest)
    membership.move(Verb.SPLIT, ids, new, log_in=new, other=row, by=person, reason=reason)
    refresh(row)
    refresh(new)
    record(person.pk, "situation.split", f"situation:{new.pk}", other=row.pk, signals=len(ids))
    return new


@transaction.atomic
def take_out(person: Person, situation: Situation, signal: int, reason: str = "") -> MembershipEvent:
    """Take one signal out of a situation; it then belongs to none.

    Raises:
        RefusedError: when it is not in this situation.
    """
    row = _locked(situation)
    mine = signals_for(person).filter(pk=signal)
    if not Member.objects.filter(situation=row, signal__in=mine).exists():
        raise RefusedError(_("This signal is not in this situation any more."))
    event = membership.move(Verb.LEAVE, [signal], None, log_in=row, by=person, reason=reason)
    refresh(row)
    record(person.pk, "situation.take_out", f"situation:{row.pk}", signal=signal)
    return event


@transaction.atomic
def put_in(person: Person, situation: Situation, signal: Signal, reason: str = "") -> MembershipEvent:
    """Put a signal into a situation, from wherever it is.

    Raises:
        RefusedError: when the two are not for the same readers, or the signal expired.
    """
    row = _locked(situation)
    if signal.readers != row.readers or signal.exercise != row.exercise:
        raise RefusedError(_("This signal is not for the same readers as the situation."))
    origin = Situation.objects.filter(members__signal=signal).first()
    event = membership.move(Verb.JOIN, [signal.pk], row, log_in=row, other=origin, by=person, reason=reason)
    if not event.signals:
        raise RefusedError(_("This signal is not kept any more: its time is over."))
    wake(row)
    if origin is not None:
        refresh(origin)
    refresh(row)
    record(person.pk, "situation.put_in", f"situation:{row.pk}", signal=signal.pk)
    return event


@transaction.atomic
def undo(person: Person, event: MembershipEvent, reason: str = "") -> MembershipEvent:
    """Undo one line of the log.

    Raises:
        RefusedError: for an undo, and for a line that was undone already.
    """
    membership.take_turn()
    row = MembershipEvent.objects.select_for_update(of=("self",)).get(pk=event.pk)
    if row.verb == Verb.UNDO:
        raise RefusedError(_("An undo can't be undone; do the first step again instead."))
    if row.verb == Verb.TITLE:
        raise RefusedError(_("A title is changed by another one: rename the situation, or leave the title empty."))
    if MembershipEvent.objects.filter(undoes=row).exists():
        raise RefusedError(_("This step was undone already."))
    if row.verb == Verb.MERGE and row.other_id is not None:
        Situation.objects.filter(pk=row.other_id, merged_into=row.situation).update(
            state=Situation.State.OPEN, merged_into=None
        )
    line, touched = membership.undo(row, person, reason)
    if row.signals and not line.signals:
        # The refusal takes everything back, the line just written too, so that the step can be undone later.
        raise RefusedError(_("Its signals were moved again since, or are for other readers now. Undo that step first."))
    for situation in Situation.objects.select_for_update().filter(pk__in=touched).order_by("pk"):
        refresh(situation)
    record(person.pk, "situation.undo", f"situation:{row.situation_id}", event=row.pk)
    return line


@transaction.atomic
def rename(person: Person, situation: Situation, title: str) -> None:
    """Give a situation a title in a person's words; an empty one gives it back to the machine."""
    row = _locked(situation)
    # Invisible letters that turn the direction of a line could make a title say something else.
    words = "".join(letter for letter in title if unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}).strip()
    row.title_by_person = bool(words)
    row.title = words[:500] or row.title
    if words:
        row.title_facts = {}
    row.save(update_fields=["title", "title_by_person", "title_facts"])
    membership.entitled(row, by=person)
    refresh(row)
    record(person.pk, "situation.rename", f"situation:{row.pk}")


@transaction.atomic
def close(person: Person, situation: Situation, closed: bool) -> None:
    """Close a situation or open it again. A new signal opens a closed one."""
    row = _locked(situation)
    row.state = Situation.State.CLOSED if closed else Situation.State.OPEN
    row.changed_at = timezone.now()
    row.save(update_fields=["state", "changed_at"])
    levels.refresh(row.country, row.harm)
    record(person.pk, "situation.close" if closed else "situation.open", f"situation:{row.pk}")


def subscribe(person: Person, topic: str, on: bool) -> None:
    """Follow a country, a kind of harm or a situation, or stop following it."""
    with transaction.atomic():
        if on:
            Subscription.objects.get_or_create(person=person, topic=topic)
        else:
            Subscription.objects.filter(person=person, topic=topic).delete()


def looked(person: Person, until: datetime | None = None) -> None:
    """Remember that the person has seen what changed until a moment of the past; without one, until now."""
    now = timezone.now()
    seen = now if until is None else min(until, now)
    with transaction.atomic():
        visit, made = Visit.objects.get_or_create(person=person, defaults={"seen_at": seen})
        if not made and seen > visit.seen_at:
            visit.before_at, visit.seen_at = visit.seen_at, seen
            visit.save()


def _locked(situation: Situation) -> Situation:
    membership.take_turn()
    row = Situation.objects.select_for_update().get(pk=situation.pk)
    if row.state == Situation.State.MERGED:
        raise RefusedError(_("This situation was merged meanwhile. Open it again and look where it went."))
    return row
