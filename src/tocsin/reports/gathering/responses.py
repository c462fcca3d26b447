"""What plans tell: what was begun, approved and ended, what helped and what hurt, what is asked and what to change.

Only open plans that everybody of the team may read, without drills and without what is legally privileged. A plan that
is sealed tells nothing here, not even that there is one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.lib.tlp import Tlp
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering import words
from tocsin.reports.gathering.outside import named_outside
from tocsin.reports.gathering.period import Gatherer, Period, narrowest
from tocsin.reports.gathering.tasks import tasks_told
from tocsin.responses import missed
from tocsin.responses.debriefs import debrief, open_lessons
from tocsin.responses.log.acts import Approved
from tocsin.responses.log.books import OpenBook
from tocsin.responses.log.content import For
from tocsin.responses.log.folding import Plan as Folded
from tocsin.responses.log.folding import Standing, Version
from tocsin.responses.models import Missed, Plan

MOST = 80
_LONGEST = 400


def facts(period: Period, reader: Gatherer) -> Iterable[Fact]:
    """Facts of every open plan that moved in the period, of debriefs and of the ledger of missed events."""
    rows = _plans(period, reader)
    plans = [(row, OpenBook(row.public_id).read()) for row in rows]
    for row, plan in plans:
        for fact in _of_plan(row, plan, period):
            yield _under(row, fact)
    if not (reader.situation or reader.places or reader.harms):
        proved = [plan for _row, plan in plans if plan.proved]
        yield from _counts(proved, period, reader.exercise)
        yield from tasks_told(proved, period, reader.exercise)
    yield from _missed(period, reader)


def _plans(period: Period, reader: Gatherer) -> list[Plan]:
    rows = Plan.objects.filter(drill=False, privileged=False, exercise=reader.exercise, opened_at__lt=period.until)
    rows = rows.filter(Q(changed_at__gte=period.since) | Q(closed_at=None)).select_related("situation")
    if reader.situation:
        rows = rows.filter(situation__public_id=reader.situation)
    found = [row for row in rows.order_by("-severity", "-changed_at", "pk")[: 2 * MOST] if _readable(row, reader)]
    if reader.places or reader.harms:
        found = [
            row for row in found
            if row.situation is not None and reader.about(row.situation.country, row.situation.harm)
        ]  # fmt: skip
    return found[:MOST]


def _readable(row: Plan, reader: Gatherer) -> bool:
    return reader.reads_all(row.readers, row.situation.readers if row.situation is not None else 0)


def _under(row: Plan, fact: Fact) -> Fact:
    """A fact of a plan with the ceiling of the plan and of the situation that it is about."""
    readers, tlp = row.readers, fact.tlp
    places: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    if row.situation is not None:
        readers = narrowest(row.readers, row.situation.readers)
        tlp = max(tlp, Tlp(row.situation.tlp) if row.situation.tlp in set(Tlp) else Tlp.RED, key=tuple(Tlp).index)
        places = (row.situation.country,) if row.situation.country else ()
        harms = (row.situation.harm,) if row.situation.harm else ()
    return replace(fact, readers=readers, tlp=tlp, places=places, harms=harms, exercise=row.exercise)


def _source(row: Plan, at: datetime, title: str = "") -> Source:
    url = reverse("responses:plan", args=[row.public_id])
    return Source("plan", row.public_id, title or row.title, url, at)


def _of_plan(row: Plan, plan: Folded, period: Period) -> Iterator[Fact]:
    if not plan.proved:
        # A log with a forged line is told to whoever opens it; nothing of it leaves.
        return
    yield from _course(row, plan, period)
    yield from _debriefed(row, plan, period)
    yield from _advice(row, plan)
    yield from _asked(row, plan, period)


def _fact(
    row: Plan, name: str, topic: Topic, says: str, at: datetime, rank: float, tlp: Tlp = Tlp.AMBER_STRICT,
    title: str = "",
) -> Fact:  # fmt: skip
    said = says if len(says) <= _LONGEST else says[: _LONGEST - 1] + "…"
    return Fact(
        key=f"plan:{row.public_id}:{name}", topic=topic, nature=Nature.RECORDED, says=said,
        sources=(_source(row, at, title),),
        as_of=at, tlp=tlp, rank=rank,
    )  # fmt: skip


def _course(row: Plan, plan: Folded, period: Period) -> Iterator[Fact]:
    """How far a plan came in the period, once: that one is over says also that it was planned and approved."""
    told = _approved(plan)
    values = {"title": plan.title if told is None else told.version.content.title, "reached": ""}
    if plan.closed is not None and period.holds(plan.closed.at):
        values["reached"] = getattr(plan.closed.act, "reached", "").strip()
        says = _("The response “%(title)s” is over. What was reached: %(reached)s") % values
        yield _fact(row, "closed", Topic.ACTIVITY, says, plan.closed.at, 4, title=values["title"])
    elif told is not None and period.holds(told.at):
        says = _("The response “%(title)s” was approved.") % values
        yield _fact(row, "approved", Topic.ACTIVITY, says, told.at, 3, title=values["title"])
    elif period.holds(plan.opened_at):
        yield _fact(row, "begun", Topic.ACTIVITY, _("A response was planned: %(title)s.") % values, plan.opened_at, 2)
    if plan.closed is None and plan.standing in {Standing.ASKED, Standing.ACTING} and row.answer_due_at is not None:
        values["day"] = words.day(row.answer_due_at)
        says = _("A decision is needed on the response “%(title)s” by %(day)s.") % values
        yield _fact(row, "waits", Topic.ASK, says, plan.changed_at, 5 + plan.severity)


def _debriefed(row: Plan, plan: Folded, period: Period) -> Iterator[Fact]:
    found = debrief(plan)
    if found is not None and period.holds(found[0].at):
        line, said = found
        for name, text, pattern in (
            ("helped", said.helped, _("What helped in “%(title)s”: %(text)s")),
            ("hurt", said.hurt, _("What hurt in “%(title)s”: %(text)s")),
            ("luck", said.luck, _("What was luck in “%(title)s”: %(text)s")),
        ):
            if text.strip():
                values = {"title": plan.title, "text": " ".join(text.split())}
                yield _fact(row, name, Topic.WORKED, pattern % values, line.at, 3)
    for lesson in open_lessons(plan):
        values = {"text": lesson.said.text, "title": plan.title, "day": words.day(lesson.said.due)}
        says = _("To change after “%(title)s”, by %(day)s: %(text)s") % values
        late = lesson.said.due < period.until
        if late:
            says = _("Past due since %(day)s, after “%(title)s”: %(text)s") % values
        yield _fact(row, f"lesson-{lesson.said.key}", Topic.WORKED, says, lesson.at, 4 if late else 1)


def _asked(row: Plan, plan: Folded, period: Period) -> Iterator[Fact]:
    """What a plan needs of those who decide: its resources, and a word on lessons that changed nothing yet."""
    content = plan.versions[-1].content if plan.versions else None
    if plan.closed is None and content is not None and content.resources.strip():
        values = {"title": plan.title, "text": " ".join(content.resources.split())}
        says = _("The response “%(title)s” needs: %(text)s") % values
        yield _fact(row, "needs", Topic.ASK, says, plan.changed_at, 4 + plan.severity)
    for lesson in open_lessons(plan):
        if lesson.said.due < period.until:
            values = {"text": lesson.said.text, "title": plan.title, "day": words.day(lesson.said.due)}
            says = _("Decide to do, move or drop what “%(title)s” taught, past due since %(day)s: %(text)s") % values
            yield _fact(row, f"decide-{lesson.said.key}", Topic.ASK, says, lesson.at, 3)


@dataclass(frozen=True, slots=True)
class _Approved:
    """The version that somebody said yes to, and when."""

    version: Version
    at: datetime


def _approved(plan: Folded) -> _Approved | None:
    """The approved version, however it was written on since; None where nobody's yes stands."""
    line = plan.approved
    if line is None or plan.standing not in {Standing.APPROVED, Standing.CLOSED}:
        return None
    assert isinstance(line.act, Approved)
    return _Approved(plan.versions[line.act.version - 1], line.at)


