"""What facts rest on as it stands now: since it was gathered it may have been closed to readers, or made stricter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tocsin.lib.tlp import Tlp
from tocsin.people.roles import Role
from tocsin.reports.facts import Fact, Source
from tocsin.reports.gathering.period import Gatherer
from tocsin.responses.models import Plan
from tocsin.situations.models import Situation

_SITUATION, _PLAN = frozenset({"situation", "assessment"}), "plan"
_STRICT = tuple(Tlp)


@dataclass(frozen=True, slots=True)
class _Row:
    """A situation or a plan now: each set of readers that it asks for, and whether it ended."""

    readers: tuple[int, ...]
    tlp: Tlp
    over: bool


def as_now(facts: Iterable[Fact]) -> list[Fact]:
    """Facts under the stricter of two ceilings each: that under which they were gathered, and that of today."""
    given = list(facts)
    rows = _rows(given)
    return [_under(one, [rows[key] for key in _keys(one) if key in rows]) for one in given]


def over(facts: Iterable[Fact], reader: Gatherer) -> list[Fact]:
    """Those of which everything that they rest on ended, and may still be read: of them it can be said that it did."""
    given = list(facts)
    rows = _rows(given)
    return [one for one in given if _all_over([rows.get(key) for key in _keys(one)], reader)]


def _all_over(rows: Sequence[_Row | None], reader: Gatherer) -> bool:
    return bool(rows) and all(one is not None and one.over and reader.reads_all(*one.readers) for one in rows)


def _under(fact: Fact, rows: Sequence[_Row]) -> Fact:
    readers, tlp = fact.readers, fact.tlp
    for row in rows:
        tlp = max(tlp, row.tlp, key=_STRICT.index)
        for now in row.readers:
            readers = (readers & now or now) if readers and now else readers or now
    return replace(fact, readers=readers, tlp=tlp) if (readers, tlp) != (fact.readers, fact.tlp) else fact


def _keys(fact: Fact) -> list[tuple[str, str]]:
    return list(dict.fromkeys(key for one in fact.sources if (key := _key(one)) is not None))


def _key(source: Source) -> tuple[str, str] | None:
    if source.kind in _SITUATION:
        return "situation", source.id.partition(":")[0]
    return (_PLAN, source.id) if source.kind == _PLAN else None


def _rows(facts: Iterable[Fact]) -> dict[tuple[str, str], _Row]:
    keys = {key for one in facts for key in _keys(one)}
    found: dict[tuple[str, str], _Row] = {}
    named = {name for kind, name in keys if kind == "situation"}
    for one in Situation.objects.filter(public_id__in=named) if named else ():
        ended = one.state in {Situation.State.CLOSED, Situation.State.MERGED}
        found["situation", one.public_id] = _Row((one.readers,), _tlp(one), ended)
    named = {name for kind, name in keys if kind == _PLAN}
    for plan in Plan.objects.filter(public_id__in=named).select_related("situation") if named else ():
        found[_PLAN, plan.public_id] = _plan(plan)
    return found


def _plan(plan: Plan) -> _Row:
    about = plan.situation
    readers = (plan.readers, about.readers if about is not None else 0)
    if plan.privileged:
        # What became privileged is for counsel's eyes, whoever could read it before.
        return _Row((*readers, int(Role.COUNSEL)), Tlp.RED, plan.closed_at is not None)
    return _Row(readers, _tlp(about) if about is not None else Tlp.CLEAR, plan.closed_at is not None)


def _tlp(row: Situation) -> Tlp:
    return Tlp(row.tlp) if row.tlp in set(Tlp) else Tlp.RED
