"""Silences inside a measured shutdown are one event: one alert instead of many, and nobody's silence is hidden in it.

A person may take a silence out of its event; then it stands for itself and raises its own alert at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min

from tocsin.alerts import clock, telling
from tocsin.alerts.models import Alert
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.rollcalls import raising
from tocsin.rollcalls.models import SILENT, CheckIn, Member, Participant, Question, Silence, Silent
from tocsin.rollcalls.record import note
from tocsin.situations.models import Member as Membership
from tocsin.situations.models import Situation

# Kinds of harm of ``analysis.taxonomy`` that can keep a message from being answered.
HARMS = ("shutdown", "site-ban")
# A silence that began this long before the first measurement may have the same cause: measurements come late.
SLACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cut:
    """A country whose network is measured to be cut: since when, and the public id of the situation that says so."""

    country: str
    since: datetime
    situation: str


def measured() -> dict[str, Cut]:
    """By country, what open situations rest on findings that are open. Restricted situations are left out: an alert
    must not tell of them.
    """
    rows = Membership.objects.filter(
        situation__state=Situation.State.OPEN,
        situation__harm__in=HARMS,
        situation__readers=0,
        situation__exercise=settings.EXERCISE,
        signal__finding__closed_at=None,
        signal__finding__readers=0,
        signal__finding__country=F("situation__country"),
        signal__finding__isnull=False,
    ).exclude(situation__country="")
    grouped = rows.values_list("situation__country", "situation__public_id").annotate(Min("signal__finding__opened_at"))
    found: dict[str, Cut] = {}
    for country, situation, since in sorted(grouped, key=lambda row: (row[2], row[1]), reverse=True):
        found[country] = Cut(country, since, situation)
    return found


def country_of(row: Member | CheckIn) -> str:
    """Where the person said that they are; empty: they did not."""
    if isinstance(row, CheckIn):
        return row.journey.country
    return Participant.objects.filter(person=row.person_id).values_list("country", flat=True).first() or ""


def place(rows: Iterable[Member | CheckIn], cuts: Mapping[str, Cut], at: datetime) -> None:
    """Raise what these silences ask for: one alert for those of an event, and its own for each that stands alone.

    In the caller's transaction, with the rows locked.
    """
    events: dict[str, list[Member | CheckIn]] = defaultdict(list)
    for row in rows:
        country = country_of(row)
        if country in cuts and _explained(row, cuts[country]):
            events[country].append(row)
        else:
            raising.silent(row)
    for country, silent in events.items():
        event = _event(cuts[country], at)
        fresh = [row for row in silent if _join(event, row, at)]
        if fresh:
            _raise(event)


def gather(cuts: Mapping[str, Cut], at: datetime) -> bool:
    """Attach silences that had their own alert before the shutdown was measured; no further alert is raised."""
    did = False
    for country, cut in cuts.items():
        late = [row for row in _alone(country) if _explained(row, cut)]
        if late:
            with transaction.atomic():
                event = _event(cut, at)
                joined = [_join(event, row, at) for row in late]
            did = any(joined) or did
    return did


def follow(cuts: Mapping[str, Cut], at: datetime) -> bool:
    """End events of which nothing is measured any more; who is silent in them stays listed, and their alert stays."""
    over = Silence.objects.filter(ended_at=None).exclude(country__in=list(cuts))
    return bool(over.update(ended_at=at, changes=F("changes") + 1))


def take_out(by: Person, part: Silent) -> None:
    """This silence has another cause: it stands for itself, and whoever watches over the person is called."""
    with transaction.atomic():
        row = Silent.objects.select_for_update(of=("self",)).get(pk=part.pk)
        if row.apart_at is not None:
            return
        row.apart_at, row.apart_by = clock.now(), by
        row.save()
        silent = subject(row)
        if silent.is_silent:
            raising.silent(silent)
        Silence.objects.filter(pk=row.silence_id).update(changes=F("changes") + 1)
        note(by.pk, "took_out", f"{row.silence.public_id}:{row.pk}")


def put_back(by: Person, part: Silent) -> None:
    """Undo ``take_out``. The alert that it raised goes on until somebody resolves it."""
    with transaction.atomic():
        Silent.objects.filter(pk=part.pk).update(apart_at=None, apart_by=None)
        Silence.objects.filter(pk=part.silence_id).update(changes=F("changes") + 1)
        note(by.pk, "put_back", f"{part.silence.public_id}:{part.pk}")


def subject(part: Silent) -> Member | CheckIn:
    """Whose silence it is."""
    row = part.member or part.checkin
    assert row is not None
    return row


def _explained(row: Member | CheckIn, cut: Cut) -> bool:
    if hasattr(row, "part"):
        return False
    return (row.asked_at or row.due_at) >= cut.since - SLACK


def _alone(country: str) -> list[Member | CheckIn]:
    here = Participant.objects.filter(country=country).values("person")
    members = Member.objects.filter(SILENT, part=None, rollcall__closed_at=None, person__in=here)
    members = members.filter(rollcall__question=Question.SAFE)
    checkins = CheckIn.objects.filter(SILENT, part=None, journey__ended_at=None, journey__country=country)
    return [*members.select_related("rollcall", "person"), *checkins.select_related("journey__person")]


def _event(cut: Cut, at: datetime) -> Silence:
    made, _fresh = Silence.objects.select_for_update().get_or_create(
        country=cut.country,
        ended_at=None,
        defaults={"public_id": random_name(10), "situation": cut.situation, "since": cut.since, "began_at": at},
    )
    return made


def _join(event: Silence, row: Member | CheckIn, at: datetime) -> bool:
    member, checkin = (row, None) if isinstance(row, Member) else (None, row)
    _part, fresh = Silent.objects.get_or_create(
        member=member, checkin=checkin, defaults={"silence": event, "joined_at": at}
    )
    if fresh:
        Silence.objects.filter(pk=event.pk).update(changes=F("changes") + 1)
    return fresh


def _raise(event: Silence) -> None:
    parts = event.silent.filter(apart_at=None).select_related("member__rollcall", "checkin__journey")
    silent = [subject(part) for part in parts]
    watchers = {number for row in silent if row.is_silent for number in raising.watchers_of(row)}
    persons = {row.person_id if isinstance(row, Member) else row.journey.person_id for row in silent if row.is_silent}
    alert = raising.several_silent(event, watchers, persons)
    if alert.state == Alert.State.ANSWERED and alert.answered_by is not None:
        # Whoever has it must know that it grew.
        telling.tell([alert.answered_by], alert, "more", clock.now())
