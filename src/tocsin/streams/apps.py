"""Names the app."""

from django.apps import AppConfig


class StreamsConfig(AppConfig):
    """The streams room."""

    name = "tocsin.streams"
    label = "streams"
