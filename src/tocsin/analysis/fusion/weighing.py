"""All clues of a window, and what they amount to."""

from collections.abc import Iterator

from tocsin.analysis.fusion.clues import Clue
from tocsin.analysis.fusion.facts import Window
from tocsin.analysis.fusion.judging import Judgement, judge
from tocsin.analysis.fusion.losing import losses
from tocsin.analysis.fusion.measuring import findings
from tocsin.analysis.fusion.telling import texts


def clues(window: Window) -> Iterator[Clue]:
    """Everything in a window that speaks for or against a cause of lost access."""
    yield from texts(window.told)
    yield from findings(window)
    yield from losses(window)


def weigh(window: Window) -> Judgement:
    """What may lie behind the losses of access in a window.

    >>> from datetime import UTC, datetime
    >>> weigh(Window("TR", datetime(2026, 3, 1, tzinfo=UTC))).verdict
    <Cause.UNATTRIBUTED: 'unattributed'>
    """
    return judge(clues(window))
