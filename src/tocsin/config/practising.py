"""Begins the drill of an exercise once somebody is there to see it, and only while every page ends on its phone."""

from django.conf import settings

from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.responses import playing


def step() -> bool:
    """Begin it; True when it was begun just now. In a home of real work, or with channels of its own, never."""
    if not settings.EXERCISE or settings.EXERCISE_PHONE is None:
        return False
    if not any(one.may(Right.PLANS) for one in Person.objects.filter(is_active=True)):
        return False
    return playing.play() is not None
