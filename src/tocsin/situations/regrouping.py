"""Sets right what was grouped too early: later texts show which earlier ones tell of the same, and which do not.

Only the machine's own work is touched. What a person judged, named, moved or was called about stays as it is.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

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


def regroup(stirred: dict[int, set[int]], parts_of: Regroup, follow: Callable[[], None]) -> set[int]:
    """Regroup each situation that took a text with those that were close to it; in the caller's transaction.

    After each move ``follow`` lets whoever answers ``parts_of`` know: the next ones must not rest on what was. Gives
    the situations whose texts changed, for the caller to refresh.
    """
    membership.take_turn()
    free = _free({number for one, close in stirred.items() for number in (one, *close)})
    changed: set[int] = set()
    for number, close in stirred.items():
        if number in free and (touched := _apply(parts_of(number, sorted(close & free)))):
            changed |= touched
            free -= set(_merged(free))
            follow()
    return changed


def _merged(numbers: Collection[int]) -> Iterable[int]:
    rows = Situation.objects.filter(pk__in=numbers, state=Situation.State.MERGED)
    return rows.values_list("pk", flat=True)


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
    """The situations that parts are about as they stand now, and what each holds; kept true while texts are moved."""

    rows: dict[int, Situation]
    holds: dict[int, set[int]]
    texts: set[int]
    papers: set[int]

    def origins(self, part: Part) -> dict[int, set[int]]:
        """The texts of a part by the situation that holds them; what left meanwhile is left alone.

        Reports on countries share so many words that pairs of them tell nothing.
        """
        wanted = set(part.entries) - self.papers
        return {number: held & wanted for number, held in sorted(self.holds.items()) if held & wanted}

    def move(self, ids: set[int], origin: int, to: int, *, new: bool) -> None:
        """Move texts; where nothing but measurements would stay behind, they go too: they confirm what the texts say,
        wherever it is told."""
        held, verb, into = self.holds[origin], Verb.SPLIT, self.rows[to]
        if not new and not (held & self.texts) - ids:
            verb, ids = Verb.MERGE, set(held)
            row = self.rows.pop(origin)
            row.state, row.merged_into = Situation.State.MERGED, into
            row.save(update_fields=["state", "merged_into"])
        else:
            row = self.rows[origin]
        membership.move(verb, sorted(ids), into, log_in=into, other=row, rule=RULE, reason=Joined.TOGETHER.value)
        self.holds[origin] = held - ids
        self.holds.setdefault(to, set()).update(ids)


def _stand(parts: Collection[Part]) -> _Standing:
    members = Member.objects.filter(signal__in=[one for part in parts for one in part.entries])
    numbers = set(members.values_list("situation_id", flat=True)) | {part.group for part in parts}
    rows = Situation.objects.exclude(state=Situation.State.MERGED).in_bulk(numbers - {None})
    stand = _Standing(rows, {number: set() for number in rows}, set(), set())
    known = Member.objects.filter(situation__in=rows)
    told = known.values_list("signal_id", "situation_id", "signal__finding_id", "signal__item__source__kind")
    for signal, number, finding, kind in told:
        stand.holds[number].add(signal)
        if finding is None:
            stand.texts.add(signal)
        if kind == "documents":
            stand.papers.add(signal)
    return stand


def _apply(parts: Collection[Part]) -> set[int]:
    """Move each text that stands elsewhere than its part; whole situations go with all that they hold. Gives the
    situations that this touched."""
    touched: set[int] = set()
    stand = _stand(parts) if parts else None
    for part in parts:
        origins = stand.origins(part) if stand is not None else {}
        if stand is None or not origins:
            continue
        to = part.group
        if to is None or to not in stand.rows:
            first = Signal.objects.filter(pk__in=set().union(*origins.values())).order_by("at", "pk")[0]
            row = membership.begin(first)
            to, stand.rows[row.pk] = row.pk, row
        if any(stand.rows[one].state == Situation.State.OPEN for one in origins):
            # What is open must not rest because it went into something that did: alerts and levels would lose it.
            wake(stand.rows[to])
            stand.rows[to].save(update_fields=["state"])
        for origin, ids in origins.items():
            if origin != to:
                touched |= {origin, to}
                stand.move(ids, origin, to, new=part.group is None)
    return touched
