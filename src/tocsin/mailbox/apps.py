"""Names the app."""

from django.apps import AppConfig


class MailboxConfig(AppConfig):
    """The room of desks and their letters."""

    name = "tocsin.mailbox"
    label = "mailbox"
    default_auto_field = "django.db.models.BigAutoField"
