"""What templates may ask about a person. Load with ``{% load people %}``."""

from django import template

from tocsin.people.models import Person
from tocsin.people.roles import Right

register = template.Library()


@register.filter
def may(person: object, right: str) -> bool:
    """Whether this person holds a right, by its name; False for a stranger."""
    return isinstance(person, Person) and person.may(Right(right))
