"""Names the app."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """The signals room."""

    name = "tocsin.signals"
    label = "signals"
