"""Small parts of the pages of reports. Load with ``{% load reporting %}``."""

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString

from tocsin.reports import shown
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.document import Block, Document, Figure, Table, WorldMap
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
def grid(block: Table | Figure | WorldMap) -> shown.Grid:
    """A table, or what stands behind a picture, as a table."""
    return shown.grid(block)


@register.filter
def share(level: float) -> str:
    """A share as whole percent."""
    return words.percent(level)


@register.filter
def marks(keys: Sequence[str], document: Document) -> list[tuple[int, str]]:
    """The numbers under which a sentence cites its facts, with their keys."""
    places = {key: number for number, key in enumerate(document.facts, 1)}
    return [(places[key], key) for key in keys if key in places]


@register.filter
def anchor(key: str) -> str:
    """Where a fact stands on the page of its draft."""
    return "fact-" + "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in key)
