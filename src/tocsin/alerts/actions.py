"""Raising, answering and ending alerts. What returned from ``accept`` is stored, and climbs until somebody answers."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from tocsin.alerts import clock, telling
from tocsin.alerts.accepting import Accepted, New, accept, cut, default_policy, start_anew
from tocsin.alerts.models import Address, Alert, Escalation, Knower, Lane, Notice, Policy, Rule, Severity
from tocsin.alerts.record import note
from tocsin.alerts.rules import learn
from tocsin.audit.actions import record
from tocsin.lib.claims import patient
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right

__all__ = [
    "Accepted",
    "New",
    "PageNow",
    "RefusedError",
    "accept",
    "acknowledge",
    "ask",
    "confirm",
    "default_policy",
    "escalate_now",
    "know",
    "let_in",
    "let_rule_wake",
    "page_now",
    "pass_on",
    "remind_after",
    "remote_resolved",
    "reopen",
    "resolve",
    "rule",
    "snooze",
    "start_anew",
    "take_over",
]

# An answer without sign-in holds for so long; then it lapses unless it was confirmed in the console.
UNCONFIRMED = timedelta(minutes=15)
LONGEST_SNOOZE = timedelta(hours=24)


class RefusedError(Exception):
    """The act is refused; the message tells the person why, and what to do instead."""


def rule(key: str, name: str, *, budget_per_week: int = 7, may_wake: bool = True) -> Rule:
    """The rule of this key; made when it is new. What a person changed of it stays."""
    made, _fresh = Rule.objects.get_or_create(
        key=key, defaults={"name": name[:120], "budget_per_week": budget_per_week, "may_wake": may_wake}
    )
    return made


@patient
def acknowledge(alert: Alert, person: Person, via: str, *, confirmed: bool) -> Alert:
    """This person has it. Not ``confirmed`` by a sign-in it holds for fifteen minutes and then lapses.

    An answer after another's is told to that one and changes nothing else: see ``take_over``.

    Raises:
        RefusedError: when it is resolved.
    """
    with _locked(alert) as (alert, at):
        if alert.state == Alert.State.ANSWERED and alert.answered_by is not None:
            if alert.answered_by == person:
                return _confirm(alert, person, via, at) if confirmed else alert
            note(alert, "also", at, person, via)
            telling.tell([alert.answered_by], alert, "also", at)
            return alert
        _give(alert, person, via, at, confirmed=confirmed)
        return alert


@patient
def confirm(alert: Alert, person: Person, via: str = "console") -> Alert:
    """Make an answer without sign-in hold.

    Raises:
        RefusedError: when it is somebody else's by now, or nobody's.
    """
    with _locked(alert) as (alert, at):
        if alert.state == Alert.State.OPEN:
            _give(alert, person, via, at, confirmed=True)
            return alert
        if alert.answered_by != person:
            raise RefusedError(_("Somebody else has it by now. Take it over if it should be yours."))
        return _confirm(alert, person, via, at)


def _confirm(alert: Alert, person: Person, via: str, at: datetime) -> Alert:
    if alert.unconfirmed_until is None:
        return alert
    alert.unconfirmed_until = None
    alert.save()
    _come_back(alert, at)
    note(alert, "confirmed", at, person, via)
    return alert


@patient
def take_over(alert: Alert, person: Person, via: str = "console") -> Alert:
    """It becomes this person's, and whoever had it is told.

    Raises:
        RefusedError: when it is resolved.
    """
    with _locked(alert) as (alert, at):
        before = alert.answered_by
        if before == person and alert.state == Alert.State.ANSWERED:
            return alert
        _give(alert, person, via, at, confirmed=True, verb="taken_over" if before else "answered")
        return alert


def _give(alert: Alert, person: Person, via: str, at: datetime, *, confirmed: bool, verb: str = "answered") -> None:
    before = alert.answered_by
    alert.state = Alert.State.ANSWERED
    alert.answered_by, alert.answered_at = person, at
    alert.first_answered_at = alert.first_answered_at or at
    alert.unconfirmed_until = None if confirmed else at + UNCONFIRMED
    alert.snoozed_until, alert.snooze_reason = None, ""
    alert.save()
    know(alert, person, "told", at)
    if confirmed:
        _come_back(alert, at)
    else:
        # The first rung is called anew if nobody confirms in time.
        _climb_again_at(alert, at + UNCONFIRMED)
    note(alert, verb, at, person, via, confirmed=confirmed)
    others = telling.end(alert, at, answered_by=person, via=via)
    if before is not None and before != person:
        others = {*others, before.pk}
    telling.tell(Person.objects.filter(pk__in=others - {person.pk}), alert, verb, at)


def _come_back(alert: Alert, at: datetime) -> None:
    """An answered alert without an outcome comes back to whoever has it."""
    _climb_again_at(alert, at + remind_after(alert))


def _climb_again_at(alert: Alert, at: datetime) -> None:
    # Whoever was told before may be told again: "again" is part of what makes a notice unique.
    Escalation.objects.filter(alert=alert).update(due_at=at, again=F("again") + 1, round=0)


def remind_after(alert: Alert) -> timedelta:
    """After how long an answered alert comes back: its policy says, and about life within the hour."""
    minutes = alert.policy.remind_minutes
    return timedelta(minutes=min(minutes, 60) if alert.lane == Lane.LIFE else minutes)


@patient
def pass_on(alert: Alert, person: Person, via: str) -> Alert:
    """This person can't: the next rung is called now, and nobody has it.

    Raises:
        RefusedError: when it is resolved, or somebody else has it already.
    """
    with _locked(alert) as (alert, at):
        if alert.state == Alert.State.ANSWERED and alert.answered_by != person:
            raise RefusedError(_("Somebody has it already. You need do nothing."))
        telling.end(alert, at, person=person, answered_by=person, via=via, answer="pass")
        _call_now(alert, at)
        note(alert, "passed_on", at, person, via)
        return alert


@patient
def escalate_now(alert: Alert, person: Person, via: str = "console") -> Alert:
    """Call the next rung without waiting, and whoever has it keeps it out of the way.

    Raises:
        RefusedError: when it is resolved.
    """
    with _locked(alert) as (alert, at):
        _call_now(alert, at)
        note(alert, "escalated", at, person, via)
        return alert


def _call_now(alert: Alert, at: datetime) -> None:
    alert.state = Alert.State.OPEN
    alert.answered_by = None
    alert.answered_at = alert.unconfirmed_until = alert.snoozed_until = None
    alert.save()
    Escalation.objects.filter(alert=alert).update(due_at=at)


@patient
def snooze(alert: Alert, person: Person, until: datetime, reason: str) -> Alert:
    """Put it off to a moment at which it comes back by itself and calls from the first rung.

    Raises:
        RefusedError: about life and liberty; without a reason; for longer than a day; when it is resolved.
    """
    with _locked(alert) as (alert, at):
        if alert.lane == Lane.LIFE:
            raise RefusedError(_("Alerts about life and liberty can't be put off. Hand it over, or call the next."))
        if not reason.strip():
            raise RefusedError(_("Say why it can wait, in a few words without names."))
        if not at < until <= at + LONGEST_SNOOZE:
            raise RefusedError(_("Choose a moment within the next 24 hours."))
        alert.state = Alert.State.SNOOZED
        alert.answered_by, alert.answered_at = person, at
        alert.first_answered_at = alert.first_answered_at or at
        alert.unconfirmed_until = None
        alert.snoozed_until, alert.snooze_reason = until, cut(reason.strip(), 120)
        alert.save()
        _climb_again_at(alert, until)
        note(alert, "snoozed", at, person, "console", minutes=round((until - at).total_seconds() / 60))
        others = telling.end(alert, at, answered_by=person, via="console", answer="snooze")
        telling.tell(Person.objects.filter(pk__in=others - {person.pk}), alert, "snoozed", at)
        return alert


@patient
def resolve(alert: Alert, person: Person, outcome: Alert.Outcome, via: str = "console") -> Alert:
    """End it with what it turned out to be, from which its rule learns.

    Raises:
        RefusedError: when it is resolved already, or the outcome is not one that it can have.
    """
    with _locked(alert) as (alert, at):
        if alert.drill != (outcome == Alert.Outcome.DRILL):
            raise RefusedError(_("A drill ends as a drill, and nothing else does."))
        alert.state = Alert.State.RESOLVED
        alert.outcome, alert.resolved_at, alert.resolved_by = outcome, at, person
        alert.first_answered_at = alert.first_answered_at or at
        alert.unconfirmed_until = alert.snoozed_until = None
        alert.save()
        Escalation.objects.filter(alert=alert).update(due_at=None)
        note(alert, "resolved", at, person, via, outcome=str(outcome))
        others = telling.end(alert, at, answered_by=person, via=via, answer="resolve")
        others |= {alert.answered_by.pk} if alert.answered_by else set()
        telling.tell(Person.objects.filter(pk__in=others - {person.pk}), alert, "resolved", at)
        if alert.rule is not None and learn(alert.rule, at):
            note(alert, "rule_stopped", at)
        return alert


@patient
def reopen(alert: Alert, person: Person) -> Alert:
    """Undo a resolve: it calls from its first rung again.

    Raises:
        RefusedError: when it is not resolved, or another alert stands for the same by now.
    """
    with transaction.atomic():
        alert = Alert.objects.select_for_update().get(pk=alert.pk)
        at = clock.now()
        if alert.state != Alert.State.RESOLVED:
            raise RefusedError(_("It is not resolved."))
        if Alert.objects.filter(~Q(state=Alert.State.RESOLVED), dedupe=alert.dedupe).exists():
            raise RefusedError(_("A newer alert stands for the same by now. Use that one."))
        alert.outcome, alert.resolved_at, alert.resolved_by = "", None, None
        start_anew(alert, at)
        alert.save()
        note(alert, "reopened", at, person, "console")
        return alert


@patient
def remote_resolved(alert: Alert) -> None:
    """Whatever raised it says that it is over: another system, or a source that speaks again. Nobody is silenced."""
    with transaction.atomic():
        at = clock.now()
        standing = Alert.objects.select_for_update().get(pk=alert.pk)
        if standing.state == Alert.State.RESOLVED or standing.remote_resolved_at is not None:
            return
        standing.remote_resolved_at = at
        standing.save(update_fields=["remote_resolved_at"])
        note(standing, "remote_resolved", at, None, "api", kind="" if standing.integration_id else standing.kind)


def let_in(alert: Alert, by: Person, person: Person) -> None:
    """Let somebody know of a named alert.

    Raises:
        RefusedError: when it is not a named one, or it may not reach them.
    """
    with _locked(alert) as (alert, at):
        if not alert.named:
            raise RefusedError(_("The whole team may see this alert already."))
        if alert.inside is not None and person.pk not in alert.inside:
            raise RefusedError(_("They are not in what this alert is about. Let them in there first."))
        know(alert, person, "let in", at)
        note(alert, "let_in", at, by, "console", who=person.pk)


def know(alert: Alert, person: Person, why: str, at: datetime) -> None:
    """Write down that this person may know of a named alert; does nothing for others."""
    if alert.named:
        Knower.objects.get_or_create(alert=alert, person=person, defaults={"why": why, "at": at})


@dataclass(frozen=True, slots=True)
class PageNow:
    """What a person chooses who calls others: how bad, whom, and what can be said without content.

    ``whom`` is one person who is called first; the policy follows after the usual wait.
    """

    severity: Severity
    lane: Lane
    policy: Policy | None = None
    whom: Person | None = None
    named: bool = False
    language: str = ""
    urgency: str = ""
    reference: str = ""


def page_now(by: Person, asked: PageNow) -> Alert:
    """A person calls others, now. About life and liberty it is known to the named alone.

    Raises:
        RefusedError: when the chosen person may not answer alerts.
    """
    if asked.whom is not None and not (asked.whom.is_active and asked.whom.may(Right.ALERTS)):
        raise RefusedError(_("Choose somebody who answers alerts."))
    named = asked.named or asked.lane == Lane.LIFE
    new = New(
        kind="person",
        severity=asked.severity,
        lane=asked.lane,
        dedupe=f"person:{by.pk}:{random_name(12)}",
        reference=asked.reference,
        policy=asked.policy,
        raised_by=by,
        named=named,
        language=asked.language,
        urgency=asked.urgency,
        watchers=(asked.whom.pk,) if asked.whom is not None else (),
        exercise=settings.EXERCISE,
        via="console",
    )
    return accept(new).alert


def let_rule_wake(rule: Rule, person: Person) -> None:
    """A person says that a stopped rule may wake people again; what it got wrong before no longer counts."""
    with transaction.atomic():
        at = clock.now()
        Rule.objects.filter(pk=rule.pk).update(may_wake=True, stopped_at=None, trusted_since=at)
        record(person.pk, "rule.trusted", f"rule:{rule.pk}")


def ask(
    person: Person,
    reference: str,
    words: str,
    options: Iterable[str],
    until: datetime,
    lane: Lane = Lane.WAKE,
    own_words: str = "",
    address: Address | None = None,
) -> Notice:
    """Ask somebody a question by their own channels in their own order; the answer lands in ``Notice.answer``.

    With ``address`` it goes there alone; with ``own_words`` the message holds nothing else. Asking the same person
    under the same reference again gives the notice that stands.
    """
    with transaction.atomic():
        at = clock.now()
        standing = Notice.objects.filter(person=person, reference=reference, purpose=Notice.Purpose.ASK).first()
        if standing is not None:
            return standing
        notice = Notice(
            person=person,
            purpose=Notice.Purpose.ASK,
            lane=lane,
            words=words,
            reference=reference,
            own_words=own_words,
            options=list(options),
            made_at=at,
            leaves_at=at,
            until=until,
        )
        if address is not None:
            return telling.send_by(notice, address).notice
        return telling.send(notice)


def forget(notices: Iterable[int]) -> None:
    """Erase questions with their answers, and every trace of how they went out."""
    Notice.objects.filter(pk__in=list(notices), purpose=Notice.Purpose.ASK).delete()


@contextmanager
def _locked(alert: Alert) -> Iterator[tuple[Alert, datetime]]:
    """The alert as it is now, locked until the end of the block, and the moment of the act."""
    with transaction.atomic():
        found = Alert.objects.select_for_update(of=("self",)).select_related("policy", "rule", "answered_by")
        now_standing = found.get(pk=alert.pk)
        if now_standing.state == Alert.State.RESOLVED:
            raise RefusedError(_("It is resolved already. Open it again if it should call anew."))
        yield now_standing, clock.now()
