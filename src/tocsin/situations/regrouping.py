"""Sets right what was grouped too early: later texts show which earlier ones tell of the same, and which do not.

Only the machine's own work is touched. What a person judged, named, moved or was called about stays as it is.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tocsin.alerts.models import Alert
from tocsin.analysis.text.stories import Part
from tocsin.audit.models import Entry
from tocsin.signals.models import Signal
from tocsin.situations import beside, membership
from tocsin.situations.models import Assessment, Member, MembershipEvent, Situation, Subscription
from tocsin.situations.reasons import Joined
from tocsin.situations.standing import wake

RULE = "regrouping/1"
Verb = MembershipEvent.Verb
# Given a situation and those close to it, how their texts fall together anew.
Regroup = Callable[[int, Collection[int]], Collection[Part]]
# Texts, and the situation that they went to.
Told = Callable[[Collection[int], int], None]


def regroup(stirred: dict[int, set[int]], parts_of: Regroup, moved: Told) -> set[int]:
    """Regroup each situation that took a text with those that were close to it; in the caller's transaction.

    With each move ``moved`` lets whoever answers ``parts_of`` know: the next ones must not rest on what was. Rows are
    written once, at the end. Gives the situations whose texts changed, for the caller to refresh.
    """
    membership.take_turn()
    free = _free({number for one, close in stirred.items() for number in (one, *close)})
    stand = _Standing(moved)
    changed: set[int] = set()
    for number, close in stirred.items():
        if number in free and (parts := parts_of(number, sorted(close & free))):
            changed |= stand.apply(parts)
            free -= stand.merged
    stand.write()
    return changed


def _free(numbers: Collection[int]) -> set[int]:
    """Those of these situations that no person has put a hand to, and that nothing rests on."""
    rows = Situation.objects.filter(pk__in=numbers, title_by_person=False)
    rows = rows.filter(state__in=[Situation.State.OPEN, Situation.State.QUIET])
    names = dict(rows.values_list("pk", "public_id"))
    held = set(Assessment.objects.filter(situation__in=names).values_list("situation_id", flat=True))
    held |= set(Member.objects.filter(situation__in=names, by_person=True).values_list("situation_id", flat=True))
    parted = MembershipEvent.objects.filter(other__in=names, by__isnull=False)
    held |= set(parted.values_list("other_id", flat=True))
    acts = {f"situation:{pk}": pk for pk in names}
    held |= {acts[target] for target in Entry.objects.filter(target__in=acts).values_list("target", flat=True)}
    keys = {f"situation:{public_id}": pk for pk, public_id in names.items()}
    for told in (
        Alert.objects.filter(dedupe__in=keys).values_list("dedupe", flat=True),
        Subscription.objects.filter(topic__in=keys).values_list("topic", flat=True),
    ):
        held |= {keys[key] for key in told}
    return names.keys() - held - beside.held(names.keys() - held)


@dataclass(slots=True)
class _Standing:
    """The situations that parts are about as they stand now, and what each holds; kept true while texts are moved.

    Each is read when it is first asked for: nobody else moves texts while it is our turn.
    """

    moved: Told
    rows: dict[int, Situation] = field(default_factory=dict)
    holds: dict[int, set[int]] = field(default_factory=dict)
    texts: set[int] = field(default_factory=set)
    papers: set[int] = field(default_factory=set)
    merged: set[int] = field(default_factory=set)
    _known: set[int] = field(default_factory=set)
    _changed: dict[int, Situation] = field(default_factory=dict)
    _homes: dict[int, int] = field(default_factory=dict)
    _moves: list[membership.Moving] = field(default_factory=list)

    def apply(self, parts: Collection[Part]) -> set[int]:
        """Move each text that stands elsewhere than its part; whole situations go with all that they hold. Gives the
        situations that this touched."""
        touched: set[int] = set()
        self._read(parts)
        for part in parts:
            origins = self._origins(part)
            if not origins:
                continue
            to = part.group
            if to is None or to not in self.rows:
                to = self._begin(set().union(*origins.values()))
            if any(self.rows[one].state == Situation.State.OPEN for one in origins):
                # What is open must not rest because it went into something that did: alerts and levels would lose it.
                self._wake(to)
            for origin, ids in origins.items():
                if origin != to:
                    touched |= {origin, to}
                    self._move(ids, origin, to, new=part.group is None)
        return touched

    def write(self) -> None:
        """Write everything that was moved, in the order in which it was."""
        if self._changed:
            Situation.objects.bulk_update(self._changed.values(), ["state", "merged_into"], batch_size=200)
        if self._moves:
            membership.move_all(self._moves, RULE)

    def _read(self, parts: Collection[Part]) -> None:
        strange = {one for part in parts for one in part.entries} - self._homes.keys()
        found = Member.objects.filter(signal__in=strange).values_list("situation_id", flat=True) if strange else ()
        numbers = {one for one in found if one is not None} | {part.group for part in parts if part.group is not None}
        numbers -= self._known
        if not numbers:
            return
        self._known |= numbers
        rows = Situation.objects.exclude(state=Situation.State.MERGED).in_bulk(numbers)
        self.rows |= rows
        self.holds |= {number: set() for number in rows}
        known = Member.objects.filter(situation__in=rows)
        told = known.values_list("signal_id", "situation_id", "signal__finding_id", "signal__item__source__kind")
        for signal, number, finding, kind in told:
            if number is None:
                continue
            self.holds[number].add(signal)
            self._homes[signal] = number
            if finding is None:
                self.texts.add(signal)
            if kind == "documents":
                self.papers.add(signal)

    def _origins(self, part: Part) -> dict[int, set[int]]:
        """The texts of a part by the situation that holds them; what left meanwhile is left alone.

        Reports on countries share so many words that pairs of them tell nothing.
        """
        found: dict[int, set[int]] = {}
        for one in set(part.entries) - self.papers:
            if one in self._homes:
                found.setdefault(self._homes[one], set()).add(one)
        return dict(sorted(found.items()))

    def _begin(self, ids: Collection[int]) -> int:
        first = Signal.objects.filter(pk__in=ids).order_by("at", "pk")[0]
        row = membership.begin(first)
        self.rows[row.pk] = row
        self.holds[row.pk] = set()
        self._known.add(row.pk)
        return row.pk

    def _wake(self, number: int) -> None:
        row = self.rows[number]
        if row.state == Situation.State.QUIET:
            wake(row)
            self._changed[number] = row

    def _move(self, ids: set[int], origin: int, to: int, *, new: bool) -> None:
        """Move texts; where nothing but measurements would stay behind, they go too: they confirm what the texts say,
        wherever it is told."""
        held, verb, into, row = self.holds[origin], Verb.SPLIT, self.rows[to], self.rows[origin]
        if not new and not (held & self.texts) - ids:
            verb, ids = Verb.MERGE, set(held)
            del self.rows[origin]
            self.merged.add(origin)
            row.state, row.merged_into = Situation.State.MERGED, into
            self._changed[origin] = row
        self._moves.append(membership.Moving(verb, tuple(sorted(ids)), origin, into, row, Joined.TOGETHER.value))
        self.holds[origin] = held - ids
        self.holds[to] |= ids
        self._homes |= dict.fromkeys(ids, to)
        self.moved(sorted(ids), to)
