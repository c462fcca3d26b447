"""The console as an ASGI application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.config.settings")

_console = get_asgi_application()

from tocsin.config.bodies import limited  # noqa: E402  # it names models, which are there only now

application = limited(_console)
