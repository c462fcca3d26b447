"""Counts again what was counted when a draft was gathered: a number may hold what is for others by now."""

from collections.abc import Callable, Iterable, Mapping
from zoneinfo import ZoneInfo

from tocsin.reports import likelihoods, since_last
from tocsin.reports.audiences import AUDIENCES, why_not
from tocsin.reports.composing import Piece
from tocsin.reports.drafting import gathered_facts, reader_of
from tocsin.reports.drawing import draw
from tocsin.reports.facts import Fact
from tocsin.reports.gathering import alerts, levels, measures, people, responses
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.keeping import fact_in
from tocsin.reports.laying import facts_of, period_of
from tocsin.reports.models import Draft, Issue
from tocsin.reports.speaking import speaking
from tocsin.situations.models import Situation

_SINCE = "since-last:"
_DRAWN = {"table": "table", "map": "map", "figure": "chart"}
# What facts that are numbers of rows rest on, and which room counts them.
_ROOMS: Mapping[str, Callable[[Period, Gatherer], Iterable[Fact]]] = {
    "measure": measures.facts,
    "alerts": alerts.facts,
    "plans": responses.facts,
    "counts": people.facts,
    "look": levels.levels,
}


def moved(draft: Draft, keys: Iterable[str]) -> dict[str, Fact | None]:
    """Those of these facts that would be told otherwise if they were counted now, as they would be; None: not at all.

    Asks each room that one of them comes from; that may take a second, so no transaction waits for it.
    """
    known = facts_of(draft)
    counted = {key: known[key] for key in keys if key in known and _room(known[key])}
    rooms = {_room(one) for one in counted.values()}
    with speaking(draft.gathered.language):
        reader, period = reader_of(draft.report, draft.gathered.language), _period(draft)
        now = {one.key: one for room in sorted(rooms) for one in _ROOMS[room](period, reader) if _room(one) == room}
        now |= _since_last(draft, now, [key for key in counted if key.startswith(_SINCE)], reader)
    return {key: now.get(key) for key, one in counted.items() if _moved(one, now.get(key))}


def renewed(draft: Draft, found: Mapping[str, Fact | None]) -> list[Piece]:
    """The blocks of a draft in which these facts are told as they are counted now.

    A sentence that an editor worded stays as it is; ``draft`` knows the new facts already.
    """
    audience, old = AUDIENCES[draft.audience], {one["key"]: fact_in(one) for one in draft.gathered.facts}
    old |= {one.key: one for one in map(fact_in, draft.own_facts)}
    said: dict[tuple[str, ...], tuple[str, str]] = {
        (key,): (old[key].words.get(audience.key, old[key].says), now.words.get(audience.key, now.says))
        for key, now in found.items()
        if now is not None
    }
    may = [one for key, one in ({**old, **found}).items() if one is not None and why_not(one, audience) is None]
    untold = likelihoods.untold(may, audience, exercise=draft.report.exercise)
    may = [one for one in may if one.key not in untold]
    blocks: list[Piece] = []
    for piece in draft.blocks:
        if piece["kind"] in _DRAWN and set(piece["facts"]) & found.keys():
            with speaking(draft.language):
                again = draw(_DRAWN[piece["kind"]], piece["name"], may, period_of(draft), audience)
            blocks += [again] if again is not None else []
            continue
        if "sentences" in piece:
            piece = {**piece, "sentences": [_told(one, said) for one in piece["sentences"]]}
        blocks.append(piece)
    return blocks


def _told(kept: Piece, said: Mapping[tuple[str, ...], tuple[str, str]]) -> Piece:
    before, now = said.get(tuple(kept["facts"]), ("", ""))
    return {**kept, "text": now} if now and kept["text"] == before else kept


def _room(fact: Fact) -> str:
    return next((one.kind for one in fact.sources if one.kind in _ROOMS), "")


def _period(draft: Draft) -> Period:
    """The time for which it was gathered, in the zone of the report for which it was."""
    first = draft.gathered.drafts.select_related("report").order_by("pk").first() or draft
    zone = ZoneInfo(first.report.time_zone)
    return Period(draft.gathered.since.astimezone(zone), draft.gathered.until.astimezone(zone))


def _compared(draft: Draft) -> Issue | None:
    """The issue with which a draft, or the one that it corrects, was compared when it was laid out."""
    while draft.corrects is not None:
        draft = draft.corrects.draft
    rows = draft.report.issues.filter(released_at__lt=draft.made_at).select_related("draft__gathered")
    return rows.order_by("-number").first()


def _since_last(draft: Draft, now: Mapping[str, Fact], keys: Iterable[str], reader: Gatherer) -> dict[str, Fact]:
    wanted = set(keys)
    last = _compared(draft) if wanted else None
    if last is None:
        return {}
    before = since_last.by_key(gathered_facts(last.draft))
    base = {one.removeprefix(_SINCE) for one in wanted}
    told = since_last.changes(
        {key: one for key, one in before.items() if key in base}, {key: now[key] for key in base & now.keys()}, reader
    )
    return {one.key: one for one in told if one.key in wanted}


def _moved(old: Fact, now: Fact | None) -> bool:
    match _room(old):
        case "counts":
            # What was shown of a month never changes; whether its places are named may.
            return now is not None and _said(old) != _said(now)
        case "look":
            return _was_open(old) and (now is None or _amount(now) < _amount(old))
    return now is None or (_said(old), old.value) != (_said(now), now.value)


def _said(fact: Fact) -> tuple[str, dict[str, str]]:
    return fact.says, dict(fact.words)


def _amount(fact: Fact) -> float:
    return fact.value.amount if fact.value is not None else 0.0


def _was_open(level: Fact) -> bool:
    """Whether a threat level may rest on a situation that is for others by now. Levels fall every day without that."""
    about = Situation.objects.filter(country__in=level.places, harm__in=level.harms, first_at__lt=level.as_of)
    return about.exclude(readers=0).exclude(state=Situation.State.MERGED).exists()
