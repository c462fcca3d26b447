"""What waits for one person, in the order in which it should be done."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.alerts import clock, listing
from tocsin.alerts.access import alerts_for
from tocsin.alerts.models import Alert
from tocsin.alliances.access import to_verify
from tocsin.console.templatetags.look import ago
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access as reports
from tocsin.reports import eyes
from tocsin.reports.models import Draft
from tocsin.responses import access as plans
from tocsin.responses import waiting
from tocsin.situations.access import neutral, situations_for
from tocsin.situations.models import Assessment, Situation
from tocsin.streams.access import sources_for
from tocsin.streams.models import Health

_GRAVE = 8.0
_OURS_FROM = 4
_MOST = 6


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to do: what it is about, what is the matter with it, and where to do it."""

    about: str
    words: str
    url: str


def of(person: Person) -> list[Need]:
    """What this person can do now: open alerts, overdue reviews, grave situations without a judgement, ill sources."""
    found = _alerts(person) + _plans(person)
    if person.may(Right.ASSESS):
        found += _reviews(person) + _unjudged(person)
    if person.may(Right.SOURCES):
        found += _sources(person)
    if person.may(Right.ALLIES):
        found += _allies(person)
    return (found + _reports(person))[:_MOST]


def _alerts(person: Person) -> list[Need]:
    rows = listing.still(alerts_for(person))
    mine = rows.filter(state=Alert.State.ANSWERED, answered_by=person, unconfirmed_until__isnull=False)
    lapses, waits = _("Confirm that you have it, or it calls again."), _("Nobody has answered.")
    found = [(row, lapses) for row in mine[:3]]
    found += [(row, waits) for row in rows.filter(state=Alert.State.OPEN)[:3]]
    return [Need(listing.title(row), words, reverse("alerts:alert", args=[row.public_id])) for row, words in found]


def _plans(person: Person) -> list[Need]:
    found = []
    for one in waiting.answers(person)[:3]:
        said = _("Approve plan “%(title)s”") if one.what is waiting.What.APPROVE else _("Ratify plan “%(title)s”")
        since = _("Asked %(ago)s.") % {"ago": ago(one.since)}
        where = reverse("responses:answer", args=[one.plan.public_id])
        found.append(Need(said % {"title": one.plan.called}, since, where))
    broken = (one for one in waiting.own(person) if one.what is waiting.What.BROKEN)
    for one in list(broken)[:2]:
        words = _("It changed since it was approved: ask again.")
        found.append(Need(one.plan.called, words, reverse("responses:plan", args=[one.plan.public_id])))
    late = waiting.overdue(waiting.tasks(person, plans.plans_for(person))).count()
    if late:
        words = ngettext("%(n)s task of yours is overdue", "%(n)s tasks of yours are overdue", late) % {"n": late}
        found.append(Need(words, _("Do them, or drop them with a reason."), reverse("responses:tasks")))
    return found


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
    ill = sources_for(person).filter(health__in=[Health.BROKEN, Health.SILENT], paused=False)
    count = ill.count()
    if not count:
        return []
    words = ngettext("%(n)s source is broken or silent", "%(n)s sources are broken or silent", count) % {"n": count}
    return [Need(words, _("What they cover goes unseen."), reverse("streams:index") + "?health=ill")]


def _allies(person: Person) -> list[Need]:
    count = to_verify(person, clock.now()).count()
    if not count:
        return []
    said = ngettext("%(n)s ally is to be verified again", "%(n)s allies are to be verified again", count) % {"n": count}
    return [Need(said, _("Until then, turning to them needs a written reason."), reverse("alliances:due"))]


def _address(row: Situation) -> str:
    return reverse("situations:situation", args=[row.public_id])
