"""Why something can't be done, in words for the person who asked."""

import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _


class RefusedError(Exception):
    """The act is refused; the message tells the person why and what to do instead, ``lines`` name each thing."""

    def __init__(self, message: str, lines: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.lines = tuple(lines)


def refuse_unseen(*texts: str) -> None:
    """Refuse what no keyboard gives and no database keeps.

    Raises:
        RefusedError: for control characters and halves of letters.
    """
    for char in "".join(texts):
        if unicodedata.category(char) in {"Cc", "Cs"} and char not in "\t\r\n":
            raise RefusedError(_("There is a character in it that can’t be seen or stored. Type these words anew."))
