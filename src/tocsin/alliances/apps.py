"""Names the app."""

from django.apps import AppConfig


class AlliancesConfig(AppConfig):
    """The room of allies."""

    name = "tocsin.alliances"
    label = "alliances"
    default_auto_field = "django.db.models.BigAutoField"
