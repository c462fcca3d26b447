"""What findings say of causes, each by itself and beside what else was measured.

The weights in this file are set by hand, in round numbers; what was learned from labelled events is in ``fitted``.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from tocsin.analysis.fusion.causes import Cause
from tocsin.analysis.fusion.clues import Clue, Door, Origin, Says
from tocsin.analysis.fusion.facts import Measured, Sort, Window
from tocsin.analysis.fusion.origins import instrument
from tocsin.analysis.series import Direction, Evidence, Stream

Weights = tuple[tuple[Cause, float], ...]

LEVELS: Final = frozenset({Stream.VIEWS, Stream.LEVEL})
_SAME_TIME = timedelta(days=2)
_YEAR, _ABOUT = timedelta(days=365), timedelta(days=5)
_NEARLY_ALL, _PARTLY = 0.2, 0.7  # an order is seldom half obeyed; power and cables seldom fail everywhere at once
_SEVERAL, _MANY_COUNTRIES, _FEW_POINTS = 3, 3, 4


def findings(window: Window) -> Iterator[Clue]:
    """Everything that the findings of a window say, but for how a loss of connectivity began."""
    for found in window.measured:
        yield from _alone(found)
        yield from _quality(found)
    yield from _sites(window)
    yield from _network(window)
    yield from _elsewhere(window)
    yield from _names(window)
    yield from _calendar(window)


def counted(found: Iterable[Measured]) -> Iterator[Clue]:
    """Findings where nothing but a count tells of a harm: each speaks for its having happened."""
    for one in found:
        says = Says.LEVEL_ROSE if one.direction is Direction.RISE else Says.LEVEL_FELL
        yield _clue(says, one, ((Cause.HAPPENED, 2.0 * one.score),))


def fails(found: Measured) -> bool:
    """Whether it is a site that fails."""
    return found.stream is Stream.BLOCKING and found.direction is Direction.RISE


def cut(found: Measured) -> bool:
    """Whether it is a loss of connectivity."""
    return found.stream is Stream.CONNECTIVITY and found.direction is Direction.DROP


def falls(found: Measured) -> bool:
    """Whether it is a level, such as what people read, that fell."""
    return found.stream in LEVELS and found.direction is Direction.DROP


def network_lost(window: Window) -> bool:
    """Whether more than sites was lost: connectivity, a level that is not ours, or many levels at once that no block
    of ours alone explains."""
    falling = {one.subject: one for one in window.measured if falls(one)}
    if any(map(cut, window.measured)) or any(not one.ours for one in falling.values()):
        return True
    return len(falling) >= _SEVERAL and not (any(map(_ours_fails, window.measured)) and _fine(window))


def calm(window: Window) -> bool:
    """Whether the network is measured and can be reached as usual."""
    return not network_lost(window) and any(one.stream is Stream.CONNECTIVITY for one in window.steady)


def _ours_fails(found: Measured) -> bool:
    return fails(found) and found.ours


def _fine(window: Window) -> set[str]:
    """Sites of others that are measured and as usual."""
    failing = {found.subject for found in window.measured if fails(found)}
    return {one.subject for one in window.steady if one.stream is Stream.BLOCKING and not one.ours} - failing


def _alone(found: Measured) -> Iterator[Clue]:
    score = found.score
    if fails(found) and found.ours:
        yield _clue(Says.OURS_FAIL, found, ((Cause.BLOCKED, 1.8 * score), (Cause.WIDER, 0.4 * score)))
    elif fails(found):
        yield _clue(Says.OTHERS_FAIL, found, ((Cause.WIDER, 1.6 * score),))
    elif cut(found):
        yield _clue(Says.REACH_FELL, found, ((Cause.SHUTDOWN, 1.3 * score), (Cause.OUTAGE, 1.3 * score)))
        if found.left <= _NEARLY_ALL:
            yield _clue(Says.NEARLY_ALL, found, ((Cause.SHUTDOWN, 0.9), (Cause.OUTAGE, -0.9)))
        elif found.left <= _PARTLY:
            yield _clue(Says.PARTLY, found, ((Cause.OUTAGE, 0.3), (Cause.SHUTDOWN, -0.3)))
    elif falls(found):
        access: Weights = ((Cause.SHUTDOWN, 0.8 * score), (Cause.OUTAGE, 0.8 * score), (Cause.SEASONAL, 0.4 * score))
        yield _clue(Says.LEVEL_FELL, found, (*access, (Cause.BLOCKED, 0.8 * score)) if found.ours else access)


def _quality(found: Measured) -> Iterator[Clue]:
    if found.evidence is not Evidence.SCORED:
        yield _clue(Says.NOT_SCORED, found, ((Cause.GAP, 1.5),))
    elif found.points < _FEW_POINTS:
        yield _clue(Says.FEW, found, ((Cause.GAP, 0.5),), count=found.points)


def _sites(window: Window) -> Iterator[Clue]:
    """Only ours, or many: what the other sites say."""
    failing = [found for found in window.measured if fails(found)]
    ours = [found for found in failing if found.ours]
    others = {found.subject: found for found in failing if not found.ours}
    fine = _fine(window)
    if ours and not others and fine:
        weights: Weights = (
            (Cause.BLOCKED, 1.0),
            (Cause.WIDER, -1.5),
            (Cause.SHUTDOWN, -1.5),
            (Cause.OUTAGE, -1.5),
            (Cause.GAP, -0.5),
        )
        yield _together(Says.OTHERS_FINE, ours, weights, count=len(fine))
    if len(others) >= _SEVERAL:
        yield _together(Says.MANY_FAIL, list(others.values()), ((Cause.WIDER, 1.2),), count=len(others))


def _network(window: Window) -> Iterator[Clue]:
    """Whether the network fell together with what people read over it."""
    falling = [one for one in window.measured if falls(one)]
    cuts = [found for found in window.measured if cut(found)]
    whole: Weights = ((Cause.BLOCKED, -1.0), (Cause.WIDER, -1.0))
    if falling and cuts:
        yield _together(Says.FELL_TOGETHER, cuts, ((Cause.SHUTDOWN, 0.5), (Cause.OUTAGE, 0.5), *whole))
    elif not cuts and any(one.stream is Stream.CONNECTIVITY for one in window.steady):
        troubled = falling + [found for found in window.measured if fails(found)]
        weights: Weights = ((Cause.SHUTDOWN, -1.5), (Cause.OUTAGE, -1.0))
        if troubled:
            yield _together(Says.REACH_STEADY, troubled, weights)
        elif window.about == "shutdown" and any(text.harm == "shutdown" and not text.copy for text in window.told):
            watching = min(one.provider for one in window.steady if one.stream is Stream.CONNECTIVITY)
            yield Clue(Says.NOT_YET.name, Says.NOT_YET.value, Origin(Door.MEASURED, watching), weights)


def _elsewhere(window: Window) -> Iterator[Clue]:
    """The same in many countries at once is more likely ours, or the measurement's."""
    for found in window.measured:
        # Of losses of connectivity this is one of the regularities: a cable serves several countries.
        if found.stream is Stream.CONNECTIVITY:
            continue
        alike = {
            other.country
            for other in window.elsewhere or ()
            if (other.kind, other.subject, other.direction) == (found.kind, found.subject, found.direction)
            and abs(other.opened - found.opened) <= _SAME_TIME
        } - {found.country, ""}
        if len(alike) >= _MANY_COUNTRIES:
            weights: Weights = (
                (Cause.OUR_FAULT, 3.0),
                (Cause.BLOCKED, -1.5),
                (Cause.WIDER, -1.5),
                (Cause.SHUTDOWN, -1.5),
                (Cause.OUTAGE, -1.0),
            )
            yield _clue(Says.ALIKE, found, weights, count=len(alike))


