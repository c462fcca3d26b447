"""Names the app."""

from django.apps import AppConfig


class ResponsesConfig(AppConfig):
    """The room of responses."""

    name = "tocsin.responses"
    label = "responses"
    default_auto_field = "django.db.models.BigAutoField"
