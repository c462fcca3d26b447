"""All clues of a window, and what they amount to."""

from collections.abc import Iterator
from dataclasses import replace

from tocsin.analysis.fusion.causes import ACCESS, BOUND, CEILING, HARMFUL, Cause
from tocsin.analysis.fusion.clues import Clue
from tocsin.analysis.fusion.facts import Window
from tocsin.analysis.fusion.judging import Judgement, held, judge
from tocsin.analysis.fusion.losing import losses
from tocsin.analysis.fusion.measuring import calm, findings
from tocsin.analysis.fusion.pooling import witnesses
from tocsin.analysis.fusion.telling import texts


def clues(window: Window) -> Iterator[Clue]:
    """Everything in a window that speaks for or against a cause of lost access."""
    yield from texts(window)
    yield from findings(window)
    yield from losses(window)


def weigh(window: Window) -> Judgement:
    """What may lie behind the losses of access in a window.

    While the network is measured and can be reached as usual, a shutdown is only told of: it may be ordered and not
    come, so no number of texts lifts it above ``BOUND``.

    >>> from datetime import UTC, datetime
    >>> weigh(Window("TR", datetime(2026, 3, 1, tzinfo=UTC))).verdict
    <Cause.UNATTRIBUTED: 'unattributed'>
    """
    judgement = judge(clues(window))
    return held(judgement, frozenset({Cause.SHUTDOWN}), BOUND) if calm(window) else judgement


def weigh_own(window: Window, causes: frozenset[Cause]) -> Judgement:
    """What may lie behind a harm that is one of these causes, believed no further than its own origins go.

    What else is known of the country tells the rivals apart. It lifts no harmful cause above ``BOUND`` while only one
    origin in ``window.own`` speaks of this harm, and not this harm at all while none does. ``witnesses`` of the answer
    counts own origins.
    """
    judgement = weigh(window)
    if window.own is None:
        return judgement
    count = witnesses(list(clues(own(window))), causes)
    judgement = held(judgement, HARMFUL, BOUND if count < 2 else CEILING)
    if count == 0:
        judgement = held(judgement, causes, sum(ACCESS[cause] for cause in sorted(causes)))
    return replace(judgement, witnesses=count)


def own(window: Window) -> Window:
    """The window with nothing in it but what the question itself rests on."""
    names = window.own
    if names is None:
        return window
    return replace(
        window,
        measured=tuple(one for one in window.measured if one.source in names),
        told=tuple(one for one in window.told if one.source in names),
        steady=(),
        elsewhere=None,
        earlier=None,
        occasions=(),
    )
