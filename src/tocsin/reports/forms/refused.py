"""Why a form can't be drawn, in words for the person who asked."""

import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from tocsin.reports.refusals import RefusedError

_MOST = 20


class GlyphError(RefusedError):
    """No font can draw some characters. ``characters`` are those, each once, in the order in which they stand."""

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(characters)
        super().__init__(
            _(
                "No font here can draw some characters, so the PDF was not made. Put a font that has them (.ttf or"
                " .otf) into the folder “fonts” of Tocsin’s home, or write these words differently. Page, text and Word"
                " file can be made."
            ),
            [_named(one) for one in self.characters[:_MOST]],
        )


class NoFontsError(RefusedError):
    """There is no font at all."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The fonts of printed reports are not there, so no PDF can be made. Start ./tocsin once where there is"
                " a network: it fetches them. Page, text and Word file can be made."
            )
        )


class TooLongError(RefusedError):
    """A report that has to be one page is longer, in small type too."""

    def __init__(self, pages: int) -> None:
        self.pages = pages
        super().__init__(
            _(
                "This report has one page, and even in small type it would take %(n)d. Take the facts out that matter"
                " least, or join sentences that rest on the same source."
            )
            % {"n": pages}
        )


class UndrawnError(RefusedError):
    """The program that draws pages stopped. ``where`` is for logs and holds no text of the document."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(
            _("The PDF could not be drawn. Page, text and table can be made; tell whoever looks after this machine.")
        )


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {character} {unicodedata.name(character, '')}".strip()
