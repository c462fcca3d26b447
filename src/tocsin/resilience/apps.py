"""Names the app."""

from django.apps import AppConfig


class ResilienceConfig(AppConfig):
    """The room of communities and what they face."""

    name = "tocsin.resilience"
    label = "resilience"
    default_auto_field = "django.db.models.BigAutoField"
