"""Who holds a rota at each moment, from layers, overrides, absences and rests. Pure: no rows, no clock.

Order of precedence: the newest override, then the highest layer that covers the moment. Whoever is away is passed over
for the next in the layer, then for a lower layer. Whoever rests is passed over too, for the accepted substitute first;
in the lane for life and liberty only for the substitute who accepted. If nobody is left but people who rest, the first
of them stays.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from tocsin.oncall.turns import Layer

# How far is looked for the end of a duty and for who follows: two days, then two weeks, then two months.
HORIZONS = (timedelta(days=2), timedelta(days=15), timedelta(days=62))


class Because(StrEnum):
    """Why somebody holds the rota, or nobody does."""

    TURN = "turn"
    OVERRIDE = "override"
    SWAP = "swap"
    AWAY = "away"  # goes round somebody who is away
    REST = "rest"  # goes round somebody who rests
    SUBSTITUTE = "substitute"  # accepted to stand in for somebody who rests
    STAYS = "stays"  # rests, and stays: nobody else is left, or for life and liberty nobody has accepted yet
    NOBODY = "nobody"  # no layer covers the time
    ALL_AWAY = "all_away"


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody holds the rota from ``since`` until ``until``. ``order`` grows: of two, the higher one wins."""

    key: int
    person: int
    since: datetime
    until: datetime
    order: int
    swap: bool = False


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is not there."""

    person: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Rest:
    """Somebody rests. ``substitute`` is None until somebody has accepted."""

    person: int
    since: datetime
    until: datetime
    substitute: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides who holds a rota. ``layers`` are in order of precedence, the highest first."""

    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Away, ...] = ()
    rests: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time with one holder and one reason. ``person`` is None where nobody holds the rota.

    ``instead_of`` is who would have held it. ``source`` says whose turn of which layer, or which override, it rests on.
    """

    since: datetime
    until: datetime
    person: int | None
    because: Because
    instead_of: int | None = None
    source: tuple[str, int, int] | None = None

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Standing:
    """The holder at one moment. An end of None lies further away than anybody looks (two months)."""

    person: int | None
    because: Because
    instead_of: int | None
    since: datetime | None
    until: datetime | None
    next: int | None


class _Spanning(Protocol):
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...


Span = TypeVar("Span", bound=_Spanning)


def slots(plan: Plan, since: datetime, until: datetime, *, life: bool = False) -> list[Slot]:
    """Every moment from ``since`` to ``until``, in order and without holes, as the longest stretches of one kind.

    ``life`` is the lane for life and liberty.
    """
    found: list[Slot] = []
    for slot in _pieces(plan, since, until, life):
        if found and replace(slot, since=found[-1].since, until=found[-1].until) == found[-1]:
            found[-1] = replace(found[-1], until=slot.until)
        else:
            found.append(slot)
    return found


def held(slots: Iterable[Slot]) -> list[Slot]:
    """Adjacent slots of one person joined, with the first one's reason. Hand-overs lie between two of these."""
    joined: list[Slot] = []
    for slot in slots:
        if joined and joined[-1].person == slot.person and joined[-1].until == slot.since:
            joined[-1] = replace(joined[-1], until=slot.until)
        else:
            joined.append(slot)
    return joined


def at(plan: Plan, moment: datetime, *, life: bool = False) -> Slot:
    """The slot of one microsecond at this moment: who holds the rota now, and why. Costs one look at each layer."""
    return next(_pieces(plan, moment, moment + timedelta.resolution, life))


def standing(plan: Plan, moment: datetime, *, life: bool = False) -> Standing:
    """Who holds the rota at a moment, since when, until when, and who comes next."""
    now = at(plan, moment, life=life)
    until, following = _ahead(plan, moment, now.person, life)
    return Standing(now.person, now.because, now.instead_of, _behind(plan, moment, now.person, life), until, following)


def standbys(plan: Plan, moment: datetime, *, life: bool = False) -> list[int]:
    """Who else could be called at this moment, in the order in which their turns come.

    Nobody who is away. Nobody who rests, except for life and liberty, where they come last.
    """
    holder = at(plan, moment, life=life).person
    coming = [one.person for one in held(slots(plan, moment, moment + HORIZONS[1]))]
    for layer in plan.layers:
        if layer.people and (layer.closed_at is None or layer.closed_at > moment):
            coming += layer.following(max(layer.turn_at(moment), 0))
    state = _State.at(plan, moment)
    there = [one for one in dict.fromkeys(coming) if one is not None and one != holder and one not in state.away]
    fresh = [one for one in there if one not in state.resting]
    return fresh + [one for one in there if one in state.resting] if life else fresh


def edge(plan: Plan, moment: datetime) -> datetime:
    """A moment not after this one at which no turn and no override is under way: a range from there cuts nothing."""
    starts = [moment]
    for layer in plan.layers:
        if layer.people and (turn := layer.turn_at(moment)) >= 0:
            starts.append(layer.start_of(turn))
    starts += [one.since for one in plan.overrides if one.since < moment < one.until]
    return min(starts)


