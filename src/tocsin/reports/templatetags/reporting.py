"""Small parts of the pages of reports. Load with ``{% load reporting %}``."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from tocsin.reports import shown
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.document import Block, Document, Figure
from tocsin.reports.facts import Fact
from tocsin.reports.gathering import words

register = template.Library()


@register.filter
def audience_name(key: str) -> str:
    """What an audience is called."""
    return str(AUDIENCES[key].name) if key in AUDIENCES else key


@register.filter
def kind_of(block: Block) -> str:
    """The kind of a block, as templates tell them apart."""
    return type(block).__name__.lower()


@register.filter
def chart(block: Figure) -> SafeString:
    """A figure, drawn."""
    return shown.figure(block)


@register.filter
def chart_rows(block: Figure) -> list[tuple[str, ...]]:
    """A figure as a table."""
    return shown.rows(block)


@register.filter
def share(level: float) -> str:
    """A share as whole percent."""
    return words.percent(level)


@register.filter
def numbered(document: Document) -> list[tuple[int, Fact]]:
    """The facts of a document with their numbers."""
    return shown.notes(document)


@register.filter
def marks(keys: Sequence[str], document: Document) -> list[int]:
    """The numbers under which a sentence cites its facts."""
    places = {key: number for number, key in enumerate(document.facts, 1)}
    return [places[key] for key in keys if key in places]


@register.filter
def numeric(block: object, place: int) -> bool:
    """Whether a column holds numbers."""
    return place in getattr(block, "numeric", ())


@register.filter
def item(mapping: dict[str, object], key: str) -> object:
    """What stands under a key."""
    return mapping.get(key, "")


@register.filter
def place_name(code: str) -> str:
    """A country's name."""
    return words.place(code)
