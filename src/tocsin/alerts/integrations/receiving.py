"""From reports to alerts: each body once, within the integration's quota, committed before anybody is told so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from tocsin.alerts import clock
from tocsin.alerts.actions import Accepted, New, accept, remote_resolved
from tocsin.alerts.integrations.secrets import keyed
from tocsin.alerts.integrations.shapes.base import Reported, State, key_of
from tocsin.alerts.models import Alert, Delivery, Integration, Lane, Policy, Severity
from tocsin.alerts.record import note
from tocsin.lib.names import random_name

HOUR = timedelta(hours=1)
# A body with more alerts than this has its gravest ones taken one by one, and the rest as one.
MOST_ALERTS = 100
MOST_RESOLVED = 500
KEPT = timedelta(days=35)
_FORGOTTEN_AT_ONCE = 50
KIND = "webhook"
OWN_KIND = "integration"


class Verdict(Enum):
    """What became of a body."""

    ACCEPTED = auto()
    KNOWN = auto()
    NOTHING = auto()
    OVER_QUOTA = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a body: alerts that are new, and how many seconds to wait where it was over the quota."""

    verdict: Verdict
    fresh: int = 0
    assumed: int = 0
    wait: int = 0


def digest_of(reports: Sequence[Reported], body: bytes, stamp: str = "") -> str:
    """What makes a body known when it comes again.

    A body that says when its alerts began is the same event for as long as it is remembered; so is a signature with
    its moment. One that says neither may tell of something new in the same words: it counts to the alert that stands,
    and once that is resolved it is a new one.
    """
    if reports and all(one.occurred_at is not None for one in reports):
        return keyed("body", body)
    return keyed("signed", stamp.encode() + b"." + body) if stamp else random_name(40)


def receive(integration: Integration, reports: Sequence[Reported], digest: str) -> Received:
    """Take what was reported. When this returns, everything is committed; sent again after a crash nothing is doubled.

    Each alert has a transaction of its own, so that a pager that wants to write never waits long. The first also
    claims a place in the quota; the last makes the body known.
    """
    gathered = _gathered(reports)
    fresh, claim, last = 0, 0, max(0, len(gathered) - 1)
    for number in range(last + 1):
        with transaction.atomic():
            door, at = _locked(integration), clock.now()
            if not claim:
                refusal = _turned_away(door, gathered, digest, at)
                if refusal is not None:
                    return refusal
                claim = Delivery.objects.create(integration=door, digest=random_name(40), at=at).pk
            fresh += sum(_take(door, one, at) for one in gathered[number : number + 1])
            if number == last:
                _remember(door, claim, digest, at)
    assumed = sum(one.assumed for one in gathered)
    return Received(Verdict.ACCEPTED if fresh else Verdict.NOTHING, fresh, assumed)


def _locked(integration: Integration) -> Integration:
    """The integration as it is now. Its bodies wait for one another here, so that its quota holds across processes."""
    rows = Integration.objects.select_for_update(of=("self",)).select_related("policy", "rule")
    return rows.get(pk=integration.pk)


def _gathered(reports: Sequence[Reported]) -> list[Reported]:
    """Each key once, as its worst; the gravest first, and of very many the rest as one."""
    by_key: dict[str, Reported] = {}
    for one in sorted(reports, key=_weight, reverse=True):
        by_key.setdefault(one.dedupe, one)
    firing = [one for one in by_key.values() if one.state == State.FIRING]
    over = [one for one in by_key.values() if one.state == State.RESOLVED][:MOST_RESOLVED]
    taken, rest = firing[:MOST_ALERTS], firing[MOST_ALERTS:]
    if rest:
        taken.append(replace(rest[0], dedupe=key_of("rest", *sorted(one.dedupe for one in rest)), earlier=()))
    return taken + over


def _weight(one: Reported) -> tuple[bool, bool, Severity]:
    return one.state == State.FIRING, not one.exercise, one.severity


def _turned_away(door: Integration, reports: Sequence[Reported], digest: str, at: datetime) -> Received | None:
    if door.revoked_at is not None:
        return Received(Verdict.CLOSED)
    if Delivery.objects.filter(integration=door, digest=digest).exists():
        return Received(Verdict.KNOWN)
    lately = Delivery.objects.filter(integration=door, at__gt=at - HOUR).order_by("-at", "-pk")
    used = lately.count()
    if used < door.quota_per_hour:
        return None
    if used < door.quota_per_hour + reserve(door.quota_per_hour) and _stands_out(door, reports, at):
        return None
    tell_trouble(door, "quota", Severity.SEVERE)
    leaves = lately.values_list("at", flat=True)[door.quota_per_hour - 1] + HOUR
    return Received(Verdict.OVER_QUOTA, wait=max(1, int((leaves - at).total_seconds()) + 1))


