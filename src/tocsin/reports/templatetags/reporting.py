"""Small parts of the pages of reports. Load with ``{% load reporting %}``."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from tocsin.reports import shown
from tocsin.reports.audiences import AUDIENCES
from tocsin.reports.composing import Piece
from tocsin.reports.document import Block, Document, Figure, Table, WorldMap
from tocsin.reports.gathering import words
from tocsin.reports.gathering.period import Period
from tocsin.reports.models import Round
from tocsin.reports.versions import name_of_language
from tocsin.reports.wording import is_worded

register = template.Library()


@register.filter
def audience_name(key: str) -> str:
    """What an audience is called."""
    return str(AUDIENCES[key].name) if key in AUDIENCES else key


@register.filter
def period(row: Round) -> Period:
    """The time that a round covers, in the zone of its set."""
    zone = ZoneInfo(row.together.time_zone)
    return Period(row.since.astimezone(zone), row.until.astimezone(zone))


@register.filter
def language_name(code: str) -> str:
    """What a language is called."""
    return name_of_language(code)


@register.filter
def worded(part: Piece) -> bool:
    """Whether a part of a version stands in its own language."""
    return is_worded(part)


@register.filter
def left(parts: Sequence[Piece]) -> int:
    """How many parts of a version are to be translated."""
    return sum(not is_worded(one) for one in parts)


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
