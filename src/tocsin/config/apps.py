"""Names the app, and takes out of Django's accounts what nobody here reads."""

from django.apps import AppConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig
from django.contrib.contenttypes.management import create_contenttypes
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    """The config room."""

    name = "tocsin.config"
    label = "config"


class AccountsConfig(AuthConfig):
    """Django's accounts without a row for every permission on every model: roles say what a person may do."""

    default = False

    def ready(self) -> None:
        """As Django does, then quieter."""
        super().ready()
        post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


class NamesConfig(ContentTypesConfig):
    """Django's list of models, which its accounts ask for, without rows."""

    default = False

    def ready(self) -> None:
        """As Django does, then quieter."""
        super().ready()
        post_migrate.disconnect(create_contenttypes)
