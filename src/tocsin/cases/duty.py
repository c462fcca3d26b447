"""Who is on duty and who can open the duty sheet: kept the same, in the sessions of those who work on the case.

The worker holds no key, so a rota that changes changes nothing by itself. Whoever decides who is in the case, and opens
a page of it, wraps the sheet for those who are on duty next and takes it from those who no longer are. What could not
be mended is said ahead.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from tocsin.alerts import clock
from tocsin.alerts.models import Target
from tocsin.cases.checkins import called_by, policy_of
from tocsin.cases.entries import Entry, body, entries, first, of
from tocsin.cases.kinds.course import About
from tocsin.cases.kinds.safety import CheckIn, DutySheet, Eligible
from tocsin.cases.roles import OPENS
from tocsin.keys import safes
from tocsin.keys.expiring import NotLastingError
from tocsin.keys.safes import ChangedError, LastHolderError, NotInError, OpenSafe
from tocsin.keys.vaults import UnverifiedError
from tocsin.oncall.duty import Roster
from tocsin.people.models import Person

AHEAD = timedelta(days=28)
# Who went off duty keeps the sheet for a day: what began in their hours may not be over.
BEHIND = timedelta(days=1)


class Why(StrEnum):
    """Whether somebody opens the sheet, or why they don't."""

    OPENS = "opens"
    NO_KEYS = "no_keys"
    COMPARE = "compare"
    LEFT_OUT = "left_out"
    KEPT_OUT = "kept_out"


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody's time on duty."""

    person: Person
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which nobody on duty can open the sheet; ``people`` are on duty then."""

    since: datetime
    until: datetime
    people: tuple[Person, ...]


class Rolls:
    """Who is on duty under each policy, each read once for a request."""

    def __init__(self) -> None:
        self.at = clock.now()
        self._turns: dict[int, list[Turn]] = {}

    def turns(self, policy: str) -> list[Turn]:
        """Everybody's turns under a policy from yesterday to four weeks ahead, in order.

        A policy without a rota has those whom it would call, for all of that time.
        """
        row = policy_of(policy)
        if row.pk not in self._turns:
            since, until = self.at - BEHIND, self.at + AHEAD
            targets = Target.objects.filter(policy=row, rota__isnull=False).select_related("rota")
            rotas = {one.rota.pk: one.rota for one in targets if one.rota is not None}
            roster = Roster.load(list(rotas.values()))
            shifts = [one for rota in rotas.values() for one in roster.shifts(rota, since, until, life=True)]
            found = [Turn(one.person, one.since, one.until) for one in shifts]
            if not rotas:
                called = Person.objects.filter(pk__in=called_by(row)).order_by("pk")
                found = [Turn(one, since, until) for one in called]
            self._turns[row.pk] = sorted(found, key=lambda one: (one.since, one.person.pk))
        return self._turns[row.pk]

    def of(self, found: Sequence[Entry]) -> list[Turn]:
        """The turns under every policy that silence in this case would call; where none would, under the usual one."""
        named = {one.policy for _entry, one in of(found, CheckIn) if one.is_open} or {""}
        turns = [turn for policy in sorted(named) for turn in self.turns(policy)]
        return sorted(turns, key=lambda one: (one.since, one.person.pk))


def rule(found: Sequence[Entry], safe: OpenSafe) -> Eligible:
    """What an owner decided; before that, whoever is in it for duty was let in by hand."""
    _entry, standing = first(found, Eligible)
    return standing or Eligible(by_hand=tuple(sorted(_on_it(safe))))


def _on_it(safe: OpenSafe) -> set[int]:
    return {number for number, one in safe.head.members.items() if one.role == "duty"}


def why(safe: OpenSafe, person: int) -> Why:
    """Whether somebody opens the sheet of this case, or why this vault can't let them."""
    if person in safe.head.holders("duty"):
        return Why.OPENS
    if person in safe.head.barred:
        return Why.KEPT_OUT
    keys = safe.vault.directory.now(person)
    if keys is None:
        return Why.NO_KEYS
    if not safe.vault.trusts(keys):
        return Why.COMPARE
    return Why.LEFT_OUT


