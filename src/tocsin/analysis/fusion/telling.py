"""What texts say of causes. Copies are left out: the text that they copy speaks for them."""

from collections.abc import Iterable, Iterator
from typing import Final

from tocsin.analysis.fusion.causes import Cause
from tocsin.analysis.fusion.clues import Clue, Door, Origin, Says
from tocsin.analysis.fusion.facts import GRADES, Told

SITES: Final = frozenset({"site-ban", "throttling"})
AUTHORITIES: Final = frozenset({"regulator", "court", "legislator", "state", "police", "intelligence", "military"})
_NOTICE = 0.6


def texts(told: Iterable[Told]) -> Iterator[Clue]:
    """Clues of texts about blocks, throttling, shutdowns, demands and laws. Other harms say nothing of access."""
    for text in told:
        if text.copy:
            continue
        site = Cause.BLOCKED if text.ours else Cause.WIDER
        if text.harm in SITES:
            yield from _said(text, site)
        elif text.harm == "shutdown":
            yield from _said(text, Cause.SHUTDOWN)
        elif text.harm == "legal-demand" and text.ours:
            yield _clue(text, Says.DEMAND, Cause.BLOCKED, 0.4)
        elif text.harm == "law":
            yield _clue(text, Says.LAW, Cause.WIDER, 0.15)


def reports(told: Iterable[Told]) -> Iterator[Clue]:
    """Clues of texts about a harm that no instrument measures: each speaks for its having happened."""
    for text in told:
        if not text.copy:
            yield _clue(text, Says.TOLD, Cause.HAPPENED, 1.0)


def _said(text: Told, cause: Cause) -> Iterator[Clue]:
    yield _clue(text, Says.TOLD, cause, 1.0)
    if text.actor in AUTHORITIES:
        yield _clue(text, Says.NOTICE, cause, _NOTICE)


def _clue(text: Told, says: Says, cause: Cause, share: float) -> Clue:
    return Clue(
        key=says.name,
        says=says.value.format(origin=text.masthead, grade=text.grade),
        origin=Origin(Door.TEXT, text.masthead, text.feed),
        weights=((cause, share * GRADES.get(text.grade, GRADES["E"])),),
        sources=(text.source,),
    )
