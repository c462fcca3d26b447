"""Names the app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """The console room."""

    name = "tocsin.console"
    label = "console"
