"""Names the app."""

from django.apps import AppConfig


class SituationsConfig(AppConfig):
    """The situations room."""

    name = "tocsin.situations"
    label = "situations"
