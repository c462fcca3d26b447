"""Threat levels: how likely each kind of harm is in each country, how that moved, and what moved it.

Levels are open to all: they rest on what everybody of the team may read, and on nothing else.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from tocsin.lib import territories
from tocsin.lib.tlp import Tlp
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering import words
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.gathering.situations import source_of, tlp_of
from tocsin.situations.access import Levels, Situations, levels_for_all
from tocsin.situations.models import Situation, ThreatLevel

MOST = 300
_NAMED = 2

_Pair: TypeAlias = tuple[str, str]


def levels(period: Period, reader: Gatherer) -> Iterator[Fact]:
    """The level of each country and kind of harm as the period ends: of the world, or of what an exercise invented."""
    if reader.situation:
        return
    rows = _last(period, reader)
    courses = _courses(rows, period)
    named = {one for course in courses.values() for row in course for one in row.moved_by[:1]}
    named |= {one for row in rows for one in row.moved_by[:_NAMED]}
    behind = {one.public_id: one for one in Situations(Situation).filter(readers=0, public_id__in=named)}
    for row in rows:
        yield _fact(row, courses[row.country, row.harm], behind, period)


def _about(period: Period, reader: Gatherer) -> Levels:
    rows = levels_for_all().filter(at__lt=period.until)
    invented = Q(country__in=territories.INVENTED)
    rows = rows.filter(invented if reader.exercise else ~invented)
    if reader.places:
        rows = rows.filter(country__in=reader.places)
    return rows.filter(harm__in=reader.harms) if reader.harms else rows


def _last(period: Period, reader: Gatherer) -> list[ThreatLevel]:
    """Of each country and harm the level that stood when the period ended, the highest first; none at nought."""
    rows = _about(period, reader)
    newest = rows.filter(country=OuterRef("country"), harm=OuterRef("harm")).order_by("-at", "-pk")
    rows = rows.filter(probability__gt=0, pk=Subquery(newest.values("pk")[:1]))
    return list(rows.order_by("-probability", "country", "harm")[:MOST])


def _courses(rows: Sequence[ThreatLevel], period: Period) -> Mapping[_Pair, list[ThreatLevel]]:
    """The levels of these countries and harms in the period, oldest first, each with the one that it began with."""
    pairs = {(one.country, one.harm) for one in rows}
    about = levels_for_all().filter(country__in={one[0] for one in pairs}, harm__in={one[1] for one in pairs})
    before = about.filter(country=OuterRef("country"), harm=OuterRef("harm"), at__lt=period.since)
    first = before.order_by("-at", "-pk").values("pk")[:1]
    began = about.filter(at__lt=period.since).annotate(first=Subquery(first)).filter(pk=F("first"))
    found: dict[_Pair, list[ThreatLevel]] = defaultdict(list)
    for row in [*began, *about.filter(at__gte=period.since, at__lt=period.until).order_by("at", "pk")]:
        found[row.country, row.harm].append(row)
    return found


def _fact(
    row: ThreatLevel, course: Sequence[ThreatLevel], behind: Mapping[str, Situation], period: Period
) -> Fact:  # fmt: skip
    began = course[0].probability if course and course[0].at < period.since else 0.0
    values = {"harm": words.harm(row.harm), "place": words.place(row.country)}
    values |= {"word": words.likely(row.probability), "share": words.percent(row.probability)}
    says = _("The threat level for %(harm)s in %(place)s: %(word)s (%(share)s).") % values
    titles = [behind[one].title.rstrip(" .") for one in row.moved_by[:_NAMED] if one in behind]
    if titles:
        said = "; ".join(_("“%(title)s”") % {"title": one} for one in titles)
        says += " " + _("What moved it: %(titles)s.") % {"titles": said}
    says += " " + _("It is reckoned; no person has judged it yet.")
    # Whatever a number that is drawn rests on: when it is closed to somebody, so is the course.
    tops = dict.fromkeys(one for each in [row, *course] for one in each.moved_by[:1])
    rests = [behind[one] for one in dict.fromkeys([*tops, *row.moved_by[:_NAMED]]) if one in behind]
    url = f"/look/?country={row.country}"
    look = Source("look", row.country, _("What is known about %(place)s") % values, url, row.at)
    return Fact(
        key=f"level:{row.country}:{row.harm}",
        topic=Topic.SITUATION,
        nature=Nature.REPORTED,
        says=says,
        sources=(look, *(source_of(one) for one in rests)),
        as_of=row.at,
        tlp=max((Tlp.AMBER, *(tlp_of(one) for one in rests)), key=tuple(Tlp).index),
        value=Value(row.probability, "probability", before=began),
        places=(row.country,),
        harms=(row.harm,),
        rank=-1 + row.probability / 10,
        exercise=row.country in territories.INVENTED,
        course=tuple((_within(one.at, period), one.probability) for one in course),
    )


def _within(at: datetime, period: Period) -> datetime:
    return max(at, period.since)
