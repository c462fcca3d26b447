"""What would go wrong with a policy, said before it does."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.ahead import Reachable, Stairs, stairs
from tocsin.alerts.models import Lane, Policy, Target
from tocsin.oncall.duty import Roster
from tocsin.oncall.models import Rota

_GAPS_AHEAD = timedelta(weeks=2)


def warnings(policy: Policy, climbed: Stairs | None = None) -> list[str]:
    """Each thing that is weak about a policy as things stand now, the gravest first."""
    now = clock.now()
    climbed = climbed or stairs(policy, Lane.WAKE, now)
    return list(dict.fromkeys([*_steps(climbed), *_people(climbed), *_rotas(policy, now), *_single(climbed)]))


def _steps(climbed: Stairs) -> Iterator[str]:
    if not any(step.reachable for step in climbed.steps):
        yield _("Nobody on it can be reached now. Whoever leads is called instead, if they can be.")
        return
    for step in climbed.steps:
        number = {"n": step.position + 1}
        if not step.people:
            yield _("Nobody stands on step %(n)d now, so it is passed over.") % number
        elif not step.reachable:
            yield _("Nobody on step %(n)d can be reached now, so it is passed over.") % number


def _people(climbed: Stairs) -> Iterator[str]:
    everybody = {one.person.pk: one for step in climbed.steps for one in step.people}
    everybody |= {one.person.pk: one for one in climbed.wider}
    for one in everybody.values():
        name = {"who": one.person.name}
        if not one.ways:
            yield _("%(who)s can’t be reached: no address of theirs works here.") % name
        elif not one.wakes:
            yield _("%(who)s can’t be woken: none of their addresses rings at night.") % name


def _rotas(policy: Policy, now: datetime) -> Iterator[str]:
    numbers = Target.objects.filter(policy=policy, rota__isnull=False).values("rota")
    rotas = list(Rota.objects.filter(pk__in=numbers).order_by("name", "pk"))
    roster = Roster.load([one for one in rotas if one.ended_at is None], now=now)
    for rota in rotas:
        if rota.ended_at is not None:
            yield _("The rota “%(rota)s” has ended.") % {"rota": rota.name}
        elif roster.gaps(rota, now, now + _GAPS_AHEAD):
            yield _("Nobody holds the rota “%(rota)s” at some hours of the next two weeks.") % {"rota": rota.name}


def _single(climbed: Stairs) -> Iterator[str]:
    known = {one.person.pk: one for step in climbed.steps for one in step.people if one.ways}
    known |= {one.person.pk: one for one in climbed.wider if one.ways}
    if len(known) == 1:
        yield _("Everything hangs on %(who)s alone.") % {"who": _only(known).person.name}


def _only(known: dict[int, Reachable]) -> Reachable:
    (one,) = known.values()
    return one
