"""What facts rest on as it stands now: since it was gathered it may have been closed to readers, or made stricter."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tocsin.lib.tlp import Tlp
from tocsin.people.models import Person
from tocsin.people.roles import Role
from tocsin.reports.facts import Fact, Source
from tocsin.reports.gathering.period import Gatherer
from tocsin.responses.access import plans_for
from tocsin.responses.models import Missed, Plan
from tocsin.signals.models import Signal
from tocsin.situations.access import Situations
from tocsin.situations.models import MembershipEvent, Situation
from tocsin.streams import models as streams

_SITUATION, _PLAN, _MISSED, _SOURCE = frozenset({"situation", "assessment"}), "plan", "missed", "source"
_STRICT = tuple(Tlp)
_Key: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Row:
    """What a fact rests on now: each set of readers that it asks for, and whether it ended.

    ``withdrawn``: it was taken back, or is no longer there. ``closed`` are titles that it had, of texts that are for
    these readers alone by now.
    """

    readers: tuple[int, ...]
    tlp: Tlp
    over: bool = False
    withdrawn: bool = False
    closed: Mapping[str, int] = field(default_factory=dict)

    def asks(self, fact: Fact) -> tuple[int, ...]:
        """Each set of readers that this asks for of a fact."""
        said = (fact.says, *(one.title for one in fact.sources))
        return (*self.readers, *(who for title, who in self.closed.items() if any(title in one for one in said)))


# Who can still look into what is no longer there.
_GONE = _Row((int(Role.LEAD),), Tlp.RED, withdrawn=True)
_look: ContextVar[dict[tuple[_Key, frozenset[str]], _Row] | None] = ContextVar("look", default=None)


@contextmanager
def one_look() -> Iterator[None]:
    """Hold all facts of a page against the same moment: what they rest on is asked once. For reading alone.

    Never around what writes or sends: that must see what changed since.
    """
    if _look.get() is not None:
        yield
        return
    begun = _look.set({})
    try:
        yield
    finally:
        _look.reset(begun)


def as_now(facts: Iterable[Fact]) -> list[Fact]:
    """Facts under the stricter of two ceilings each: that under which they were gathered, and that of today."""
    given = list(facts)
    rows = _rows(given)
    return [_under(one, [rows[key] for key in _keys(one)]) for one in given]


def withdrawn(facts: Iterable[Fact]) -> frozenset[str]:
    """The keys of facts that rest on something that was taken back, or is no longer there."""
    given = list(facts)
    rows = _rows(given)
    return frozenset(one.key for one in given if any(rows[key].withdrawn for key in _keys(one)))


def hidden_from(person: Person, facts: Iterable[Fact]) -> frozenset[str]:
    """The keys of facts that somebody may not see as things stand now, wherever they stood before."""
    given = list(facts)
    rows = _rows(given)
    named = {name for kind, name in rows if kind == _PLAN}
    plans = set(plans_for(person).filter(public_id__in=named).values_list("public_id", flat=True))
    return frozenset(one.key for one in given if not _open_to(person, one, rows, plans))


def _open_to(person: Person, fact: Fact, rows: Mapping[_Key, _Row], plans: Collection[str]) -> bool:
    if fact.readers and not fact.readers & person.roles:
        return False
    for key in _keys(fact):
        if key[0] == _PLAN and not rows[key].withdrawn:
            if key[1] not in plans:
                return False
        elif not all(who == 0 or who & person.roles for who in rows[key].asks(fact)):
            return False
    return True


def over(facts: Iterable[Fact], reader: Gatherer) -> list[Fact]:
    """Those of which everything that they rest on ended, and may still be read: of them it can be said that it did."""
    given = list(facts)
    rows = _rows(given)
    return [one for one in given if _all_over(one, [rows[key] for key in _keys(one)], reader)]


def _all_over(fact: Fact, rows: Sequence[_Row], reader: Gatherer) -> bool:
    return bool(rows) and all(one.over and not one.withdrawn and reader.reads_all(*one.asks(fact)) for one in rows)


def _under(fact: Fact, rows: Sequence[_Row]) -> Fact:
    readers, tlp = fact.readers, fact.tlp
    for row in rows:
        tlp = max(tlp, row.tlp, key=_STRICT.index)
        for now in row.asks(fact):
            readers = (readers & now or now) if readers and now else readers or now
    return replace(fact, readers=readers, tlp=tlp) if (readers, tlp) != (fact.readers, fact.tlp) else fact


def _keys(fact: Fact) -> list[_Key]:
    return list(dict.fromkeys(key for one in fact.sources if (key := _key(one)) is not None))


def _key(source: Source) -> _Key | None:
    if source.kind in _SITUATION:
        return "situation", source.id.partition(":")[0]
    return (source.kind, source.id) if source.kind in {_PLAN, _MISSED, _SOURCE} else None


def _rows(facts: Sequence[Fact]) -> dict[_Key, _Row]:
    """Each row that one of the facts rests on, as it stands now, or stood when this look began."""
    words: dict[_Key, list[str]] = {}
    for one in facts:
        for key in _keys(one):
            words.setdefault(key, []).extend((one.says, *(each.title for each in one.sources)))
    said = {key: frozenset(each) for key, each in words.items()}
    if (held := _look.get()) is None:
        return _read(said)
    for key, row in _read({key: each for key, each in said.items() if (key, each) not in held}).items():
        held[key, said[key]] = row
    return {key: held[key, each] for key, each in said.items()}


def _read(said: Mapping[_Key, Collection[str]]) -> dict[_Key, _Row]:
    found: dict[_Key, _Row] = dict.fromkeys(said, _GONE)
    named: dict[str, set[str]] = {}
    for kind, name in said:
        named.setdefault(kind, set()).add(name)
    if "situation" in named:
        found |= _situations({name: words for (kind, name), words in said.items() if kind == "situation"})
    if _PLAN in named:
        for plan in Plan.objects.filter(public_id__in=named[_PLAN]).select_related("situation"):
            found[_PLAN, plan.public_id] = _plan(plan)
    if _MISSED in named:
        rows = Missed.objects.filter(public_id__in=named[_MISSED])
        for missed in rows.select_related("situation", "plan__situation"):
            found[_MISSED, missed.public_id] = _missed(missed)
    if _SOURCE in named:
        numbers = {int(name) for name in named[_SOURCE] if name.isdecimal()}
        for source in streams.Source.objects.filter(pk__in=numbers):
            found[_SOURCE, str(source.pk)] = _Row((source.readers,), Tlp.CLEAR)
    return found


def _situations(said: Mapping[str, Collection[str]]) -> dict[_Key, _Row]:
    """Situations by their public ids, beside what facts say of each."""
    rows = list(Situations(Situation).filter(public_id__in=list(said)))
    # A title of which a fact says nothing any more was another when the fact was gathered.
    renamed = [one for one in rows if any(one.title.rstrip(" .") not in words for words in said[one.public_id])]
    closed = _closed_titles(renamed)
    ended = {Situation.State.CLOSED, Situation.State.MERGED}
    return {
        ("situation", one.public_id): _Row(
            (one.readers,), _tlp(one), over=one.state in ended, closed=closed.get(one.pk, {})
        )
        for one in rows
    }


def _closed_titles(rows: Sequence[Situation]) -> dict[int, dict[str, int]]:
    """By situation, the titles of texts that stood in it and are for others by now, with for whom."""
    moved: dict[int, set[int]] = {}
    events = MembershipEvent.objects.filter(situation__in=rows)
    for number, signals in events.values_list("situation", "signals"):
        for signal, _before in signals:
            moved.setdefault(signal, set()).add(number)
    found: dict[int, dict[str, int]] = {}
    own = {one.pk: one.readers for one in rows}
    texts = Signal.objects.filter(pk__in=list(moved)).values_list("pk", "title", "readers", "item__readers")
    for signal, title, readers, items in texts:
        for number in moved[signal]:
            for who in {readers, items or 0} - {0, own[number]}:
                found.setdefault(number, {})[title.rstrip(" .")] = who
    return found


def _missed(row: Missed) -> _Row:
    parts = [_Row((row.situation.readers,), _tlp(row.situation))] if row.situation is not None else []
    parts += [_plan(row.plan)] if row.plan is not None else []
    readers = tuple(who for one in parts for who in one.readers)
    tlp = max((one.tlp for one in parts), key=_STRICT.index, default=Tlp.CLEAR)
    return _Row(readers, tlp, withdrawn=row.taken_back_at is not None)


def _plan(plan: Plan) -> _Row:
    about = plan.situation
    readers = (plan.readers, about.readers if about is not None else 0)
    if plan.privileged:
        # What became privileged is for counsel's eyes, whoever could read it before.
        return _Row((*readers, int(Role.COUNSEL)), Tlp.RED, over=plan.closed_at is not None)
    return _Row(readers, _tlp(about) if about is not None else Tlp.CLEAR, over=plan.closed_at is not None)


def _tlp(row: Situation) -> Tlp:
    return Tlp(row.tlp) if row.tlp in set(Tlp) else Tlp.RED
