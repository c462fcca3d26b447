"""How templates of plans link to each other, and the words that they show. Load with ``{% load plans %}``."""

from typing import Any

from django import template

from tocsin.responses import phrases
from tocsin.responses.log.content import For, Function, State
from tocsin.responses.log.folding import short

register = template.Library()


@register.simple_tag(takes_context=True)
def to(context: template.Context, name: str, *args: Any) -> str:
    """The address of a page of this plan, whether it lies open or sealed."""
    address: str = context["opened"].url(name, *args)
    return address


@register.filter
def function_word(name: str) -> str:
    """What people call a function."""
    return str(phrases.FUNCTIONS[Function(name)])


@register.filter
def audience_word(name: str) -> str:
    """Whom words are for."""
    return str(phrases.AUDIENCES[For(name)])


@register.filter
def state_word(name: str) -> str:
    """How a task stands."""
    return str(phrases.STATES[State(name)])


@register.filter
def standing_word(name: str) -> str:
    """How a plan stands."""
    return str(phrases.STANDINGS.get(name, name))


@register.filter
def standing_shape(name: str) -> str:
    """The shape beside that word."""
    return phrases.SHAPES.get(name, "")


@register.filter
def severity_word(number: int) -> str:
    """How severe something is."""
    return str(phrases.SEVERITIES.get(number, number))


@register.filter
def short_hash(digest: str) -> str:
    """A hash as people compare it."""
    return short(digest)


@register.filter
def named(names: dict[int, str], number: int) -> str:
    """Who an account's id belongs to."""
    return names.get(number, "")


@register.filter
def part_of(name: str) -> str:
    """Where in a version's form what is missing stands, as the page's own address."""
    return {"objective": "what", "exit_condition": "over"}.get(name, "options")


@register.filter
def told_why(line: str) -> tuple[str, str]:
    """What not to do, and why, as a playbook writes it: the reason stands in brackets at the end."""
    told, bracket, why = line.rstrip().removesuffix(")").partition(" (")
    return (told, why) if bracket and line.rstrip().endswith(")") else (line, "")
