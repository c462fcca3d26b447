"""Names the app."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """The config room."""

    name = "tocsin.config"
    label = "config"
