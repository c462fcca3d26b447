"""Names the app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people room."""

    name = "tocsin.people"
    label = "people"