def _ahead(plan: Plan, moment: datetime, person: int | None, life: bool) -> tuple[datetime | None, int | None]:
    until: datetime | None = None
    for horizon in HORIZONS:
        ahead = held(slots(plan, moment, moment + horizon, life=life))
        until = ahead[0].until if len(ahead) > 1 else None
        for one in ahead[1:]:
            if one.person is not None and one.person != person:
                return until, one.person
    return until, None


def _behind(plan: Plan, moment: datetime, person: int | None, life: bool) -> datetime | None:
    for horizon in HORIZONS:
        behind = held(slots(plan, moment - horizon, moment, life=life))
        if behind[-1].person != person:
            return moment
        if len(behind) > 1:
            return behind[-1].since
    return None


@dataclass(slots=True)
class _State:
    """Who is away and who rests at one moment."""

    away: set[int]
    resting: dict[int, Rest]

    @classmethod
    def at(cls, plan: Plan, moment: datetime) -> "_State":
        return cls.of(
            [one for one in plan.absences if one.since <= moment < one.until],
            [one for one in plan.rests if one.since <= moment < one.until],
        )

    @classmethod
    def of(cls, absences: Iterable[Away], rests: Iterable[Rest]) -> "_State":
        return cls({one.person for one in absences}, {one.person: one for one in rests})

    def substitute(self, person: int) -> int | None:
        """Who accepted to stand in for somebody who rests, and can."""
        other = self.resting[person].substitute
        return None if other is None or other in self.away or other in self.resting else other


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A layer's turn, as far as the layer covers it."""

    since: datetime
    until: datetime
    turn: int


class _Sweep(Generic[Span]):
    """Spans, asked for moments that only grow: those under way."""

    def __init__(self, spans: Iterable[Span], since: datetime, until: datetime) -> None:
        near = [one for one in spans if max(one.since, since) < min(one.until, until)]
        self.bounds = {bound for one in near for bound in (one.since, one.until) if since < bound < until}
        self._waiting = sorted(near, key=lambda one: one.since, reverse=True)
        self._active: list[Span] = []

    def under_way(self, moment: datetime) -> list[Span]:
        while self._waiting and self._waiting[-1].since <= moment:
            self._active.append(self._waiting.pop())
        self._active = [one for one in self._active if one.until > moment]
        return self._active


def _pieces(plan: Plan, since: datetime, until: datetime, life: bool) -> Iterator[Slot]:
    """The range cut at every moment at which anything changes."""
    layers = [
        (layer, _Sweep((_Stretch(*one) for one in layer.covered(since, until)), since, until)) for layer in plan.layers
    ]
    overrides = _Sweep(plan.overrides, since, until)
    absences = _Sweep(plan.absences, since, until)
    rests = _Sweep(plan.rests, since, until)
    bounds = overrides.bounds | absences.bounds | rests.bounds | {since, until}
    for _, sweep in layers:
        bounds |= sweep.bounds
    for begin, end in pairwise(sorted(bounds)):
        state = _State.of(absences.under_way(begin), rests.under_way(begin))
        claims = [
            *_Claim.of_overrides(overrides.under_way(begin)),
            *(_Claim.of_turn(layer, one.turn) for layer, sweep in layers for one in sweep.under_way(begin)),
        ]
        yield _settle(claims, state, life, begin, end)


@dataclass(frozen=True, slots=True)
class _Claim:
    """An override's or a turn's claim on a moment: its people in the order in which they are asked."""

    people: tuple[int, ...]
    because: Because
    source: tuple[str, int, int]

    @classmethod
    def of_overrides(cls, overrides: Iterable[Override]) -> "list[_Claim]":
        newest = sorted(overrides, key=lambda one: one.order, reverse=True)
        return [
            cls((one.person,), Because.SWAP if one.swap else Because.OVERRIDE, ("override", one.key, 0))
            for one in newest
        ]

    @classmethod
    def of_turn(cls, layer: Layer, turn: int) -> "_Claim":
        return cls(layer.following(turn), Because.TURN, ("layer", layer.key, turn))


def _settle(claims: Sequence[_Claim], state: _State, life: bool, begin: datetime, end: datetime) -> Slot:
    """The slot of a moment at which nothing changes. Those who rest are passed over in the first round only."""
    if not claims:
        return Slot(begin, end, None, Because.NOBODY)
    first = claims[0].people[0]
    for keep in (True,) if life else (False, True):
        for claim in claims:
            for person in claim.people:
                found = _stand(person, state, keep=keep)
                if found is not None:
                    because = _why(person, found, first, claim, state)
                    return Slot(begin, end, found, because, None if found == first else first, claim.source)
    return Slot(begin, end, None, Because.ALL_AWAY, first)


def _stand(person: int, state: _State, keep: bool) -> int | None:
    """Who comes when this person is asked: themselves, their substitute, or nobody."""
    if person in state.away:
        return None
    if person not in state.resting:
        return person
    substitute = state.substitute(person)
    return person if substitute is None and keep else substitute


def _why(asked: int, found: int, first: int, claim: _Claim, state: _State) -> Because:
    if found != asked:
        return Because.SUBSTITUTE
    if found in state.resting:
        return Because.STAYS
    if found == first:
        return claim.because
    return Because.AWAY if first in state.away else Because.REST
