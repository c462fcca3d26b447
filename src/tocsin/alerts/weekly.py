"""The weekly drill of each policy: begun once a week, ended by its first answer, an alert when it reached nobody."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet, Sum

from tocsin.alerts import clock, leads, telling
from tocsin.alerts.actions import New, accept
from tocsin.alerts.models import Alert, Escalation, Lane, Policy, Rung, Severity
from tocsin.alerts.record import note

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)
# A drill whose moment was slept over is begun at the same hour of one of the days after, never in the night instead.
_AFTER = timedelta(hours=2)


def step() -> None:
    """Begin what is due, end what was answered, and say what reached nobody."""
    now = clock.now()
    for policy in Policy.objects.filter(drill_weekday__isnull=False, ended_at=None).order_by("pk"):
        begin(policy, now)
    for drill in _open():
        judge(drill, now)


def begin(policy: Policy, now: datetime) -> Alert | None:
    """Begin this week's drill of a policy if it is time; None when it is not, or when there was one."""
    moment = moment_before(policy, now)
    if moment is None or not _may_begin(policy, moment, now):
        return None
    key = key_of(policy, moment)
    with transaction.atomic():
        # Whichever pager is first: the others wait here, and then see its drill.
        Policy.objects.select_for_update().get(pk=policy.pk)
        if Alert.objects.filter(dedupe=key).exists():
            return None
        new = New("drill", Severity.MODERATE, Lane.WAKE, key, policy=policy, drill=True)
        return accept(new).alert


def key_of(policy: Policy, moment: datetime) -> str:
    """What makes a drill the one of its week: the policy, and the ISO week in the policy's zone."""
    year, week, _day = moment.astimezone(_zone(policy)).isocalendar()
    return f"drill:{policy.public_id}:{year}-W{week:02}"


def moment_before(policy: Policy, now: datetime) -> datetime | None:
    """The last moment at which a drill of this policy was due; None for a policy without drills."""
    if policy.drill_weekday is None:
        return None
    here = now.astimezone(_zone(policy))
    day = here.date() - timedelta(days=(here.weekday() - policy.drill_weekday) % 7)
    found = datetime.combine(day, time(policy.drill_hour), here.tzinfo)
    return found if found <= now else datetime.combine(day - _WEEK, time(policy.drill_hour), here.tzinfo)


def _may_begin(policy: Policy, moment: datetime, now: datetime) -> bool:
    here = now.astimezone(_zone(policy))
    today = datetime.combine(here.date(), time(policy.drill_hour), here.tzinfo)
    if not today <= now < today + _AFTER:
        return False
    if now < moment + _AFTER:
        return True
    # It was slept over. A policy that never had one waits for its day.
    return Alert.objects.filter(dedupe__startswith=f"drill:{policy.public_id}:").exists()


def first_round(policy: Policy) -> timedelta:
    """How long it takes until everybody on the policy's steps was called and had the time to answer."""
    minutes = Rung.objects.filter(policy=policy).aggregate(all=Sum("wait_minutes"))["all"]
    return timedelta(minutes=minutes or 5)


def judge(drill: Alert, now: datetime) -> None:
    """End a drill that somebody answered. One that nobody answered in its first round is ended too, and an alert."""
    answered = drill.answered_by is not None or drill.first_answered_at is not None
    if not answered and now - drill.accepted_at < first_round(drill.policy):
        return
    with transaction.atomic():
        standing = Alert.objects.select_for_update().get(pk=drill.pk)
        answered = standing.first_answered_at is not None
        if standing.state == Alert.State.RESOLVED or (standing.state == Alert.State.OPEN and answered):
            return  # somebody ended it, or handed it on to the next
        if not answered:
            key = f"pager:drill:{drill.public_id}"
            leads.accept_once(New("pager", Severity.SEVERE, Lane.WAKE, key, exercise=drill.exercise))
            note(standing, "unheard", now)
        _end(standing, now)


def _end(drill: Alert, now: datetime) -> None:
    """End it without a word to those who were called: whoever answered told them."""
    drill.state, drill.outcome = Alert.State.RESOLVED, Alert.Outcome.DRILL
    drill.resolved_at, drill.resolved_by = now, drill.answered_by
    drill.unconfirmed_until = drill.snoozed_until = None
    drill.save()
    Escalation.objects.filter(alert=drill).update(due_at=None)
    note(drill, "resolved", now, None, "rule", outcome=str(Alert.Outcome.DRILL))
    telling.end(drill, now)


def of_pager(rows: QuerySet[Alert]) -> QuerySet[Alert]:
    """The drills that try whether pages reach anybody. What a drill of a plan calls for is no such drill: it reaches
    those who joined alone, and that nobody answers it is what the plan's debrief shows.
    """
    return rows.filter(drill=True).exclude(reference__startswith="plan:")


def _open() -> list[Alert]:
    found = of_pager(Alert.objects.exclude(state=Alert.State.RESOLVED))
    return list(found.select_related("policy", "answered_by").order_by("pk"))


def _zone(policy: Policy) -> ZoneInfo:
    try:
        return ZoneInfo(policy.time_zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")
