"""Names the app."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """The room of keys."""

    name = "tocsin.keys"
    label = "keys"
    default_auto_field = "django.db.models.BigAutoField"
