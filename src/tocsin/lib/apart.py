"""Pieces of work of which none stops the others."""

from collections.abc import Callable, Iterable


def apart(pieces: Iterable[Callable[[], bool]], enough: int | None = None) -> bool:
    """Do each of them, whatever another raises, until ``enough`` of them did something; True when any did.

    Raises:
        Exception: what the first raised that failed, once the others had their turn: whoever watches must see it.
    """
    did, failed = 0, None
    for piece in pieces:
        if enough is not None and did >= enough:
            break
        try:
            did += piece()
        except Exception as error:  # noqa: BLE001  # one that always fails must not hold up what others wait for
            failed = failed or error
    if failed is not None:
        raise failed
    return did > 0
