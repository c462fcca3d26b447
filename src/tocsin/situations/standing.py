"""Works out what a situation shows from its members and its newest assessment."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from math import isfinite

from django.db.models import QuerySet
from django.utils import timezone

from tocsin.analysis.taxonomy import harm as harm_type
from tocsin.lib import territories
from tocsin.lib.tlp import Tlp
from tocsin.signals.models import Signal
from tocsin.situations import known, levels
from tocsin.situations.credence import HARMS, RULE, Credence, Evidence, credence, impact, rank
from tocsin.situations.models import Assessment, Member, Situation

_TLP = [one.value for one in Tlp]
# A development of thousands of signals is described by its newest ones; its counts come from the database.
_LOOKED_AT = 500
_BESIDE = 20
_MOVED = 0.005
_NOTHING_LEFT = 0.08  # what is expected of anything
_AGREEMENT = 0.3  # share of the signals with a place that must name the same country


def refresh(situation: Situation) -> None:
    """Write anew everything that follows from the members and the newest assessment; in the caller's transaction."""
    members = Signal.objects.filter(pk__in=Member.objects.filter(situation=situation).values("signal"))
    seen = _newest(members)
    # An empty situation stands at what is expected of anything: that it was so is no news when signals come to it.
    before = situation.probability if situation.signals else None
    where = (situation.country, situation.harm)
    situation.signals = len(seen) if len(seen) < _LOOKED_AT else members.count()
    if seen:
        _describe(situation, seen)
    elif situation.state != Situation.State.MERGED:
        situation.state = Situation.State.CLOSED
        situation.independent = 0
        if not situation.title_by_person:
            # The texts that the title came from have expired or left.
            situation.title = plain_title(situation)
    _judge(situation, seen)
    if before is None:
        situation.probability_before = None
    elif seen and abs(situation.probability - before) >= 0.005:
        situation.probability_before = before
    situation.changed_at = timezone.now()
    situation.save()
    for country, harm in {where, (situation.country, situation.harm)}:
        levels.refresh(country, harm)


def _newest(members: QuerySet[Signal]) -> list[Signal]:
    rows = members.order_by("-at", "-pk").select_related("finding", "item__source")
    heavy = ("terms", "why", "summary", "item__text", "item__original", "item__facts", "item__source__memory")
    return list(rows.defer(*heavy)[:_LOOKED_AT])


def _describe(situation: Situation, seen: list[Signal]) -> None:
    texts = [one for one in seen if one.finding_id is None]
    situation.country = _country(seen, situation.country)
    situation.harm = _gravest_common(seen)
    situation.our_link = any(one.our_link for one in seen)
    situation.first_at = min([one.at for one in seen])
    situation.last_at = max(_latest(one) for one in seen)
    situation.tlp = max((one.tlp for one in seen), key=lambda tlp: _TLP.index(tlp) if tlp in _TLP else 0)
    situation.exercise = any(one.exercise for one in seen)
    situation.independent = len(independent(texts)) + len({one.origin for one in seen if one.finding_id is not None})
    if situation.state == Situation.State.CLOSED:
        situation.state = Situation.State.OPEN
    if not situation.title_by_person:
        best = min(texts or seen, key=lambda one: (one.copy_of_id is not None, one.reliability, one.at, one.pk))
        situation.title = best.title


def refresh_beside(countries: Iterable[str], but: Collection[int]) -> None:
    """Judge anew the other open situations about access in these countries, for what was measured or ordered there
    speaks of them as well; in the caller's transaction."""
    beside = Situation.objects.filter(state=Situation.State.OPEN, country__in=set(countries) - {""}, harm__in=HARMS)
    for number in beside.exclude(pk__in=but).order_by("-rank", "pk").values_list("pk", flat=True)[:_BESIDE]:
        situation = Situation.objects.select_for_update().get(pk=number)
        before = situation.suggested
        members = Signal.objects.filter(pk__in=Member.objects.filter(situation=situation).values("signal"))
        suggested = _suggested(situation, _newest(members))
        if suggested is not None and (before is None or abs(suggested.probability - before) >= _MOVED):
            refresh(situation)


def _judge(situation: Situation, seen: list[Signal]) -> None:
    suggested = _suggested(situation, seen)
    situation.suggested = suggested.probability if suggested is not None else None
    situation.rivals = suggested.rivals if suggested is not None else []
    assessed = Assessment.objects.filter(situation=situation).order_by("-version").first()
    if assessed is not None:
        situation.probability, situation.impact = assessed.probability, assessed.impact
        situation.probability_rule, situation.reasons = "", []
    else:
        situation.probability = suggested.probability if suggested is not None else _NOTHING_LEFT
        situation.reasons = list(suggested.reasons) if suggested is not None else []
        situation.impact = impact(situation.harm, situation.our_link)
        situation.probability_rule = RULE
    situation.rank = rank(situation.probability, situation.impact, situation.our_link)


def _suggested(situation: Situation, seen: list[Signal]) -> Credence | None:
    """What the rule says; None when no signal is left to judge from."""
    if not seen:
        return None
    window = known.window(
        seen,
        country=situation.country,
        harm=situation.harm,
        readers=situation.readers,
        exercise=situation.exercise,
    )
    return credence(situation.harm, window, evidence_of(seen))


def evidence_of(seen: Iterable[Signal]) -> Evidence:
    """What the members amount to: one voice for each independent masthead, one score for each network."""
    rows = list(seen)
    scores: dict[str, float] = {}
    for one in rows:
        if one.finding is not None and isfinite(one.finding.score):
            scores[one.origin] = max(scores.get(one.origin, 0.0), one.finding.score)
    texts = [one for one in rows if one.finding is None]
    return Evidence(
        reliabilities=tuple(one.reliability for one in independent(texts)),
        scores=tuple(scores.values()),
        copies=sum(one.copy_of_id is not None for one in texts),
    )


def independent(texts: Iterable[Signal]) -> list[Signal]:
    """The best text of each masthead, of equals the first in time, copies left out: who says so of their own accord."""
    best: dict[str, Signal] = {}
    for one in sorted(texts, key=lambda text: (text.reliability, text.at, text.pk)):
        if one.copy_of_id is None:
            best.setdefault(one.origin, one)
    return list(best.values())


def _country(seen: list[Signal], before: str) -> str:
    """Where it happens: the country that most name, unless so few agree that naming it would be a guess."""
    counts = Counter(one.country for one in seen if one.country)
    if not counts:
        return before
    country, agree = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return country if agree >= _AGREEMENT * counts.total() else ""


def _gravest_common(seen: list[Signal]) -> str:
    """The kind of harm that most speak of; of equals, the one that endangers people most."""
    counts = Counter(one.harm for one in seen if one.harm)
    if not counts:
        return ""
    return max(counts, key=lambda key: (counts[key], _endangers(key), key))


def _endangers(key: str) -> float:
    return harm_type(key).endangers


def _latest(signal: Signal) -> datetime:
    return signal.finding.seen_at if signal.finding is not None else signal.at


def plain_title(situation: Situation) -> str:
    """What a situation is called without a word of its texts: its kind of harm and its country."""
    words = harm_type(situation.harm).title if situation.harm else "Development"
    return f"{words} in {territories.name(situation.country)}" if situation.country else words
