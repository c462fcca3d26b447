"""What waits for one person, in the order in which it should be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.alerts import clock, listing, words
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert
from tocsin.alerts.titles import titles
from tocsin.alliances.access import to_verify
from tocsin.console import world
from tocsin.console.templatetags.look import ago
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access as reports
from tocsin.reports import eyes
from tocsin.reports.models import Draft
from tocsin.resilience.access import late_promises
from tocsin.resilience.risk_access import lapsed, late_treatments
from tocsin.responses import access as plans
from tocsin.responses import waiting
from tocsin.responses.models import Plan
from tocsin.responses.playbooks import authorities, library
from tocsin.situations.access import neutral, situations_for
from tocsin.situations.models import Assessment, Situation

_GRAVE = 8.0
_OURS_FROM = 4
_MOST = 6
# Nothing is graver than a plan whose log somebody put a hand to.
_FIRST = 5
# What stands still until its owner does something: what, and where they do it.
_STILL = {
    waiting.What.STRANDED: (
        gettext_lazy("Who was asked can’t answer any more: ask somebody else."),
        "responses:ask",
    ),
    waiting.What.DECLINED: (gettext_lazy("Somebody said no: read why, change it, and ask again."), "responses:plan"),
    waiting.What.BROKEN: (gettext_lazy("It changed since it was approved: ask again."), "responses:plan"),
}
_YES = ("plan_ask", "plan_ratify")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do: what it is about, what is the matter with it, and where to do it.

    ``severity``, 1 to 4 as of alerts and plans, and ``since`` say what comes first; a drill has none.
    """

    about: str
    words: str
    url: str
    severity: int = 0
    since: datetime | None = None


def of(person: Person) -> list[Need]:
    """What this person can do now: open alerts, overdue reviews, grave situations without a judgement, ill sources."""
    answers, own = waiting.answers(person)[:3], waiting.own(person)
    found = _gravest(_alerts(person, answers) + _answers(answers) + _tampered(own)) + _plans(person, own)
    if person.may(Right.ASSESS):
        found += _reviews(person) + _unjudged(person)
    found += _beside_plans(person)
    if person.may(Right.SOURCES):
        found += _sources(person)
    if person.may(Right.ALLIES):
        found += _allies(person)
    if person.may(Right.RESILIENCE):
        found += _promises(person)
    return (found + _reports(person))[:_MOST]


def _gravest(found: list[Need]) -> list[Need]:
    """The gravest first, and of those what has waited longest."""
    now = timezone.now()
    return sorted(found, key=lambda one: (-one.severity, one.since or now))


def _alerts(person: Person, answers: Sequence[waiting.Waiting]) -> list[Need]:
    # What calls for a yes stands once, as the plan that waits for it: the answer ends the alert.
    asked = [f"plan:{one.plan.public_id}" for one in answers]
    rows = listing.gravest(listing.still(alerts_for(person)).exclude(kind__in=_YES, reference__in=asked))
    mine = rows.filter(state=Alert.State.ANSWERED, answered_by=person, unconfirmed_until__isnull=False)
    lapses = _("Confirm that you have it, or it calls again.")
    found = [(row, lapses) for row in mine[:3]]
    found += [(row, _waits(row)) for row in rows.filter(state=Alert.State.OPEN)[:3]]
    known = titles(person, {row.reference for row, _words in found})
    return [_alert(row, said, known.get(row.reference, "")) for row, said in found]


def _waits(row: Alert) -> str:
    if missed := listing.unreached(row):
        return missed
    return _("Nobody has answered; it came in %(ago)s.") % {"ago": ago(row.accepted_at)}


def _alert(row: Alert, said: str, called: str) -> Need:
    where = reverse("alerts:alert", args=[row.public_id])
    told = " · ".join(
        part for part in (_("Drill") if row.drill else "", words.kind(row) if called else "", said) if part
    )
    return Need(listing.title(row, called), told, where, 0 if row.drill else row.severity, row.accepted_at)


def _answers(answers: Sequence[waiting.Waiting]) -> list[Need]:
    found = []
    for one in answers:
        if one.what is waiting.What.UNPROVED:
            found.append(_unproved(one.plan))
            continue
        said = _("Approve plan “%(title)s”") if one.what is waiting.What.APPROVE else _("Ratify plan “%(title)s”")
        since = _("Asked %(ago)s.") % {"ago": ago(one.since)}
        where = reverse("responses:answer", args=[one.plan.public_id])
        found.append(
            Need(said % {"title": one.plan.called}, since, where, 0 if one.plan.drill else one.plan.severity, one.since)
        )
    return found


def _tampered(own: Sequence[waiting.Waiting]) -> list[Need]:
    return [_unproved(one.plan) for one in own if one.what is waiting.What.UNPROVED][:2]


