"""What a debrief rests on, assembled from what was recorded: one timeline, each entry linked, and the clocks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tocsin.alerts import words
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert, Event, Lane
from tocsin.people.models import Person
from tocsin.responses import loglines, phrases, recovering, recovering_case
from tocsin.responses.log import acts
from tocsin.responses.log.content import State, Task
from tocsin.responses.log.folding import Plan
from tocsin.responses.recovering import Reading
from tocsin.responses.recovering_case import OfCase
from tocsin.responses.shown import Names

# Five minutes to an answer, fifteen where life or liberty may hang on it: the standards that every clock is held to.
ANSWER, ANSWER_LIFE = timedelta(minutes=5), timedelta(minutes=15)
TO_PLAN = timedelta(hours=4)
_MOST, _RUN = 300, 3


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the timeline: what happened, who did it, and the page that it was read from.

    ``parts`` are the entries of a run that stands as one.
    """

    at: datetime
    words: str
    who: str
    more: str = ""
    url: str = ""
    source: str = ""
    parts: tuple["Moment", ...] = ()


@dataclass(frozen=True, slots=True)
class Timed:
    """A clock: how long it took, and how long it may take; ``took`` None says that it did not happen."""

    name: str | Promise
    took: timedelta | None
    standard: timedelta | None
    url: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether it was kept; None where there is no standard, or nothing to hold to it."""
        if self.standard is None or self.took is None:
            return None
        return self.took <= self.standard


@dataclass(frozen=True, slots=True)
class Held:
    """A task: what was planned against what was done."""

    task: Task
    late: timedelta | None


def timeline(person: Person, plan: Plan, known: Names, url: str) -> list[Moment]:
    """Everything on record about a plan that this person may see, oldest first; ``url`` is the plan's own page."""
    found = [
        Moment(one.at, one.what, one.who, one.words, f"{url}log/#line-{one.number}", _("plan"))
        for one in reversed(loglines.lines(plan, known))
    ]
    found += _of_alerts(person, plan)
    return sorted(found, key=lambda one: one.at)


def folded(moments: Sequence[Moment]) -> list[Moment]:
    """The same, where a run of tasks that one person put stands as one entry: a playbook brings twenty at once."""
    found: list[Moment] = []
    put = str(phrases.VERBS[acts.PutTask.verb])
    for (who, did), run in groupby(moments, key=lambda one: (one.who, one.words)):
        parts = tuple(run)
        if did != put or len(parts) < _RUN:
            found += parts
            continue
        said = _("put %(n)s tasks") % {"n": len(parts)}
        found.append(Moment(parts[0].at, said, who, "", parts[0].url, parts[0].source, parts))
    return found


def alerts_of(person: Person, plan: Plan) -> list[Alert]:
    """The alerts about a plan and about its situation that this person may know of."""
    about = Q(reference=f"plan:{plan.id}")
    if plan.begun.about and not plan.sealed:
        about |= Q(reference=f"situation:{plan.begun.about}")
    return list(alerts_for(person).filter(about).select_related("rule").order_by("accepted_at")[:_MOST])


def _of_alerts(person: Person, plan: Plan) -> Iterator[Moment]:
    rows = {one.pk: one for one in alerts_of(person, plan)}
    shown = ("accepted", "raised", "answered", "confirmed", "taken_over", "passed_on", "lapsed", "resolved", "unheard")
    events = Event.objects.filter(alert__in=list(rows), verb__in=shown).select_related("person").order_by("at", "pk")
    for event in events[:_MOST]:
        alert = rows[event.alert_id]
        who = event.person.name if event.person is not None else ""
        said = words.happened(event.verb, who, event.facts)
        yield Moment(event.at, said, who, words.kind(alert), _alert_url(alert), _("alert"))


def _alert_url(alert: Alert) -> str:
    try:
        return reverse("alerts:alert", args=[alert.public_id])
    except NoReverseMatch:
        return ""


def clocks(person: Person, plan: Plan, found_away: Sequence[Reading], kept: OfCase | None) -> list[Timed]:
    """The clocks of a plan against the standards; ``found_away`` and ``kept`` are how its recovery was measured."""
    found = [
        Timed(
            gettext_lazy("From the alert to an answer"),
            one.first_answered_at - one.accepted_at if one.first_answered_at else None,
            ANSWER_LIFE if one.lane == Lane.LIFE else ANSWER if one.lane == Lane.WAKE else None,
            _alert_url(one),
        )
        for one in alerts_of(person, plan)
        if not one.reference.startswith("plan:")
    ]
    found += _planned(person, plan)
    lasted = recovering.recovered(found_away)
    found.append(Timed(gettext_lazy("Until what was measured was back as usual"), lasted, None))
    if kept is not None and kept.promises:
        lasted = recovering_case.lasted(kept.promises)
        found.append(
            Timed(gettext_lazy("Until promises to people were kept, or told that they can’t be"), lasted, None)
        )
    return found


def _planned(person: Person, plan: Plan) -> Iterator[Timed]:
    first = min((one.accepted_at for one in alerts_of(person, plan) if one.accepted_at < plan.opened_at), default=None)
    if first is not None:
        yield Timed(gettext_lazy("From the first alert to a plan"), plan.opened_at - first, TO_PLAN)
    asked = next((line for line, _act in plan.of(acts.Asked)), None)
    yes = next((line for line, _act in plan.of(acts.Approved)), None)
    if asked is not None and isinstance(asked.act, acts.Asked):
        given = asked.act.until - asked.at
        yield Timed(gettext_lazy("From asking to approval"), yes.at - asked.at if yes else None, given)
    acted = next((line for line, _act in plan.of(acts.ActedFirst)), None)
    if acted is not None:
        after = next((line for line, act in plan.of(acts.Approved) if act.ratifies), None)
        yield Timed(
            gettext_lazy("From acting first to ratification"), after.at - acted.at if after else None, timedelta(days=1)
        )


def planned_and_done(plan: Plan, now: datetime) -> Sequence[Held]:
    """Every task, with how late it was or is."""
    found = []
    for task in plan.tasks:
        ended = task.ended or (now if task.state in {State.OPEN, State.BEGUN} else None)
        late = ended - task.due if task.due is not None and ended is not None and ended > task.due else None
        found.append(Held(task, late))
    return found
