"""Alerts about persons: in the lane for life, named, first to those who watch over them."""

from django.conf import settings

from tocsin.alerts.accepting import Accepted, New, accept
from tocsin.alerts.models import Alert, Lane, Policy, Severity
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls.models import CheckIn, Journey, Member, Raised, RollCall, Silence


def help_wanted(row: Member | CheckIn) -> None:
    """Somebody asked for help: their watchers are called at once."""
    if isinstance(row, Member):
        _of_rollcall(row.rollcall, f"help:{row.pk}", Severity.EXTREME, row.person_id)
    else:
        _of_journey(row.journey, "help", Severity.EXTREME)


def silent(row: Member | CheckIn) -> None:
    """Somebody is silent, and stands for themselves. The silent ones of one roll-call make one alert."""
    if isinstance(row, Member):
        _of_rollcall(row.rollcall, "silence", Severity.SEVERE, row.person_id)
    else:
        _of_journey(row.journey, "silence", Severity.SEVERE)


def several_silent(silence: Silence, watchers: set[int], silent_ones: set[int]) -> Alert:
    """Several are silent where the network is cut: one alert to everybody who watches over one of them."""
    made = _accept("silence", silence.public_id, "silence", Severity.SEVERE, watchers, silent_ones, None)
    Raised.objects.get_or_create(alert=made.alert, defaults={"silence": silence})
    return made.alert


def watchers_of(row: Member | CheckIn) -> set[int]:
    """Who is called about this person: those who hold the roll-call, or whom the traveller chose."""
    if isinstance(row, Member):
        return holders(row.rollcall)
    return set(row.journey.watchers.filter(person__is_active=True).values_list("person", flat=True))


def holders(rollcall: RollCall) -> set[int]:
    """The asker and those let in, as far as they still may hold roll-calls."""
    numbers = set(rollcall.readers.values_list("person", flat=True))
    if rollcall.asked_by_id is not None:
        numbers.add(rollcall.asked_by_id)
    return {one.pk for one in Person.objects.filter(pk__in=numbers) if one.may(Right.ROLLCALLS)}


def _of_rollcall(rollcall: RollCall, about: str, severity: Severity, person: int) -> None:
    made = _accept("rollcall", rollcall.public_id, about, severity, holders(rollcall), {person}, rollcall.policy)
    Raised.objects.get_or_create(alert=made.alert, defaults={"rollcall": rollcall})


def _of_journey(journey: Journey, about: str, severity: Severity) -> None:
    watchers = set(journey.watchers.filter(person__is_active=True).values_list("person", flat=True))
    made = _accept("journey", journey.public_id, about, severity, watchers, {journey.person_id}, None)
    Raised.objects.get_or_create(alert=made.alert, defaults={"journey": journey})


def _accept(
    kind: str,
    public_id: str,
    about: str,
    severity: Severity,
    watchers: set[int],
    subjects: set[int],
    policy: Policy | None,
) -> Accepted:
    standing = policy if policy is not None and policy.ended_at is None else None
    new = New(
        kind=kind,
        severity=severity,
        lane=Lane.LIFE,
        dedupe=f"{kind}:{public_id}:{about}",
        reference=f"{kind}:{public_id}",
        policy=standing,
        named=True,
        watchers=tuple(sorted(watchers)),
        subjects=tuple(sorted(subjects)),
        exercise=settings.EXERCISE,
        via="rule",
    )
    return accept(new)
