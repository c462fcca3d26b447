"""What a clock does when it rings: it tells somebody by day, or calls people through ``alerts`` until one answers."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction

from tocsin.alerts import actions as alerts
from tocsin.alerts import clock as time
from tocsin.alerts import leads
from tocsin.alerts.accepting import admit
from tocsin.alerts.accepting import spare as keep_from
from tocsin.alerts.models import Alert, Lane, Policy, Rung, Severity, Target
from tocsin.keys.heads import HEAD
from tocsin.keys.models import Epoch, Wrap
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.responses.authority import can_approve
from tocsin.responses.models import Clock, Line

What = Clock.What
_APPROVERS = "approvers"
TOLD = {What.TASK: "task", What.UPDATE: "update", What.LESSON: "lesson"}
_LESSONS = frozenset({What.LESSON, What.FORGOTTEN})
_TOGETHER = frozenset({What.OVERDUE, What.FORGOTTEN})
_WAKES = frozenset({What.ASK, What.DEPUTY, What.LATE})


def policy(severity: int) -> Policy:
    """The policy that calls whoever may approve: for a severe plan approvers and executives, then whoever leads."""
    if severity < Severity.SEVERE:
        return leads.policy()
    found = Policy.objects.filter(public_id=_APPROVERS).first()
    if found is not None:
        return found if found.ended_at is None else leads.policy()
    try:
        with transaction.atomic():
            made = Policy.objects.create(public_id=_APPROVERS, name="Whoever may approve", wider_after=1)
            rung = Rung.objects.create(policy=made, position=0, wait_minutes=15)
            Target.objects.create(policy=made, rung=rung, kind=Target.Kind.ROLE, role=int(Role.APPROVER))
            second = Rung.objects.create(policy=made, position=1, wait_minutes=15)
            Target.objects.create(policy=made, rung=second, kind=Target.Kind.ROLE, role=int(Role.EXECUTIVE))
            Target.objects.create(policy=made, kind=Target.Kind.ROLE, role=int(Role.LEAD))
            return made
    except IntegrityError:
        return Policy.objects.get(public_id=_APPROVERS)


def ring(clock: Clock, fellows: Iterable[Clock] = ()) -> None:
    """Tell or call, in the transaction in which the clock is marked as rung.

    ``fellows`` tell the same person the same of the same plan: all of them go out as one message.
    """
    person = Person.objects.filter(pk=clock.person, is_active=True).first()
    inside = _inside(clock)
    if inside is not None and person is not None and person.pk not in inside:
        person = None
    what = What(clock.what)
    if what in TOLD:
        told = [person] if person is not None else _instead(inside)
        keys = [f"plan:{one.key}" for one in (clock, *fellows)]
        leads.tell_once(told, f"{'drill' if clock.drill else 'plan'}_{TOLD[what]}", keys, time.now())
        return
    clock.alert = alerts.accept(_alert(clock, person, inside)).alert.public_id


def _inside(clock: Clock) -> set[int] | None:
    """Whom alone it may ever reach: who holds the key of a sealed plan, who joined a drill; None for anybody.

    What a debrief led to is done in life, also after a drill. The drill that an exercise began by itself is for
    whoever looks in.
    """
    if clock.sealed:
        return _members(clock.plan)
    if not clock.drill or clock.what in _LESSONS:
        return None
    wrote = Line.objects.filter(plan__public_id=clock.plan)
    if clock.exercise and wrote.filter(number=1, by=0).exists():
        return None
    return set(wrote.exclude(by=0).values_list("by", flat=True))


def _members(plan: str) -> set[int]:
    """Who holds the newest key of a sealed plan."""
    newest = Epoch.objects.filter(safe=UUID(plan), compartment=HEAD).order_by("-number").first()
    return set(Wrap.objects.filter(epoch=newest).values_list("person", flat=True)) if newest is not None else set()


def _instead(inside: set[int] | None) -> list[Person]:
    if inside is None:
        return leads.people()
    return list(Person.objects.filter(pk__in=inside, is_active=True))


def _alert(clock: Clock, person: Person | None, inside: set[int] | None) -> alerts.New:
    what = Clock.What(clock.what)
    approving = what in {What.ASK, What.DEPUTY, What.RATIFY, What.LATE}
    # Only who may answer is woken first: an approver whose role was taken meanwhile is passed over.
    weight = max(clock.severity, clock.weight)
    first = person is not None and (not approving or can_approve(person, weight))
    # No drill wakes anybody.
    wakes = clock.severity >= Severity.SEVERE and what in _WAKES and not clock.drill
    return alerts.New(
        kind=_KINDS[what],
        severity=Severity(clock.severity),
        lane=Lane.WAKE if wakes else Lane.QUIET,
        dedupe=_about(clock),
        reference=f"plan:{clock.plan}",
        policy=policy(weight) if approving else leads.policy(),
        named=clock.sealed,
        watchers=(person.pk,) if first and person is not None else (),
        # Whatever its policy says, nobody outside hears of a sealed plan: not that there is one.
        subjects=tuple(_outside(inside)) if inside is not None and clock.sealed else (),
        inside=None if inside is None else tuple(inside),
        readers=clock.readers,
        exercise=clock.exercise,
        drill=clock.drill,
        via="rule",
    )


def _about(clock: Clock) -> str:
    """What counts as one alert: a question each; of a plan's many things that are late, all of them."""
    return f"plan:{clock.plan}:{clock.what}" if clock.what in _TOGETHER else f"plan:{clock.key}"


_KINDS = {
    What.ASK: "plan_ask",
    What.DEPUTY: "plan_ask",
    What.RATIFY: "plan_ratify",
    What.LATE: "plan_ratify",
    What.SILENT: "plan_silent",
    What.OVERDUE: "plan_overdue",
    What.FORGOTTEN: "plan_lesson",
}


def _outside(inside: set[int]) -> list[int]:
    return list(Person.objects.exclude(pk__in=inside).values_list("pk", flat=True))


def spare(plan: str, person: int) -> None:
    """Let nothing that a sealed plan called for reach somebody any more who was put out."""
    for clock in Clock.objects.filter(plan=plan).exclude(alert=""):
        alert = Alert.objects.filter(public_id=clock.alert).exclude(state=Alert.State.RESOLVED).first()
        if alert is not None:
            keep_from(alert, [person])


def reach(plan: str, person: int) -> None:
    """Let what a sealed plan or a drill called for reach somebody as well who was let in, or joined."""
    for clock in Clock.objects.filter(plan=plan).exclude(alert=""):
        alert = Alert.objects.filter(public_id=clock.alert).exclude(state=Alert.State.RESOLVED).first()
        if alert is not None:
            admit(alert, [person])


def answered(over: Iterable[Clock], by: Person) -> None:
    """End the alerts of clocks that a plan needs no more: what they called for was done, and who did it is known.

    One that tells of several things ends with the last of them.
    """
    ended = {clock.alert for clock in over}
    ended -= set(Clock.objects.filter(alert__in=ended).values_list("alert", flat=True))
    for number in sorted(ended):
        alert = Alert.objects.filter(public_id=number).exclude(state=Alert.State.RESOLVED).first()
        if alert is not None:
            alerts.resolve(alert, by, Alert.Outcome.DRILL if alert.drill else Alert.Outcome.TRUE)