def needed(found: Sequence[Entry]) -> bool:
    """Whether anybody could be called to this case at night: it is open, and has a sheet or waits for somebody."""
    _entry, about = first(found, About)
    if about is not None and about.state == "closed":
        return False
    return first(found, DutySheet)[0] is not None or any(one.is_open for _entry, one in of(found, CheckIn))


def _moves(safe: OpenSafe, found: Sequence[Entry], rolls: Rolls) -> tuple[list[int], list[int]]:
    """Whom the rota lets in, and whom it puts out, as far as this vault can."""
    decided = rule(found, safe)
    if not decided.follows:
        return [], []
    eligible = {one.person.pk for one in rolls.of(found) if one.person.is_active}
    wanted = eligible - set(decided.left_out) - safe.head.members.keys()
    fresh = [one for one in sorted(wanted) if why(safe, one) is Why.LEFT_OUT]
    return fresh, sorted(_on_it(safe) - eligible - set(decided.by_hand))


def leaving(safe: OpenSafe, found: Sequence[Entry], rolls: Rolls) -> list[int]:
    """Who is no longer on the rota and still opens the sheet, since new keys could not be made."""
    return _moves(safe, found, rolls)[1] if needed(found) else []


def decides(safe: OpenSafe) -> bool:
    """Whether this person may let others in: they hold every part of the case, and for good."""
    return safe.head.epochs.keys() <= set(safe.me.compartments) and not safe.me.until


def follow(safe: OpenSafe, found: Sequence[Entry], rolls: Rolls) -> bool:
    """Let the sheet follow the rota, if this person may; True when its keys changed. What can't be done now waits."""
    if not decides(safe) or not needed(found):
        return False
    come, go = _moves(safe, found, rolls)
    return any([_done(safe, come, _let_in), _done(safe, go, _put_out)])


def _done(safe: OpenSafe, people: Sequence[int], act: Callable[[OpenSafe, Sequence[int]], None]) -> bool:
    if not people:
        return False
    try:
        safes.changing(safe.vault, safe.id, lambda one: act(one, people))
    except (UnverifiedError, LastHolderError, NotLastingError, NotInError, ChangedError):
        return False
    return True


def _let_in(safe: OpenSafe, people: Sequence[int]) -> None:
    found = entries(safe, "duty")
    if first(found, Eligible)[0] is None:
        # From now on it is known who is here because of the rota.
        safe.add("duty", body(rule(found, safe), clock.now(), safe.vault.person))
    for person in people:
        if person not in safe.head.members:
            safe.let_in(person, OPENS["duty"], "duty")
    safe.log("followed", let_in=list(people))


def _put_out(safe: OpenSafe, people: Sequence[int]) -> None:
    for person in people:
        if person in _on_it(safe):
            safe.put_out(person)
    safe.reseal()
    safe.log("followed", put_out=list(people))


def gaps(safe: OpenSafe, found: Sequence[Entry], rolls: Rolls) -> list[Gap]:
    """When nobody on duty can open the sheet, from now on, in order. What follows on another is one."""
    if not needed(found):
        return []
    turns = [one for one in rolls.of(found) if one.until > rolls.at]
    holders = set(safe.head.holders("duty"))
    ends = {rolls.at, rolls.at + AHEAD, *(one.until for one in turns)}
    bounds = sorted({*ends, *(max(rolls.at, one.since) for one in turns)})
    made: list[Gap] = []
    for since, until in pairwise(bounds):
        people = {one.person.pk: one.person for one in turns if one.since <= since and one.until >= until}
        if people.keys() & holders:
            continue
        if made and made[-1].until == since:
            known = {one.pk: one for one in made[-1].people} | people
            made[-1] = Gap(made[-1].since, until, tuple(known.values()))
        else:
            made.append(Gap(since, until, tuple(people.values())))
    return made


def cover(safe: OpenSafe, found: Sequence[Entry], rolls: Rolls) -> Iterator[tuple[Turn, Why]]:
    """Everybody's next turn from now on, in order, with whether they open the sheet."""
    seen: set[int] = set()
    for turn in rolls.of(found):
        if turn.until > rolls.at and turn.person.pk not in seen:
            seen.add(turn.person.pk)
            yield turn, why(safe, turn.person.pk)
