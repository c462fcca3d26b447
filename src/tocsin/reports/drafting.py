"""Makes drafts: when a report is due, when a person asks, for another audience from the same facts, or to correct."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.alerts import clock
from tocsin.audit.actions import record
from tocsin.lib.names import random_name
from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import coarsening, likelihoods, outward, present, since_last, templates_kept
from tocsin.reports.audiences import AUDIENCES, Audience, barred
from tocsin.reports.composing import Composed, compose
from tocsin.reports.drawing import draw
from tocsin.reports.facts import Fact, Nature, Source, Topic
from tocsin.reports.gathering import words
from tocsin.reports.gathering.gather import gather
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.keeping import fact_in, fact_out
from tocsin.reports.laying import period_of
from tocsin.reports.layout import Line
from tocsin.reports.models import Draft, Gathered, Issue, Report
from tocsin.reports.refusals import RefusedError, refuse_unseen
from tocsin.reports.speaking import speaking

_NAMED = 3  # places in a title at most


@dataclass(frozen=True, slots=True)
class Laid:
    """A composed draft with the name of its layout, and the facts that are its own."""

    composed: Composed
    template: str
    own: tuple[Fact, ...]


def reader_of(report: Report, language: str = "") -> Gatherer:
    """With whose eyes the facts of a report are gathered."""
    return Gatherer(
        language=language or report.language,
        readers=report.readers,
        places=frozenset(report.places),
        harms=frozenset(report.harms),
        situation=report.situation,
        exercise=report.exercise,
    )


def make(
    report: Report,
    period: Period,
    by: Person | None,
    *,
    missed: int = 0,
    gathered: Gathered | None = None,
    then: Callable[[Report], None] | None = None,
) -> Draft:
    """Gather and lay out a draft for a period; the one that stands for it already is given instead.

    ``then`` changes the report in the transaction in which the draft is stored, also where one stood already.
    """
    found = standing(report, period)
    # Gathering takes seconds, and other writers wait for a transaction: it is done before one begins.
    draft = found or laid_out(report, period, gathered or gather(period, reader_of(report)), by, missed)
    with transaction.atomic():
        row = Report.objects.select_for_update().get(pk=report.pk)
        found = standing(report, period)
        if found is None:
            store(draft, by)
        if then is not None:
            then(row)
        return found or draft


def store(draft: Draft, by: Person | None) -> None:
    """Store a draft that was laid out, in the transaction of the caller."""
    draft.save()
    record(by.pk if by is not None else None, "report.draft", f"draft:{draft.public_id}", missed=draft.missed)


def standing(report: Report, period: Period) -> Draft | None:
    """The draft that stands for a period of a report already."""
    rows = report.drafts.filter(until=period.until, corrects=None, original=None).exclude(state=Draft.State.DROPPED)
    return rows.select_related("report", "gathered", "corrects").first()


def make_correction(issue: Issue, wrong: str, by: Person, *, withdraw: bool = False) -> Draft:
    """A draft that corrects an issue: its words as they were released, to be mended, with what was wrong above them.

    With ``withdraw`` nothing stands in it but that the issue is withdrawn, and why.

    Raises:
        RefusedError: when it was corrected already, a withdrawal is asked for while a correction is being drafted or
            the other way round, nothing is said to be wrong, or this person may not.
    """
    refuse_unseen(wrong)
    wrong = " ".join(wrong.split())[:1_000]
    if not wrong:
        raise RefusedError(_("Say what was wrong."))
    if not by.may(Right.REPORTS):
        raise RefusedError(_("You may not correct reports. Ask a lead or an analyst."))
    with transaction.atomic():
        old = Draft.objects.select_for_update().select_related("report", "gathered").get(pk=issue.draft_id)
        gone = Q(corrects=issue) | Q(corrects=issue.translates_id, corrects__isnull=False)
        if Issue.objects.filter(gone).exists():
            raise RefusedError(_("It was corrected already. If the new issue is wrong as well, correct that one."))
        standing = old.report.drafts.filter(corrects=issue, state=Draft.State.OPEN).first()
        if standing is not None:
            if standing.withdraws != withdraw:
                # Whoever withdraws must not be left with a draft that says it all again.
                raise RefusedError(_("A correction of another kind is being drafted. Put that away first."))
            return standing
        at = clock.now()
        with speaking(old.language):
            fact = _correction(issue, wrong, withdraw=withdraw)
        mark = {"id": "correction", "text": fact.says, "facts": [fact.key], "opinion_of": ""}
        kept = [] if withdraw else [one for one in old.blocks if one.get("name") != "correction"]
        own = [] if withdraw else [one for one in old.own_facts if not one["key"].startswith("correction:")]
        draft = Draft.objects.create(
            public_id=random_name(10), report=old.report, gathered=old.gathered, audience=old.audience,
            language=old.language, since=old.since, until=old.until, title=old.title, template=old.template,
            blocks=[{"kind": "paragraph", "name": "correction", "sentences": [mark]}, *kept],
            own_facts=[*own, fact_out(fact)], title_by=old.title_by, withdraws=withdraw,
            dropped=old.dropped, cleared=old.cleared, corrects=issue,
            wrong=wrong, translates=issue.translates, original=old.original, made_by=by, made_at=at, changed_at=at,
        )  # fmt: skip
        record(by.pk, "report.correct", f"draft:{draft.public_id}", issue=issue.public_id)
        return draft


def _correction(issue: Issue, wrong: str, *, withdraw: bool = False) -> Fact:
    values = {"issue": issue.name, "day": words.day(issue.released_at), "wrong": wrong.strip()}
    says = _("This replaces issue %(issue)s of %(day)s. What was wrong: %(wrong)s")
    if withdraw:
        says = _("Issue %(issue)s of %(day)s is withdrawn. Do not use it any more. What was wrong: %(wrong)s")
    return Fact(
        key=f"correction:{issue.public_id}",
        topic=Topic.CORRECTION,
        nature=Nature.RECORDED,
        says=says % values,
        sources=(
            Source(
                "issue", issue.public_id, issue.title, reverse("reports:issue", args=[issue.public_id]),
                issue.released_at,
            ),
        ),
        as_of=issue.released_at,
        tlp=Tlp.CLEAR,
        exercise=issue.exercise,
        rank=1000,
    )  # fmt: skip


def laid_out(report: Report, period: Period, kept: Gathered, by: Person | None, missed: int) -> Draft:
    """A draft that is not stored yet."""
    at = clock.now()
    draft = Draft(
        public_id=random_name(10), report=report, gathered=kept, audience=report.audience, language=report.language,
        since=period.since, until=period.until, missed=missed, made_by=by, made_at=at, changed_at=at,
    )  # fmt: skip
    with speaking(report.language):
        laid = lay(draft, AUDIENCES[report.audience])
    draft.title = title_of(draft)
    draft.template, draft.blocks = laid.template, laid.composed.blocks
    draft.own_facts = [fact_out(one) for one in laid.own]
    return draft


def title_of(draft: Draft) -> str:
    """The generated title of a draft, in its language: for whom it is, about where, and of which time. It claims
    nothing; what a person calls the report is for the team."""
    audience, period = AUDIENCES[draft.audience], period_of(draft)
    with speaking(draft.language):
        parts = [str(audience.kind)]
        places = draft.report.places
        if 0 < len(places) <= _NAMED:
            say = coarsening.named if audience.outside else words.place
            parts.append(", ".join(dict.fromkeys(say(one) for one in places)))
        days = dict.fromkeys(words.day(one) for one in (period.first, period.last))
        return ", ".join([*parts, " – ".join(days)])[:160]


def lay(draft: Draft, audience: Audience, by: Sequence[Line] | None = None, without: Collection[str] = ()) -> Laid:
    """Lay the facts of a draft out for an audience, its own or another's, by its layout or the one that is given.

    In the language of the moment. ``without`` are keys of facts that are left out, as if they had never been gathered.
    """
    name, lines = templates_kept.standing(audience.key)
    lines = tuple(by) if by is not None else lines
    gathered = [one for one in present.as_now(gathered_facts(draft)) if one.key not in without]
    own = [one for one in present.as_now(_own_facts(draft, gathered)) if one.key not in without]
    hidden = outward.unnamable([*gathered, *own], audience)
    untold = likelihoods.untold([*gathered, *own], audience, exercise=draft.report.exercise)
    # What is barred anyway stays, so that it is said why.
    untold = {one.key: untold[one.key] for one in [*gathered, *own] if one.key in untold and not barred(one, audience)}
    shown = [one for one in [*gathered, *own] if one.key not in hidden and one.key not in untold]
    silent = {one.topic for one in [*gathered, *own] if one.key in untold}
    pencil = partial(draw, period=period_of(draft), audience=audience)
    composed = compose(lines, shown, audience, pencil, partial(_nothing, draft, audience.outside, silent))
    _say_whose(composed.blocks, audience.key)
    composed.left |= {key: why for key, why in untold.items() if key not in composed.left}
    composed.left |= dict.fromkeys(hidden, _("It tells of a country that is not named outside."))
    opening = _opening(draft, audience)
    composed.blocks[:0] = [_at_the_top(one, f"top{at}") for at, one in enumerate(opening)]
    composed.placed |= {one.key: _("At the top") for one in opening}
    return Laid(composed, name, (*own, *opening, *composed.needed.values()))


def _opening(draft: Draft, audience: Audience) -> list[Fact]:
    """What every issue begins with, whatever its layout: which time it covers, and what was corrected in it."""
    corrected = draft.report.issues.filter(translates=None, released_at__gte=draft.since, released_at__lt=draft.until)
    rows = corrected.exclude(corrects=None).select_related("corrects", "report").order_by("number")
    return [_period_fact(draft, audience), *(_corrected(one) for one in rows)]


def _corrected(issue: Issue) -> Fact:
    assert issue.corrects is not None
    values = {"old": issue.corrects.name, "new": issue.name, "day": words.day(issue.released_at), "wrong": issue.wrong}
    says = _("Issue %(old)s was corrected by %(new)s on %(day)s. What was wrong: %(wrong)s")
    if issue.withdraws:
        says = _("Issue %(old)s was withdrawn by %(new)s on %(day)s. What was wrong: %(wrong)s")
    return replace(_correction(issue.corrects, issue.wrong), key=f"corrected:{issue.public_id}", says=says % values)


def _at_the_top(fact: Fact, name: str) -> dict[str, object]:
    sentence = {"id": name, "text": fact.says, "facts": [fact.key], "opinion_of": ""}
    return {"kind": "paragraph", "name": name, "sentences": [sentence]}


def _say_whose(blocks: Iterable[dict[str, object]], audience: str) -> None:
    """Say our headings in the language of the moment, and mark those that a person wrote into a layout: a heading may
    claim as much as a sentence."""
    row = templates_kept.newest(audience)
    for one in blocks:
        if one["kind"] != "heading":
            continue
        if one["text"] in templates_kept.shipped_headings():
            one["text"] = _(str(one["text"]))
        else:
            one["by"] = row.by.name if row is not None and row.by is not None else _("a former member of the team")


def gathered_facts(draft: Draft) -> list[Fact]:
    """What was gathered for a draft; what was counted again since, as it was counted last."""
    again = {one["key"]: one for one in draft.own_facts}
    return [fact_in(again.get(one["key"], one)) for one in draft.gathered.facts]


def _own_facts(draft: Draft, gathered: Sequence[Fact]) -> Iterable[Fact]:
    last = last_issue(draft.report)
    # What was said in another language can't be compared.
    if last is None or last.draft.gathered_id == draft.gathered_id or last.draft.language != draft.language:
        return
    before = since_last.by_key(gathered_facts(last.draft))
    yield from since_last.changes(before, since_last.by_key(gathered), reader_of(draft.report))


def last_issue(report: Report) -> Issue | None:
    """The newest issue of a report."""
    rows = report.issues.filter(translates=None).select_related("draft__gathered")
    return rows.order_by("-number").first()


def _report_source(draft: Draft, at: datetime) -> Source:
    url = reverse("reports:gathered", args=[draft.gathered.public_id])
    return Source("gathered", draft.gathered.public_id, _("Everything that was gathered for it"), url, at)


def _period_fact(draft: Draft, audience: Audience) -> Fact:
    period = period_of(draft)
    values = {"first": words.day(period.first), "last": words.day(period.last), "as_of": words.day(draft.gathered.at)}
    says = _("This covers %(first)s to %(last)s, as it was known on %(as_of)s.") % values
    if draft.missed:
        more = ngettext(
            "It makes up for %(n)d issue that was not drafted in its time.",
            "It makes up for %(n)d issues that were not drafted in their time.",
            draft.missed,
        )
        says += " " + more % {"n": draft.missed}
    if draft.gathered.failed:
        says += " " + _("Some of our own records could not be asked, so it may lack what stands there.")
    if audience.outside:
        # Said whether or not there is something: so it tells nothing of what there is.
        says += " " + _("Some things are never told here, to protect people.")
    return _record("report:period", Topic.CORRECTION, says, draft)


def _nothing(draft: Draft, outside: bool, silent: Collection[Topic], topic: Topic, withheld: bool) -> Fact:
    """That nothing is told about a topic. Outside it is always said in the same words, so that nobody learns from them
    whether there is something above the ceiling; inside it never says that nothing is there where something is."""
    says = _("Nothing about this is told here. That does not mean that there is nothing.")
    if (not outside and not withheld and topic not in silent) or topic is Topic.PEOPLE:
        says = str(_NOTHING[topic])
    return _record(f"nothing:{topic.value}", topic, says, draft)


def _record(key: str, topic: Topic, says: str, draft: Draft) -> Fact:
    return Fact(
        key=key, topic=topic, nature=Nature.RECORDED, says=says, sources=(_report_source(draft, draft.gathered.at),),
        as_of=draft.gathered.at, tlp=Tlp.CLEAR, exercise=draft.report.exercise,
    )  # fmt: skip


# "Nothing on record" is said of the record; it never says that nothing happened.
_NOTHING: Mapping[Topic, str | Promise] = {
    Topic.CHANGE: gettext_lazy("Nothing that changed is on record for this time."),
    Topic.SITUATION: gettext_lazy("No situation is on record for this time. That does not mean that nothing happened."),
    Topic.FORECAST: gettext_lazy("Nobody made a forecast in this time."),
    Topic.ACTIVITY: gettext_lazy("No activity is on record for this time."),
    Topic.MEASURE: gettext_lazy("There was nothing to measure in this time."),
    Topic.WORKED: gettext_lazy("No debrief was finished in this time."),
    Topic.PEOPLE: gettext_lazy("No number of people is given here: either none may be published, or none was counted."),
    Topic.BLIND: gettext_lazy("No source was noticed to be silent. What none of them covers can’t be seen either."),
    Topic.ASK: gettext_lazy("Nothing is asked of you this time."),
    Topic.ADVICE: gettext_lazy("There is no advice on record for this time."),
    Topic.CORRECTION: gettext_lazy("Nothing had to be corrected."),
}
