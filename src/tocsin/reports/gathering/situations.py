"""What situations tell: where each stands, what moved, what is expected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.lib.tlp import Tlp
from tocsin.people.access import reader_sets
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering import words
from tocsin.reports.gathering.outside import BRIEF, day_outside, named_outside
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.situations.access import Situations
from tocsin.situations.models import Assessment, Situation

MOST = 300
_MOVED = 0.05


def facts(period: Period, reader: Gatherer) -> Iterable[Fact]:
    """Facts of every situation that is open, or was heard of, judged or closed in the period."""
    rows = _rows(period, reader)
    judged = _assessments([row.pk for row in rows])
    for row in rows:
        made = judged.get(row.pk, [])
        found = [_state(row, made), _change(row, made, period), _forecast(row, made, period)]
        yield from (_under(row, one) for one in found if one is not None)


def _rows(period: Period, reader: Gatherer) -> list[Situation]:
    open_to = Q(readers=0)
    if reader.readers:
        open_to |= Q(readers__in=[one for one in reader_sets(reader.readers) if reader.reads(one)])
    rows = Situations(Situation).filter(open_to, exercise=reader.exercise, first_at__lt=period.until)
    touched = Q(last_at__gte=period.since) | Q(changed_at__gte=period.since, changed_at__lt=period.until)
    rows = rows.filter(
        Q(state=Situation.State.OPEN) | touched | Q(assessments__at__gte=period.since, assessments__at__lt=period.until)
    )
    rows = rows.exclude(state=Situation.State.MERGED).exclude(signals=0, assessments=None)
    if reader.situation:
        rows = rows.filter(public_id=reader.situation)
    if reader.places:
        rows = rows.filter(country__in=reader.places)
    if reader.harms:
        rows = rows.filter(harm__in=reader.harms)
    return list(rows.distinct().order_by("-rank", "pk")[:MOST])


def _assessments(numbers: Sequence[int]) -> dict[int, list[Assessment]]:
    rows = Assessment.objects.filter(situation__in=numbers).select_related("by").order_by("situation", "version")
    return {number: list(group) for number, group in groupby(rows, key=lambda one: one.situation_id)}


def source_of(row: Situation) -> Source:
    """A situation as what a fact rests on."""
    url = reverse("situations:situation", args=[row.public_id])
    return Source("situation", row.public_id, row.title, url, row.last_at)


def tlp_of(row: Situation) -> Tlp:
    """How strictly a situation is shared; what can't be read is as strict as can be."""
    return Tlp(row.tlp) if row.tlp in set(Tlp) else Tlp.RED


def _judged_source(row: Situation, one: Assessment) -> Source:
    url = reverse("situations:situation", args=[row.public_id]) + "#assessments"
    title = _("Assessment %(version)d of “%(title)s”") % {"version": one.version, "title": row.title}
    return Source("assessment", f"{row.public_id}:{one.version}", title, url, one.at)


def _name(one: Assessment) -> str:
    return one.by.name if one.by is not None else _("a former member of the team")


def _state(row: Situation, made: Sequence[Assessment]) -> Fact:
    last = made[-1] if made else None
    probability = last.probability if last is not None else row.probability
    values = {
        "title": row.title.rstrip(" ."),
        "said": words.chance(row.harm, words.place(row.country), probability),
        "share": words.percent(probability),
    }
    says = _("%(title)s. %(said)s (%(share)s).") % values
    if last is None:
        voices = ngettext("%(n)d independent source.", "%(n)d independent sources.", row.independent)
        says += " " + _("It rests on") + " " + voices % {"n": row.independent}
        says += " " + _("No person has judged it yet.")
    return Fact(
        key=f"situation:{row.public_id}:state",
        topic=Topic.SITUATION,
        nature=Nature.REPORTED if last is None else Nature.ASSESSED,
        says=says,
        sources=(source_of(row), *([_judged_source(row, last)] if last is not None else [])),
        as_of=row.changed_at,
        author=_name(last) if last is not None else "",
        confidence=last.get_confidence_display() if last is not None else "",
        value=Value(probability, "probability", before=row.probability_before),
        words=named_outside(row.country, lambda there: _plain(row, last, there)),
    )


def _plain(row: Situation, last: Assessment | None, there: str) -> str:
    """How likely it is in words for outside, where what no person judged is never told."""
    if last is None:
        return words.chance(row.harm, there, row.probability) + ". " + _("No person has judged it yet.")
    values = {"said": words.chance(row.harm, there, last.probability), "day": day_outside(last.at, row.country)}
    return _("%(said)s, as our team judged (%(day)s).") % values