def reserve(quota: int) -> int:
    """How many bodies an hour may come in beyond the quota, when they are worse than all that came before."""
    return max(5, quota // 10)


def _stands_out(door: Integration, reports: Sequence[Reported], at: datetime) -> bool:
    """Worse than anything of this hour, or as bad as can be and about something new."""
    firing = [one for one in reports if one.state == State.FIRING and not one.exercise]
    worst = max((one.severity for one in firing), default=None)
    if worst is None:
        return False
    own = Alert.objects.filter(integration=door, kind=KIND, seen_at__gt=at - HOUR, exercise=False, drill=False)
    if worst > (own.aggregate(worst=Max("severity"))["worst"] or 0):
        return True
    extreme = [one for one in firing if one.severity == Severity.EXTREME]
    return any(_standing(door, one) is None for one in extreme)


def _take(door: Integration, one: Reported, at: datetime) -> bool:
    """Accept one report; True if it made a new alert."""
    standing = _standing(door, one)
    if one.state == State.RESOLVED:
        if standing is not None:
            remote_resolved(standing)
        return False
    accepted = accept(_new(door, one, standing.dedupe if standing is not None else _dedupe(door, one.dedupe), at))
    if accepted.fresh and one.assumed:
        note(accepted.alert, "severity_assumed", at, None, "api")
    return accepted.fresh


def _new(door: Integration, one: Reported, dedupe: str, at: datetime) -> New:
    lane = Lane(door.lane)
    return New(
        kind=KIND,
        severity=one.severity,
        lane=_lane(door, one),
        dedupe=dedupe,
        reference=f"integration:{door.public_id}",
        policy=open_policy(door),
        rule=door.rule,
        integration=door,
        named=lane == Lane.LIFE and not one.exercise,
        language=one.language,
        urgency=one.urgency,
        occurred_at=min(one.occurred_at, at) if one.occurred_at is not None else None,
        exercise=one.exercise or bool(settings.EXERCISE),
        via="api",
    )


def _lane(door: Integration, one: Reported) -> Lane:
    """The lane of one report. What is less grave than the door's least severity waits for the day; not where the
    severity is our own assumption, and never about life and liberty.
    """
    if one.exercise:
        # Others hold their exercises when it suits them: they wake nobody here.
        return Lane.QUIET
    if door.lane == Lane.WAKE and one.severity < door.wakes_from and not one.assumed:
        return Lane.QUIET
    return Lane(door.lane)


def _standing(door: Integration, one: Reported) -> Alert | None:
    """The alert that this report is about, under its own key or one that it refers to."""
    keys = [_dedupe(door, key) for key in (one.dedupe, *one.earlier[:50])]
    return Alert.objects.filter(~Q(state=Alert.State.RESOLVED), dedupe__in=keys).order_by("pk").first()


def _dedupe(door: Integration, key: str) -> str:
    return f"in:{door.public_id}:{keyed('dedupe', f'{door.public_id}:{key}')}"


def _remember(door: Integration, claim: int, digest: str, at: datetime) -> None:
    if not Delivery.objects.filter(integration=door, digest=digest).exists():
        Delivery.objects.filter(pk=claim).update(digest=digest)
    # About life and liberty, even when something came in is for those to know who may know of the alert.
    if door.lane != Lane.LIFE:
        Integration.objects.filter(pk=door.pk).update(last_used_at=at)


def open_policy(door: Integration) -> Policy | None:
    """The integration's policy; None, which is the default one, when it has none or that one has ended."""
    return door.policy if door.policy is not None and door.policy.ended_at is None else None


def tell_trouble(door: Integration, what: str, severity: Severity) -> Accepted | None:
    """Let a person know that alerts don't come through this door; once, while that alert stands."""
    dedupe = f"in:{door.public_id}:{what}"
    if Alert.objects.filter(~Q(state=Alert.State.RESOLVED), dedupe=dedupe).exists():
        return None
    return accept(
        New(
            kind=OWN_KIND,
            severity=severity,
            lane=Lane(door.lane),
            dedupe=dedupe,
            reference=f"integration:{door.public_id}",
            policy=open_policy(door),
            integration=door,
            exercise=bool(settings.EXERCISE),
            via="api",
        )
    )


def forget(at: datetime) -> int:
    """Forget some of the bodies that came so long ago that nobody sends them again; gives how many."""
    old = Delivery.objects.filter(at__lt=at - KEPT).order_by("pk").values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE]
    return int(Delivery.objects.filter(pk__in=list(old)).delete()[0])
