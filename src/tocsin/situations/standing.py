"""Works out what a situation shows from its members and its newest assessment."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from math import isfinite
from typing import Any

from django.utils import timezone

from tocsin.analysis.fusion.origins import best, heard, instrument, voices
from tocsin.analysis.taxonomy import harm as harm_type
from tocsin.lib.tlp import Tlp
from tocsin.signals.models import Signal
from tocsin.situations import known, levels, membership
from tocsin.situations.credence import HARMS, RULE, Credence, Evidence, credence, impact, rank, turn_rows
from tocsin.situations.models import Assessment, Member, Situation
from tocsin.situations.newest import counted, newest, newest_live
from tocsin.situations.titling import RULE as TITLING
from tocsin.situations.titling import Title, choose, emptied

_TLP = [one.value for one in Tlp]
_BESIDE = 20
_MOVED = 0.005
_NOTHING_LEFT = 0.08  # what is expected of anything
_AGREEMENT = 0.3  # share of the signals with a place that must name the same country


def refresh(situation: Situation) -> None:
    """Write anew everything that follows from the members and the newest assessment; in the caller's transaction."""
    refresh_all([situation])


def refresh_all(situations: Collection[Situation]) -> None:
    """The same of many at once: a flood of texts costs as many reads and writes as it has batches, not texts."""
    counts = dict.fromkeys((one.pk for one in situations), 0) | counted([one.pk for one in situations])
    seen, assessed = newest(counts), _assessed(counts)
    moved: set[tuple[str, str]] = set()
    now = timezone.now()
    for situation in situations:
        moved.add((situation.country, situation.harm))
        _write(situation, seen[situation.pk], counts[situation.pk], assessed.get(situation.pk))
        situation.changed_at = now
        moved.add((situation.country, situation.harm))
    if len(situations) == 1:
        for situation in situations:
            situation.save()
    else:
        fields = [field.name for field in Situation._meta.concrete_fields if not field.primary_key]
        Situation.objects.bulk_create(situations, update_conflicts=True, unique_fields=["pk"], update_fields=fields)
    levels.refresh_all(moved)


def _write(situation: Situation, seen: list[Signal], count: int, assessed: Assessment | None) -> None:
    # An empty situation stands at what is expected of anything: that it was so is no news when signals come to it.
    before = situation.probability if situation.signals else None
    situation.signals = count
    if seen:
        _describe(situation, seen)
        if not situation.title_by_person and (title := choose(situation, seen, _terms)) is not None:
            _call(situation, title, logged=before is not None)
    elif situation.state != Situation.State.MERGED:
        situation.state = Situation.State.CLOSED
        situation.independent = 0
        if not situation.title_by_person:
            # The texts that the title came from have expired or left.
            _call(situation, emptied(situation), logged=before is not None)
    _judge(situation, seen, assessed)
    if before is None:
        situation.probability_before = None
    elif seen and abs(situation.probability - before) >= 0.005:
        situation.probability_before = before


def _assessed(situations: Collection[int]) -> dict[int, Assessment]:
    """The newest assessment of each that has one."""
    rows = Assessment.objects.filter(situation__in=situations).order_by("version")
    return {one.situation_id: one for one in rows}


def wake(situation: Situation) -> None:
    """Something new came to a situation that rests: it is open again, for lists, levels and alerts; ``refresh`` saves
    it."""
    if situation.state == Situation.State.QUIET:
        situation.state = Situation.State.OPEN


def wake_all(situations: Collection[int]) -> None:
    """The same of many rows, at once."""
    resting = Situation.objects.filter(pk__in=situations, state=Situation.State.QUIET)
    resting.update(state=Situation.State.OPEN)


def _newest(situation: Situation) -> list[Signal]:
    return newest(counted([situation.pk])).get(situation.pk, [])


