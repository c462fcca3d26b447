"""Words for what the pages of sources show. Load with ``{% load sources %}``."""

from django import template
from django.utils.translation import get_language, gettext

from tocsin.lib import territories
from tocsin.streams import masking
from tocsin.streams.models import Health, Item
from tocsin.streams.sources import KINDS, kind

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """A country's name in the reader's language."""
    return territories.name(code, get_language() or "en")


@register.filter
def kind_title(name: str) -> str:
    """What a kind of source is called."""
    return gettext(kind(name).title) if name in KINDS else name


@register.filter
def outcome_word(outcome: str) -> str:
    """What came of a fetch, in words; the code of an error stays as it is, since logs and counts carry it."""
    if outcome in Health.values:
        return str(Health(outcome).label)
    return gettext("failed (%(code)s)") % {"code": outcome}


@register.filter
def masked_title(item: masking.Told) -> str:
    """An item's title without the names of those whom it says were harmed."""
    return masking.title(item)


@register.filter
def masked_text(item: masking.Told) -> str:
    """An item's text without them."""
    return masking.body(item)


@register.filter
def masked_address(item: masking.Told) -> str:
    """Where an item stands on the web, cut to its host where the rest may name one of them."""
    return masking.address(item)


@register.filter
def masked_file(item: Item) -> str:
    """The name of the file that an item came in."""
    return masking.file_name(item, str(item.facts.get("file", "")))
