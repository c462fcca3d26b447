"""Settings of the pager: the house's, with the fewest rooms and no browser part, so that little can keep it down."""

from tocsin.config.settings import *  # noqa: F403

INSTALLED_APPS = [
    "tocsin.lib.apps.LibConfig",
    "tocsin.audit",
    "tocsin.people",
    "tocsin.oncall",
    "tocsin.alerts",
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