def _describe(situation: Situation, seen: list[Signal]) -> None:
    situation.country = _country(seen, situation.country)
    situation.harm = _gravest_common(seen)
    situation.our_link = any(one.our_link for one in seen)
    situation.first_at = min([one.at for one in seen])
    situation.last_at = max(_latest(one) for one in seen)
    situation.tlp = max((one.tlp for one in seen), key=lambda tlp: _TLP.index(tlp) if tlp in _TLP else 0)
    situation.exercise = any(one.exercise for one in seen)
    situation.independent = _heard(seen)
    if situation.state == Situation.State.CLOSED:
        situation.state = Situation.State.OPEN


def _call(situation: Situation, title: Title, *, logged: bool) -> None:
    """Give it this title; with a line in the log where it had another."""
    other = situation.title != title.words
    situation.title, situation.title_facts = title.words, title.facts
    if logged and other:
        membership.entitled(situation, rule=TITLING, reason=title.why)


def _terms(numbers: Collection[int]) -> dict[int, list[Any]]:
    return dict(Signal.objects.filter(pk__in=numbers).values_list("pk", "terms"))


def refresh_beside(countries: Iterable[str], but: Collection[int]) -> None:
    """Judge anew the other open situations about access in these countries, for what was measured or ordered there
    speaks of them as well; in the caller's transaction."""
    beside = Situation.objects.filter(state=Situation.State.OPEN, country__in=set(countries) - {""}, harm__in=HARMS)
    for number in beside.exclude(pk__in=but).order_by("-rank", "pk").values_list("pk", flat=True)[:_BESIDE]:
        situation = Situation.objects.select_for_update().get(pk=number)
        before = situation.suggested
        suggested = _suggested(situation, _newest(situation))
        if suggested is not None and (before is None or abs(suggested.probability - before) >= _MOVED):
            refresh(situation)


def _judge(situation: Situation, seen: list[Signal], assessed: Assessment | None) -> None:
    suggested = _suggested(situation, seen)
    situation.suggested = suggested.probability if suggested is not None else None
    situation.rivals = suggested.rivals if suggested is not None else []
    situation.turns = turn_rows(suggested.next) if suggested is not None else []
    if assessed is not None:
        situation.probability, situation.impact = assessed.probability, assessed.impact
        situation.probability_rule, situation.reasons = "", []
    else:
        situation.probability = suggested.probability if suggested is not None else _NOTHING_LEFT
        situation.reasons = list(suggested.reasons) if suggested is not None else []
        situation.impact = impact(situation.harm, situation.our_link)
        situation.probability_rule = RULE
    situation.rank = rank(situation.probability, situation.impact, situation.our_link)


def live(situation: Situation) -> tuple[float, int]:
    """How likely it is, and how many independent voices it has, by what came as it happened alone.

    What a replay of the past found is left out. A person's judgement stands as it is.
    """
    members = Member.objects.filter(situation=situation)
    if not members.filter(signal__replayed=True).exists():
        return situation.probability, situation.independent
    seen = newest_live(situation.pk)
    if not situation.probability_rule:
        return situation.probability, _heard(seen)
    suggested = _suggested(situation, seen, live=True)
    return min(situation.probability, suggested.probability if suggested is not None else 0.0), _heard(seen)


def _suggested(situation: Situation, seen: list[Signal], *, live: bool = False) -> Credence | None:
    """What the rule says; None when no signal is left to judge from."""
    if not seen:
        return None
    window = known.window(
        seen,
        country=situation.country,
        harm=situation.harm,
        readers=situation.readers,
        exercise=situation.exercise,
        live=live,
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
    """The best text of each independent masthead, as fusion counts them: who says so of their own accord."""
    known_as = {known.name(one): one for one in texts}
    return [known_as[one.source] for one in best(known.told(one, one.harm) for one in known_as.values())]


def _heard(seen: Iterable[Signal]) -> int:
    """How many independent origins these come from, as fusion counts them."""
    rows = list(seen)
    texts = voices(known.told(one, one.harm) for one in rows if one.finding_id is None)
    findings = (found for one in rows if (found := known.measured(one)) is not None)
    return heard([*texts.values(), *map(instrument, findings)])


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
