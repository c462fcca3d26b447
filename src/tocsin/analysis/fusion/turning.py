"""What would change our mind: of what could be seen or told next, what would move the likeliest cause most."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from tocsin.analysis.fusion.causes import TOLD, Cause
from tocsin.analysis.fusion.clues import Door
from tocsin.analysis.fusion.facts import Measured, Steady, Told, Window
from tocsin.analysis.fusion.judging import Judgement, judge
from tocsin.analysis.fusion.measuring import counted, cut, fails
from tocsin.analysis.fusion.telling import reports
from tocsin.analysis.series import Direction, Stream


class Next(StrEnum):
    """What could be observed next, as a sentence, so that whoever shows one can translate it."""

    REACH_STEADY = "the network is measured and can be reached as usual"
    REACH_LOST = "the network of the country is lost, too"
    REACH_BACK = "the network is lost again at the same time of another day"
    OURS_FAIL = "measurements by another network find our sites blocked"
    OTHERS_FINE = "other sites are measured in the country and are as usual"
    OTHERS_FAIL = "several sites that are not ours fail as well"
    ALIKE = "the same is found in several other countries at the same time"
    ORDERED = "an independent source names an authority that ordered it"
    CLOSED = "an independent source can't open our sites there"
    FAULT = "an independent source names a technical cause"
    TOLD = "one more independent source tells of it"


@dataclass(frozen=True, slots=True)
class Turn:
    """One observation that may come, and what would follow.

    ``leader`` would be the likeliest cause then, with ``probability``. The one that is the likeliest now stands at
    ``before`` and would stand at ``after``. ``turns``: another one would lead.
    """

    says: str
    leader: Cause
    probability: float
    before: float
    after: float
    turns: bool


MOST: Final = 3
_LEAST: Final = 0.03
_NEW = "next"
_GRADE = "B"

Weigh = Callable[[Window], Judgement]


def turns(window: Window, weigh: Weigh) -> tuple[Turn, ...]:
    """The observations that would turn the likeliest cause of lost access, or else move it most, the strongest first.

    ``weigh`` is how the window was judged. Each observation is tried by itself, as one origin of its own that is as
    sure as such an origin can be: nothing here says how likely it is to come.
    """
    now = weigh(window)
    found = (_turn(says, now, weigh(then)) for says, then in _then(window))
    return _strongest(found)


def turns_told(told: Iterable[Told], measured: Iterable[Measured], now: Judgement) -> tuple[Turn, ...]:
    """The same of a harm that no instrument measures, from the texts and counts that tell of it, judged ``now``."""
    texts, counts = list(told), list(measured)
    if not texts and not counts:
        return ()
    more = _text(Window("", texts[0].at if texts else counts[0].opened))
    then = judge([*reports([*texts, more]), *counted(counts)], TOLD)
    return _strongest([_turn(Next.TOLD, now, then)])


def _turn(says: Next, now: Judgement, then: Judgement) -> Turn:
    lead, new = now.shares[0], then.shares[0]
    return Turn(
        says=says.value,
        leader=new.cause,
        probability=round(new.probability, 3),
        before=round(lead.probability, 3),
        after=round(then.probability(lead.cause), 3),
        turns=new.cause is not lead.cause,
    )


def _strongest(found: Iterable[Turn]) -> tuple[Turn, ...]:
    moving = [one for one in found if one.turns or abs(one.after - one.before) >= _LEAST]
    return tuple(sorted(moving, key=lambda one: (not one.turns, -abs(one.after - one.before), one.says))[:MOST])


def _then(window: Window) -> Iterator[tuple[Next, Window]]:
    """The window as it would be after each observation that is still open."""
    yield from _network(window)
    yield from _sites(window)
    for says, text in (
        (Next.ORDERED, replace(_text(window), actor="regulator", harm=_asked(window))),
        (Next.CLOSED, replace(_text(window), harm="site-ban", ours=True)),
        (Next.FAULT, replace(_text(window), technical=True)),
    ):
        yield says, _with(window, text)


def _network(window: Window) -> Iterator[tuple[Next, Window]]:
    cuts = [one for one in window.measured if cut(one)]
    if not cuts:
        loss = replace(_finding(window), stream=Stream.CONNECTIVITY, kind=f"{_NEW}.routes", direction=Direction.DROP)
        yield Next.REACH_LOST, _with(window, replace(loss, before=100.0, now=5.0))
    elif window.earlier is not None:
        again = replace(cuts[0], source=_NEW, opened=cuts[0].opened - timedelta(days=1))
        yield Next.REACH_BACK, replace(window, earlier=(*window.earlier, again))
    if not cuts and not any(one.stream is Stream.CONNECTIVITY for one in window.steady):
        steady = Steady(Stream.CONNECTIVITY, f"{_NEW}.routes", "routes", ours=False)
        yield Next.REACH_STEADY, replace(window, steady=(*window.steady, steady))


def _sites(window: Window) -> Iterator[tuple[Next, Window]]:
    ours = [one for one in window.measured if fails(one) and one.ours]
    others = {one.subject for one in window.measured if fails(one) and not one.ours}
    block = replace(_finding(window), subject="our sites", ours=True, before=0.02, now=0.95)
    yield Next.OURS_FAIL, _with(window, block)
    if not others:
        several = [replace(block, source=f"{_NEW}{one}", subject=f"{_NEW}{one}", ours=False) for one in range(3)]
        yield Next.OTHERS_FAIL, replace(window, measured=(*window.measured, *several))
    if ours and not others and not any(one.stream is Stream.BLOCKING and not one.ours for one in window.steady):
        fine = Steady(Stream.BLOCKING, f"{_NEW}.web", _NEW, ours=False)
        yield Next.OTHERS_FINE, replace(window, steady=(*window.steady, fine))
    if ours:
        alike = tuple(replace(ours[0], source=_NEW, country=f"{_NEW}{one}") for one in range(3))
        yield Next.ALIKE, replace(window, elsewhere=(*(window.elsewhere or ()), *alike))


def _asked(window: Window) -> str:
    """The kind of harm that is in question: what is asked about, else what was lost."""
    if window.about:
        return window.about
    return "shutdown" if any(map(cut, window.measured)) else "site-ban"


def _with(window: Window, seen: Measured | Told) -> Window:
    """The window with one thing more, which the question would rest on, too."""
    own = None if window.own is None else window.own | {seen.source}
    if isinstance(seen, Told):
        return replace(window, told=(*window.told, seen), own=own)
    return replace(window, measured=(*window.measured, seen), own=own)


def _text(window: Window) -> Told:
    """A text of a house and a feed that nobody has heard of."""
    ours = any(one.ours for one in window.measured) or any(one.ours for one in window.told)
    return Told(_NEW, f"{_NEW} {Door.TEXT}", _NEW, _GRADE, "", "", ours, window.now)


def _finding(window: Window) -> Measured:
    """A finding of a provider and a network that nobody has heard of, which began just now."""
    return Measured(
        source=_NEW,
        stream=Stream.BLOCKING,
        kind=f"{_NEW}.web",
        country=window.country,
        subject="",
        network="",
        ours=False,
        direction=Direction.RISE,
        opened=window.now,
        closed=None,
        score=0.95,
        before=0.0,
        now=0.0,
        points=12,
    )