def _advice(row: Plan, plan: Folded) -> Iterator[Fact]:
    """The words for a community that stand in an approved version: what they can do, as somebody said yes to it."""
    told = _approved(plan)
    if told is None:
        return
    content = told.version.content
    for place, wording in enumerate(content.words):
        if wording.audience is For.COMMUNITY and wording.text.strip():
            says = " ".join(wording.text.split())
            yield _fact(row, f"words-{place}", Topic.ADVICE, says, told.at, 5, Tlp.GREEN, content.title)


def _counts(plans: list[Folded], period: Period, exercise: bool) -> Iterator[Fact]:
    begun = sum(period.holds(one.opened_at) for one in plans)
    approved = sum((told := _approved(one)) is not None and period.holds(told.at) for one in plans)
    over = sum(one.closed is not None and period.holds(one.closed.at) for one in plans)
    for name, count, says in (
        ("begun", begun, ngettext("%(n)d response was planned.", "%(n)d responses were planned.", begun)),
        ("approved", approved, ngettext("%(n)d response was approved.", "%(n)d responses were approved.", approved)),
        ("over", over, ngettext("%(n)d response is over.", "%(n)d responses are over.", over)),
    ):
        # One is told by its own name; a bare “one” would only say to who may not see it that there is one.
        if count > 1:
            yield Fact(
                key=f"plans:{name}",
                topic=Topic.ACTIVITY,
                nature=Nature.RECORDED,
                says=says % {"n": count},
                sources=(Source("plans", "", _("The list of plans"), reverse("responses:index"), period.until),),
                as_of=period.until,
                tlp=Tlp.CLEAR,
                value=Value(count, "plans"),
                rank=1,
                exercise=exercise,
            )


