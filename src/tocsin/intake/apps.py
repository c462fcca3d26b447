"""Names the app for its tables, which live in a database of their own."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The public door."""

    name = "tocsin.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
