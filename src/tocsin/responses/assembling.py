"""What a debrief rests on, assembled from what was recorded: one timeline, each entry linked, and the clocks."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.alerts import clock as time
from tocsin.alerts import words
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert, Event, Lane
from tocsin.people.models import Person
from tocsin.responses import loglines, recovering, recovering_case
from tocsin.responses.log import acts
from tocsin.responses.log.content import State, Task
from tocsin.responses.log.folding import Line, Plan
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

    ``parts`` are the entries of a run that stands as one; ``alike`` is what makes it one,
    ``about`` what each then still says.
    """

    at: datetime
    words: str
    who: str
    more: str = ""
    url: str = ""
    source: str = ""
    parts: tuple["Moment", ...] = ()
    alike: tuple[str, str] = ("", "")
    about: str = ""


@dataclass(frozen=True, slots=True)
class Timed:
    """A clock: how long it took, and how long it may take; ``took`` None says that it did not happen.

    Of a drill both are by its clock; ``watch`` is how long it took in life. ``waited``: how long it did not happen,
    once somebody waited for it; ``instead``: what is said where there is nothing to measure.
    """

    name: str | Promise
    took: timedelta | None
    standard: timedelta | None
    url: str = ""
    watch: timedelta | None = None
    waited: timedelta | None = None
    instead: str | Promise = ""

    @property
    def kept(self) -> bool | None:
        """Whether it was kept; None where there is no standard, or nothing to hold to it yet."""
        if self.standard is None:
            return None
        if self.took is None:
            return False if self.waited is not None and self.waited > self.standard else None
        return self.took <= self.standard


@dataclass(frozen=True, slots=True)
class Held:
    """A task: what was planned against what was done."""

    task: Task
    late: timedelta | None


@dataclass(frozen=True, slots=True)
class Left:
    """Tasks that were dropped for one reason."""

    words: str
    tasks: tuple[Task, ...]


def timeline(person: Person, plan: Plan, known: Names, url: str) -> list[Moment]:
    """Everything on record about a plan that this person may see, oldest first; ``url`` is the plan's own page."""
    found = [
        Moment(
            one.at,
            one.what,
            one.who,
            one.words,
            f"{url}log/#line-{one.number}",
            _("plan"),
            alike=one.alike,
            about=one.about,
        )
        for one in reversed(loglines.lines(plan, known))
    ]
    found += _of_alerts(person, plan)
    return sorted(found, key=lambda one: one.at)


def folded(moments: Sequence[Moment]) -> list[Moment]:
    """The same, where a run of tasks that one person put, or dropped for one reason, stands as one entry."""
    found: list[Moment] = []
    for (who, alike), run in groupby(moments, key=lambda one: (one.who, one.alike)):
        parts = tuple(run)
        if not alike[0] or len(parts) < _RUN:
            found += parts
            continue
        first, count = parts[0], len(parts)
        if alike[0] == acts.PutTask.verb:
            said = ngettext("put %(n)s task", "put %(n)s tasks", count) % {"n": count}
        else:
            said = _left_undone(count, alike[1])
        found.append(Moment(first.at, said, who, "", first.url, first.source, parts))
    return found


def _left_undone(count: int, why: str) -> str:
    said = ngettext("%(n)s task not done: %(why)s", "%(n)s tasks not done: %(why)s", count)
    return said % {"n": count, "why": why}


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
            plan.pace.between(one.accepted_at, one.first_answered_at) if one.first_answered_at else None,
            ANSWER_LIFE if one.lane == Lane.LIFE else ANSWER if one.lane == Lane.WAKE else None,
            _alert_url(one),
            _watch(plan, one.accepted_at, one.first_answered_at),
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
    yield _approval(plan)
    acted = next((line for line, _act in plan.of(acts.ActedFirst)), None)
    if acted is not None:
        after = next((line for line, act in plan.of(acts.Approved) if act.ratifies), None)
        yield _between(plan, gettext_lazy("From acting first to ratification"), acted, after, timedelta(days=1))
    yield from _updated(plan)
    yield from _tasks(plan)


def _approval(plan: Plan) -> Timed:
    name = gettext_lazy("From asking to approval")
    asked = next((line for line, _act in plan.of(acts.Asked)), None)
    if asked is None or not isinstance(asked.act, acts.Asked):
        return Timed(name, None, None, instead=gettext_lazy("nobody was asked"))
    yes = next((line for line, _act in plan.of(acts.Approved) if line.number > asked.number), None)
    return _between(plan, name, asked, yes, asked.act.until - plan.pace.told(asked.at))


def _between(plan: Plan, name: str | Promise, start: Line, end: Line | None, standard: timedelta) -> Timed:
    if end is None:
        return Timed(name, None, standard, waited=plan.pace.between(start.at, _until(plan)))
    return Timed(name, plan.pace.between(start.at, end.at), standard, watch=_watch(plan, start.at, end.at))


def _until(plan: Plan) -> datetime:
    return plan.closed.at if plan.closed is not None else time.now()


def _updated(plan: Plan) -> Iterator[Timed]:
    """The longest time in which nobody was told how it stands, from the beginning to the end or to now."""
    begun = plan.of(acts.Started)
    start = begun[0][0].at if begun else plan.opened_at
    if plan.begun.drill and not begun:
        return
    told = [line.at for line, _act in plan.of(acts.Updated)]
    marks = [start, *(at for at in told if start < at < _until(plan)), _until(plan)]
    longest = max((plan.pace.between(one, after), one, after) for one, after in pairwise(marks))
    name = ngettext(
        "The longest without an update (%(n)s was given)", "The longest without an update (%(n)s were given)", len(told)
    ) % {"n": len(told)}
    standard = timedelta(hours=plan.content.update_hours)
    yield Timed(name, longest[0], standard, watch=_watch(plan, longest[1], longest[2]))


def _tasks(plan: Plan) -> Iterator[Timed]:
    """How late the latest task was, or is."""
    due = [one for one in planned_and_done(plan, _until(plan)) if one.task.due is not None]
    if not due:
        return
    late = [one.late for one in due if one.late is not None]
    name = _("Tasks past their time: %(n)s of %(all)s; the latest by") % {"n": len(late), "all": len(due)}
    yield Timed(name, max(late, default=timedelta(0)), timedelta(0), instead="" if late else gettext_lazy("none"))


def _watch(plan: Plan, start: datetime, end: datetime | None) -> timedelta | None:
    return end - start if plan.begun.drill and end is not None else None


def left_undone(held: Sequence[Held]) -> tuple[list[Held], list[Left]]:
    """The tasks that stand by themselves, and those of which many were dropped for one reason, by reason."""
    alike: dict[str, list[Task]] = defaultdict(list)
    for one in held:
        if one.task.state is State.DROPPED and one.task.evidence:
            alike[one.task.evidence].append(one.task)
    many = {words: tasks for words, tasks in alike.items() if len(tasks) >= _RUN}
    alone = [one for one in held if one.task.state is not State.DROPPED or one.task.evidence not in many]
    return alone, [Left(_left_undone(len(tasks), words), tuple(tasks)) for words, tasks in many.items()]


def planned_and_done(plan: Plan, now: datetime) -> Sequence[Held]:
    """Every task, with how late it was or is, in the plan's own time."""
    found = []
    for task in plan.tasks:
        ended = task.ended or (now if task.state in {State.OPEN, State.BEGUN} else None)
        found.append(Held(task, plan.late(task, ended) if ended is not None else None))
    return found
