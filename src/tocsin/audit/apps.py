"""Names the app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit room."""

    name = "tocsin.audit"
    label = "audit"
