"""Names the app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """The room of cases and field reporters."""

    name = "tocsin.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"