def _names(window: Window) -> Iterator[Clue]:
    """One country goes to nothing while another appears with what it had."""
    for found in window.measured:
        if found.stream is Stream.BLOCKING or found.direction is not Direction.DROP or found.left > 0.05:
            continue
        if found.stream in LEVELS:
            yield _clue(Says.VANISHED, found, ((Cause.RENAMED, 0.8),))
        lost = found.before - found.now
        for other in window.elsewhere or ():
            alike = (other.kind, other.subject) == (found.kind, found.subject) and other.direction is Direction.RISE
            gained = other.now - other.before
            if alike and abs(other.opened - found.opened) <= _SAME_TIME and 0.6 * lost <= gained <= 1.6 * lost:
                weights: Weights = (
                    (Cause.RENAMED, 3.5),
                    (Cause.BLOCKED, -1.5),
                    (Cause.SHUTDOWN, -1.5),
                    (Cause.OUTAGE, -1.5),
                )
                yield _clue(Says.HEIR, found, weights, more=(other.source,), country=other.country)


def _calendar(window: Window) -> Iterator[Clue]:
    for found in window.measured:
        for before in window.earlier or ():
            same = (before.kind, before.subject, before.direction) == (found.kind, found.subject, found.direction)
            if same and abs(found.opened - before.opened - _YEAR) <= _ABOUT:
                yield _clue(Says.SAME_DATE, found, ((Cause.SEASONAL, 2.0),), more=(before.source,))
        for occasion in window.occasions:
            if abs(occasion.day - found.opened.date()) > timedelta(days=1) or fails(found):
                continue
            holiday = occasion.sort is Sort.HOLIDAY
            yield Clue(
                key=f"{occasion.sort.name}",
                says=(Says.HOLIDAY if holiday else Says.OCCASION).value.format(name=occasion.name),
                origin=Origin(Door.CALENDAR, occasion.sort.value),
                weights=((Cause.SEASONAL if holiday else Cause.SHUTDOWN, 0.8),),
                sources=(occasion.source,) if occasion.source else (),
            )


def _clue(says: Says, found: Measured, weights: Weights, *, more: Sequence[str] = (), **values: object) -> Clue:
    share = fails(found)
    stated = {
        "subject": found.subject,
        "before": f"{found.before:.0%}" if share else f"{found.before:,.0f}",
        "now": f"{found.now:.0%}" if share else f"{found.now:,.0f}",
        "left": f"{found.left:.0%}",
        **values,
    }
    return Clue(says.name, says.value.format(**stated), instrument(found), weights, (found.source, *more))


def _together(says: Says, found: Sequence[Measured], weights: Weights, **values: object) -> Clue:
    """A clue of several findings: it has the origin of the first, in a fixed order, and leads to all."""
    order = sorted(found, key=lambda one: (one.opened, one.source))
    sources = tuple(one.source for one in order)
    return Clue(says.name, says.value.format(**values), instrument(order[0]), weights, sources)
