"""Names the app."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The alerts room."""

    name = "tocsin.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
