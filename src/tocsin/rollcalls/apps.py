"""Names the app."""

from django.apps import AppConfig


class RollcallsConfig(AppConfig):
    """The room of roll-calls and journeys."""

    name = "tocsin.rollcalls"
    label = "rollcalls"
    default_auto_field = "django.db.models.BigAutoField"
