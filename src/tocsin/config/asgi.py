"""The console as an ASGI application."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.config.settings")

_console = get_asgi_application()

from tocsin.cases.evidence.views.handling import DOOR  # noqa: E402  # they name models, which are there only now
from tocsin.config.bodies import limited  # noqa: E402
from tocsin.keys.streaming import Streamed  # noqa: E402

application = Streamed(limited(_console), DOOR)