def _under(row: Situation, fact: Fact) -> Fact:
    """A fact of a situation with the situation's own ceiling."""
    return replace(
        fact,
        tlp=tlp_of(row),
        readers=row.readers,
        places=(row.country,) if row.country else (),
        harms=(row.harm,) if row.harm else (),
        exercise=row.exercise,
        rank=row.rank,
    )


@dataclass(frozen=True, slots=True)
class _Move:
    """What happened to a situation: said of its title, said plainly of its harm and place, and by whose judgement."""

    says: str
    plain: str
    judged: Assessment | None = None
    before: float | None = None


def _move(row: Situation, made: Sequence[Assessment], period: Period) -> _Move | None:
    before = next((one for one in reversed(made) if one.at < period.since), None)
    now = next((one for one in reversed(made) if period.holds(one.at)), None)
    if period.holds(row.first_at):
        return _Move(_("New: %(title)s (%(place)s)."), _("New: %(harm)s in %(place)s."))
    if row.state == Situation.State.CLOSED and period.holds(row.changed_at):
        return _Move(_("Over: %(title)s (%(place)s)."), _("Over: %(harm)s in %(place)s."))
    if now is None or before is None or abs(now.probability - before.probability) < _MOVED:
        return None
    if now.probability > before.probability:
        says = _("More likely than before: %(title)s, now: %(word)s (%(now)s, was %(before)s).")
        plain = _("More likely than before: %(harm)s in %(place)s.")
    else:
        says = _("Less likely than before: %(title)s, now: %(word)s (%(now)s, was %(before)s).")
        plain = _("Less likely than before: %(harm)s in %(place)s.")
    return _Move(says, plain, now, before.probability)


def _change(row: Situation, made: Sequence[Assessment], period: Period) -> Fact | None:
    """What is new or moved in the period; None where nothing is."""
    move = _move(row, made, period)
    if move is None:
        return None
    where = words.place(row.country) if row.country else _("no single country")
    values = {"title": row.title.rstrip(" ."), "place": where, "harm": words.harm(row.harm)}
    judged, value = move.judged, None
    if judged is not None:
        value = Value(judged.probability, "probability", before=move.before)
        values |= {"word": words.likely(judged.probability), "now": words.percent(judged.probability)}
        values["before"] = words.percent(move.before or 0.0)
    return Fact(
        key=f"situation:{row.public_id}:change",
        topic=Topic.CHANGE,
        nature=Nature.ASSESSED if judged is not None else Nature.REPORTED,
        says=move.says % values,
        sources=(source_of(row), *([_judged_source(row, judged)] if judged is not None else [])),
        as_of=judged.at if judged is not None else row.changed_at,
        author=_name(judged) if judged is not None else "",
        value=value,
        words={
            **named_outside(row.country, lambda there: move.plain % {**values, "place": there}),
            # A headline in whatever language tells an executive nothing; what a person judged has a title in our words.
            **(dict.fromkeys(BRIEF, move.plain % values) if judged is None and row.harm else {}),
        },
    )


def _forecast(row: Situation, made: Sequence[Assessment], period: Period) -> Fact | None:
    """The newest judgement of the period, as something that the future can prove right or wrong."""
    one = next((one for one in reversed(made) if period.holds(one.at)), None)
    if one is None:
        return None
    values = {
        "who": _name(one),
        "title": row.title.rstrip(" ."),
        "word": words.likely(one.probability),
        "share": words.percent(one.probability),
        "confidence": one.get_confidence_display(),
        "day": words.day(one.review_on),
    }
    later = {"day": day_outside(one.review_on, row.country), "at": day_outside(one.at, row.country)}
    plain = _("%(said)s, as our team judged (%(at)s). We look again by %(day)s.")
    says = _(
        "%(who)s judges “%(title)s”: %(word)s (%(share)s), with %(confidence)s confidence, and looks again by %(day)s."
    )
    return Fact(
        key=f"situation:{row.public_id}:forecast",
        topic=Topic.FORECAST,
        nature=Nature.ASSESSED,
        says=says % values,
        sources=(_judged_source(row, one),),
        as_of=one.at,
        author=_name(one),
        confidence=one.get_confidence_display(),
        value=Value(one.probability, "probability"),
        words=named_outside(
            row.country, lambda there: plain % {**later, "said": words.chance(row.harm, there, one.probability)}
        ),
    )
