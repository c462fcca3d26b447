"""The door as an ASGI application: what reads bodies, and Django behind it."""

from typing import cast

from django.core.asgi import get_asgi_application

from tocsin.intake.bodies import Application, Bodies

application = Bodies(cast(Application, get_asgi_application()))
