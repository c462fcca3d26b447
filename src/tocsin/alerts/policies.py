"""Changing policies: whom an alert reaches, step by step. Nothing is deleted; what is over is ended, and can return."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.access import alerts_for
from tocsin.alerts.actions import RefusedError
from tocsin.alerts.models import Alert, Integration, Policy, Rung, Target
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.oncall.models import Rota
from tocsin.people.models import Person
from tocsin.people.roles import Right, Role

MOST_STEPS, MOST_AIMS, MOST_POLICIES = 12, 8, 100
LONGEST_WAIT = 24 * 60
MOST_ROUNDS = 20
REMIND = range(15, 7 * 24 * 60 + 1)
_ROLES = sum(Role)


@dataclass(frozen=True, slots=True)
class Aim:
    """Who is told: on duty or next of a rota (by its public id), a person (by number), or holders of roles (bits)."""

    kind: Target.Kind
    rota: str = ""
    person: int = 0
    role: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """People who are told together, and how many minutes pass before the next step."""

    wait_minutes: int = 5
    aims: tuple[Aim, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole policy as a person wrote it. ``drill_weekday`` is None for no weekly drill; 0 is Monday."""

    name: str
    steps: tuple[Step, ...]
    wider: tuple[Aim, ...] = field(default=())
    wider_after: int = 2
    remind_minutes: int = 240
    drill_weekday: int | None = None
    drill_hour: int = 10
    time_zone: str = "UTC"


def create(by: Person, draft: Draft) -> Policy:
    """A new policy.

    Raises:
        RefusedError: with what to change.
    """
    with _arranging(by):
        if Policy.objects.filter(ended_at=None).count() >= MOST_POLICIES:
            raise RefusedError(_("There are too many policies. End one that is no longer used."))
        policy = Policy(public_id=random_name())
        _write(policy, draft)
        record(by.pk, "policy.create", f"policy:{policy.public_id}", steps=len(draft.steps))
        return policy


def change(by: Person, policy: Policy, draft: Draft) -> Draft:
    """Put the draft in place of what the policy says; gives what it said before, to be put back.

    Alerts that climb it go on from the step that they have come to.

    Raises:
        RefusedError: with what to change.
    """
    with _arranging(by):
        policy = Policy.objects.select_for_update().get(pk=policy.pk)
        before = draft_of(policy)
        _write(policy, draft)
        record(by.pk, "policy.change", f"policy:{policy.public_id}", steps=len(draft.steps))
        return before


def set_default(by: Person, policy: Policy) -> None:
    """Let alerts that name no policy take this one.

    Raises:
        RefusedError: when it has ended.
    """
    with _arranging(by):
        policy = Policy.objects.select_for_update().get(pk=policy.pk)
        if policy.ended_at is not None:
            raise RefusedError(_("This policy has ended. Bring it back first."))
        Policy.objects.filter(is_default=True).exclude(pk=policy.pk).update(is_default=False)
        Policy.objects.filter(pk=policy.pk).update(is_default=True)
        record(by.pk, "policy.default", f"policy:{policy.public_id}")


def end(by: Person, policy: Policy) -> None:
    """Let no new alert take this policy; it can be brought back.

    Raises:
        RefusedError: while it is the default, or something uses it.
    """
    with _arranging(by):
        policy = Policy.objects.select_for_update().get(pk=policy.pk)
        if policy.is_default:
            raise RefusedError(_("This is the policy of alerts that name none. Make another one the default first."))
        # What few know of does not count, or the refusal would tell of it; it goes on climbing all the same.
        if alerts_for(by).exclude(state=Alert.State.RESOLVED).filter(policy=policy).exists():
            raise RefusedError(_("Something that is not over still uses this policy. Try again later."))
        if Integration.objects.filter(policy=policy, revoked_at=None).exists():
            raise RefusedError(_("Another system's alerts use this policy. Give that integration another one first."))
        Policy.objects.filter(pk=policy.pk).update(ended_at=clock.now())
        record(by.pk, "policy.end", f"policy:{policy.public_id}")


def bring_back(by: Person, policy: Policy) -> None:
    """Undo an end.

    Raises:
        RefusedError: when the person may not.
    """
    with _arranging(by):
        Policy.objects.filter(pk=policy.pk).update(ended_at=None)
        record(by.pk, "policy.back", f"policy:{policy.public_id}")