def _plans(person: Person, own: Sequence[waiting.Waiting]) -> list[Need]:
    found = []
    still = [(one, _STILL[one.what]) for one in own if one.what in _STILL]
    for one, (stands, page) in still[:3]:
        found.append(Need(one.plan.called, str(stands), reverse(page, args=[one.plan.public_id])))
    late = waiting.overdue(waiting.tasks(person, plans.plans_for(person))).count()
    if late:
        said = ngettext("%(n)s task of yours is overdue", "%(n)s tasks of yours are overdue", late) % {"n": late}
        found.append(Need(said, _("Do them, or drop them with a reason."), reverse("responses:tasks")))
    return found


def _beside_plans(person: Person) -> list[Need]:
    """What plans rest on and lead to: lessons, disclosures without a second yes, playbooks without a second look."""
    found = []
    if late := waiting.lessons(person).count():
        said = ngettext("%(n)s lesson of yours is overdue", "%(n)s lessons of yours are overdue", late) % {"n": late}
        found.append(Need(said, _("Do it, or drop it with a reason."), reverse("responses:all_lessons")))
    if told := authorities.to_answer(person).count():
        said = ngettext("%(n)s disclosure waits for a second yes", "%(n)s disclosures wait for a second yes", told)
        where = reverse("authorities:disclosures")
        found.append(Need(said % {"n": told}, _("Something was told to an authority: say yes, or ask."), where))
    if person.may(Right.PLANS) and (texts := library.to_look_at(person)):
        said = ngettext(
            "%(n)s playbook text waits for a second look", "%(n)s playbook texts wait for a second look", texts
        )
        found.append(Need(said % {"n": texts}, _("Until then the older text holds."), reverse("playbooks:index")))
    return found


def _unproved(row: Plan) -> Need:
    said = _("Its log is not as it was written. Believe no yes in it, and tell whoever leads.")
    return Need(row.called, said, reverse("responses:plan", args=[row.public_id]), _FIRST)


def _reports(person: Person) -> list[Need]:
    """Drafts that nobody has released or put away yet, the oldest first."""
    rows = reports.drafts_for(person).filter(state=Draft.State.OPEN).order_by("made_at", "pk")[:2]
    return [
        Need(
            eyes.titled(person, row).title,
            _("This draft waits for a person."),
            reverse("reports:draft", args=[row.public_id]),
        )
        for row in rows
    ]


def _reviews(person: Person) -> list[Need]:
    # From the judgements, of which there are few, to the situations, of which there may be many.
    later = Assessment.objects.filter(situation=OuterRef("situation"), version__gt=OuterRef("version"))
    due = Assessment.objects.filter(~Exists(later), review_on__lte=timezone.localdate())
    mine = situations_for(person).filter(state=Situation.State.OPEN, pk=OuterRef("situation"))
    rows = due.filter(Exists(mine)).select_related("situation").order_by("review_on", "pk")
    found = [one.situation for one in rows[:3]]
    neutral(found)
    return [Need(one.title, _("Its review date passed."), _address(one)) for one in found]


def _unjudged(person: Person) -> list[Need]:
    rows = situations_for(person).filter(state=Situation.State.OPEN).exclude(probability_rule="")
    rows = rows.filter(Q(rank__gte=_GRAVE) | Q(our_link=True, impact__gte=_OURS_FROM))
    return [
        Need(row.title, _("Grave, and nobody has judged it."), _address(row))
        for row in rows.order_by("-rank", "-pk")[:3]
    ]


def _sources(person: Person) -> list[Need]:
    count = world.unanswering(person).count()
    if not count:
        return []
    said = ngettext("%(n)s source is broken or silent", "%(n)s sources are broken or silent", count) % {"n": count}
    return [Need(said, _("What they cover goes unseen."), reverse("streams:index") + "?health=ill")]


def _allies(person: Person) -> list[Need]:
    count = to_verify(person, clock.now()).count()
    if not count:
        return []
    said = ngettext("%(n)s ally is to be verified again", "%(n)s allies are to be verified again", count) % {"n": count}
    return [Need(said, _("Until then, turning to them needs a written reason."), reverse("alliances:due"))]


def _promises(person: Person) -> list[Need]:
    found, today = [], clock.now().date()
    if count := lapsed(person).count():
        said = ngettext("%(n)s risk is borne no longer", "%(n)s risks are borne no longer", count) % {"n": count}
        found.append(Need(said, _("Treat it, or bear it anew."), reverse("resilience:risks") + "?state=lapsed"))
    if count := late_treatments(person, today).count():
        said = ngettext("%(n)s treatment of a risk is late", "%(n)s treatments of risks are late", count) % {"n": count}
        found.append(Need(said, _("Do it, or drop it with a reason."), reverse("resilience:risks") + "?state=late"))
    if count := late_promises(person, today).count():
        said = ngettext("%(n)s promise to a community is late", "%(n)s promises to communities are late", count)
        found.append(Need(said % {"n": count}, _("Keep it, or say why not."), reverse("resilience:promises")))
    return found


def _address(row: Situation) -> str:
    return reverse("situations:situation", args=[row.public_id])
