"""What a layout gives with the facts of a draft, before anybody saves it."""

from collections.abc import Sequence

from django.utils import translation

from tocsin.reports.audiences import Audience
from tocsin.reports.document import Block
from tocsin.reports.drafting import lay
from tocsin.reports.laying import block_of
from tocsin.reports.layout import Line
from tocsin.reports.models import Draft


def blocks(draft: Draft, audience: Audience, lines: Sequence[Line]) -> list[Block]:
    """The blocks that an audience would get, in the language of the draft."""
    with translation.override(draft.language):
        made = lay(draft, audience, lines).composed
    return [block for piece in made.blocks for block in block_of(piece, frozenset())]
