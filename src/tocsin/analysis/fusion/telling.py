"""What texts say of causes. Copies are left out: the text that they copy speaks for them."""

from collections.abc import Iterable, Iterator
from typing import Final

from tocsin.analysis.fusion.causes import Cause
from tocsin.analysis.fusion.clues import Clue, Origin, Says
from tocsin.analysis.fusion.facts import GRADES, Told, Window
from tocsin.analysis.fusion.measuring import calm, fails, falls, network_lost
from tocsin.analysis.fusion.origins import voices

SITES: Final = frozenset({"site-ban", "throttling"})
AUTHORITIES: Final = frozenset({"regulator", "court", "legislator", "state", "police", "intelligence", "military"})
_NOTICE = 0.6
_FAULT, _BESIDE_A_FAULT = 0.9, 0.5
_CLOSED = 1.3  # who can't open our site has seen the very thing that is asked about

Voices = dict[str, Origin]


def texts(window: Window) -> Iterator[Clue]:
    """Clues of texts about blocks, throttling, shutdowns, technical causes, demands and laws. Other harms say nothing
    of access.

    A shutdown may be told of before it comes, and a demand or a law may stay on paper: they explain a loss that is
    there, and are none.
    """
    network, loss, voice = _explains_by_shutdown(window), _loss(window), voices(window.told)
    for text in window.told:
        if text.copy:
            continue
        if text.technical and network:
            yield _clue(text, voice, Says.FAULT, Cause.OUTAGE, _FAULT)
        if text.harm in SITES:
            cause = Cause.BLOCKED if text.ours else Cause.WIDER
            yield from _said(text, voice, cause, _CLOSED if text.ours and text.harm == "site-ban" else 1.0)
        elif text.harm == "shutdown" and network and (not text.technical or text.actor in AUTHORITIES):
            # Who cuts a network may give a technical cause: then a text speaks for both.
            yield from _said(text, voice, Cause.SHUTDOWN, _BESIDE_A_FAULT if text.technical else 1.0)
        elif text.harm == "legal-demand" and text.ours and loss:
            yield _clue(text, voice, Says.DEMAND, Cause.BLOCKED, 0.4)
        elif text.harm == "law" and loss:
            yield _clue(text, voice, Says.LAW, Cause.WIDER, 0.15)


def _explains_by_shutdown(window: Window) -> bool:
    """Whether a text about a shutdown speaks here: of a shutdown itself, or of a network that was lost. It does not
    explain sites that fail alone, nor a network that is measured and calm. Where nobody measures, it is what there is.
    """
    if window.about == "shutdown" or network_lost(window):
        return True
    return not calm(window) and window.about not in SITES and not _sites_lost(window)


def _loss(window: Window) -> bool:
    return network_lost(window) or _sites_lost(window) or any(map(falls, window.measured))


def _sites_lost(window: Window) -> bool:
    return any(map(fails, window.measured)) or any(text.harm in SITES and not text.copy for text in window.told)


def reports(told: Iterable[Told]) -> Iterator[Clue]:
    """Clues of texts about a harm that no instrument measures: each speaks for its having happened."""
    known = list(told)
    voice = voices(known)
    for text in known:
        if not text.copy:
            yield _clue(text, voice, Says.TOLD, Cause.HAPPENED, 1.0)


def _said(text: Told, voice: Voices, cause: Cause, share: float = 1.0) -> Iterator[Clue]:
    yield _clue(text, voice, Says.TOLD, cause, share)
    if text.actor in AUTHORITIES:
        yield _clue(text, voice, Says.NOTICE, cause, _NOTICE)


def _clue(text: Told, voice: Voices, says: Says, cause: Cause, share: float) -> Clue:
    return Clue(
        key=says.name,
        says=says.value.format(origin=text.masthead, grade=text.grade),
        origin=voice[text.source],
        weights=((cause, share * GRADES.get(text.grade, GRADES["E"])),),
        sources=(text.source,),
    )
