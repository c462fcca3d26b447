"""Settings of the keyholder: the house's, with no room but its own, and no part that a browser needs."""

from tocsin.config.settings import *  # noqa: F403

INSTALLED_APPS = ["tocsin.lib.apps.LibConfig", "tocsin.audit", "tocsin.people", "tocsin.keys"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
