"""Where a letter goes on from here. Rooms below say so; this one knows none of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tocsin.keys.vaults import OpenVault
from tocsin.mailbox.letters import Opened


@dataclass(frozen=True, slots=True)
class Onward:
    """How letters go into a room below.

    ``choices`` gives the places there that an open vault can write into, by id, with what they are called. ``put``
    carries a letter over into one of them, or, for an empty id, into a new one that is described in a line; it gives
    the address of its page, and raises this room's ``RefusedError``.
    """

    choices: Callable[[OpenVault], Sequence[tuple[str, str]]]
    put: Callable[[OpenVault, Opened, str, str], str]


_ways: list[Onward] = []


def register(way: Onward) -> None:
    """Let the page of a letter lead there."""
    _ways[:] = [way]


def way() -> Onward | None:
    """The way that is open; None where no room offers one."""
    return _ways[0] if _ways else None
