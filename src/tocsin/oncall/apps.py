"""Names the app."""

from django.apps import AppConfig


class OncallConfig(AppConfig):
    """The on-call room."""

    name = "tocsin.oncall"
    label = "oncall"
    default_auto_field = "django.db.models.BigAutoField"
