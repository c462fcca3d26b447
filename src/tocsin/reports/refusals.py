"""Why something can't be done, in words for the person who asked."""

from collections.abc import Sequence


class RefusedError(Exception):
    """The act is refused; the message tells the person why and what to do instead, ``lines`` name each thing."""

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.lines = tuple(lines)
