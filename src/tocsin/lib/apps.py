"""Names the app for its one table, the leases."""

from django.apps import AppConfig


class LibConfig(AppConfig):
    """Small helpers."""

    name = "tocsin.lib"
    label = "lib"
    default_auto_field = "django.db.models.BigAutoField"