def draft_of(policy: Policy) -> Draft:
    """A policy as a draft, which ``change`` would leave as it is."""
    aims: dict[int | None, list[Aim]] = {}
    for target in policy.targets.select_related("rota").order_by("pk"):
        rota = target.rota.public_id if target.rota is not None else ""
        aim = Aim(Target.Kind(target.kind), rota, target.person_id or 0, target.role)
        aims.setdefault(target.rung_id, []).append(aim)
    rungs = policy.rungs.order_by("position")
    return Draft(
        name=policy.name,
        steps=tuple(Step(rung.wait_minutes, tuple(aims.get(rung.pk, ()))) for rung in rungs),
        wider=tuple(aims.get(None, ())),
        wider_after=policy.wider_after,
        remind_minutes=policy.remind_minutes,
        drill_weekday=policy.drill_weekday,
        drill_hour=policy.drill_hour,
        time_zone=policy.time_zone,
    )


@contextmanager
def _arranging(by: Person) -> Iterator[None]:
    if not by.may(Right.DUTY):
        raise RefusedError(_("Only a lead changes policies. Ask one."))
    with transaction.atomic():
        yield


def _write(policy: Policy, draft: Draft) -> None:
    _check(draft)
    policy.name = draft.name.strip()
    policy.wider_after, policy.remind_minutes = draft.wider_after, draft.remind_minutes
    policy.drill_weekday, policy.drill_hour, policy.time_zone = draft.drill_weekday, draft.drill_hour, draft.time_zone
    policy.save()
    aims = [aim for step in draft.steps for aim in step.aims] + list(draft.wider)
    rotas = {one.public_id: one for one in Rota.objects.filter(public_id__in={aim.rota for aim in aims})}
    people = Person.objects.in_bulk({aim.person for aim in aims})
    policy.targets.all().delete()
    policy.rungs.all().delete()
    for position, step in enumerate(draft.steps):
        rung = Rung.objects.create(policy=policy, position=position, wait_minutes=step.wait_minutes)
        for aim in dict.fromkeys(step.aims):
            _target(policy, rung, aim, rotas, people).save()
    for aim in dict.fromkeys(draft.wider):
        _target(policy, None, aim, rotas, people).save()


def _target(policy: Policy, rung: Rung | None, aim: Aim, rotas: dict[str, Rota], people: dict[int, Person]) -> Target:
    target = Target(policy=policy, rung=rung, kind=aim.kind)
    if aim.kind in {Target.Kind.ON_DUTY, Target.Kind.NEXT}:
        if aim.rota not in rotas:
            raise RefusedError(_("One of the rotas does not exist. Choose again."))
        target.rota = rotas[aim.rota]
    elif aim.kind == Target.Kind.PERSON:
        if aim.person not in people:
            raise RefusedError(_("One of the people does not exist. Choose again."))
        target.person = people[aim.person]
    elif not 0 < aim.role <= _ROLES:
        raise RefusedError(_("One of the roles does not exist. Choose again."))
    else:
        target.role = aim.role
    return target


def _check(draft: Draft) -> None:
    if not draft.name.strip() or len(draft.name) > 80 or "\0" in draft.name:
        raise RefusedError(_("Give the policy a name of at most 80 letters."))
    if not 1 <= len(draft.steps) <= MOST_STEPS:
        raise RefusedError(_("A policy has between 1 and %(most)d steps.") % {"most": MOST_STEPS})
    if any(len(aims) > MOST_AIMS for aims in [*(step.aims for step in draft.steps), draft.wider]):
        raise RefusedError(_("On one step stand at most %(most)d.") % {"most": MOST_AIMS})
    if not any(step.aims for step in draft.steps):
        raise RefusedError(_("Say on one step at least whom it calls."))
    if any(not 1 <= step.wait_minutes <= LONGEST_WAIT for step in draft.steps):
        raise RefusedError(_("Wait between 1 minute and a day before the next step."))
    _check_rhythm(draft)


def _check_rhythm(draft: Draft) -> None:
    if not 1 <= draft.wider_after <= MOST_ROUNDS:
        raise RefusedError(_("Call the wider circle after 1 to %(most)d rounds.") % {"most": MOST_ROUNDS})
    if draft.remind_minutes not in REMIND:
        raise RefusedError(_("Remind after 15 minutes to a week."))
    if draft.drill_weekday is not None and draft.drill_weekday not in range(7):
        raise RefusedError(_("Choose a day of the week for the drill, or none."))
    if draft.drill_hour not in range(24):
        raise RefusedError(_("Choose a full hour for the drill."))
    if draft.time_zone not in available_timezones():
        raise RefusedError(_("Nobody knows this time zone. Choose one such as Africa/Lagos."))
