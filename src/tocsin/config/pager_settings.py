"""Settings of the pager: the house's, with the fewest rooms and no browser part, so that little can keep it down."""

from tocsin.config.settings import *  # noqa: F403

INSTALLED_APPS = [
    "tocsin.lib.apps.LibConfig",
    "tocsin.audit",
    "tocsin.people",
    "tocsin.oncall",
    "tocsin.alerts",
]
# Nothing of the public door.
DATABASES = {"default": DATABASES["default"]}  # noqa: F405
DATABASE_ROUTERS = []
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if "options" in DATABASES["default"]["OPTIONS"]:
    # Another pager takes over what this one had locked as soon as the server sees that it is silent.
    DATABASES["default"]["OPTIONS"]["options"] += " -c idle_in_transaction_session_timeout=10000"
