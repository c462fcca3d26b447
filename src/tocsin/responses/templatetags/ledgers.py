"""How templates look words up. Load with ``{% load ledgers %}``."""

from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def word(words: Mapping[str, Any], key: str) -> str:
    """The word for a key; the key itself where there is none."""
    return str(words.get(key, key))