def _missed(period: Period, reader: Gatherer) -> Iterator[Fact]:
    rows = Missed.objects.filter(taken_back_at=None, exercise=reader.exercise).select_related("situation", "plan")
    rows = rows.filter(happened_at__gte=period.since, happened_at__lt=period.until).order_by("-happened_at", "pk")
    for row in rows[:MOST]:
        sets = [one.readers for one in (row.situation, row.plan) if one is not None]
        hidden = row.plan is not None and row.plan.privileged
        elsewhere = reader.situation and (row.situation is None or row.situation.public_id != reader.situation)
        if hidden or elsewhere or not reader.reads_all(*sets) or not reader.about(row.country, row.harm):
            continue
        yield _one_missed(row, narrowest(*sets))


def _one_missed(row: Missed, readers: int) -> Fact:
    hours = missed.delay(row).total_seconds() / 3600
    values = {"what": row.what.rstrip(" ."), "hours": words.number(hours), "who": row.should_have}
    says = _("Missed: %(what)s. We knew %(hours)s hours after it happened; %(who)s should have seen it.") % values
    plain = _("We learnt of one event in %(place)s elsewhere first.")
    return Fact(
        key=f"missed:{row.public_id}",
        topic=Topic.BLIND,
        nature=Nature.RECORDED,
        says=says,
        sources=(
            Source("missed", row.public_id, _("The ledger of missed events"), reverse("responses:missed"), row.at),
        ),
        as_of=row.at,
        tlp=Tlp.AMBER,
        readers=readers,
        value=Value(round(hours, 1), "hours"),
        places=(row.country,) if row.country else (),
        harms=(row.harm,) if row.harm else (),
        rank=hours / 24,
        exercise=row.exercise,
        words=named_outside(row.country, lambda there: plain % {"place": there}),
    )
