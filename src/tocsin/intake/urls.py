"""The door's addresses. They tell nothing of the step that somebody is at."""

from django.urls import path, register_converter

from tocsin.intake.phrases import LANGUAGES
from tocsin.intake.views import boxes, plain, telling


class Language:
    """One of the door's languages."""

    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        """As it is."""
        return value

    to_url = to_python


register_converter(Language, "language")

urlpatterns = [
    path("", plain.start),
    path("door.css", plain.style),
    path("door.js", plain.script),
    path("healthz", plain.healthz),
    path("<language:language>", plain.start),
    path("<language:language>/", plain.start),
    path("<language:language>/tell", telling.tell),
    path("<language:language>/box", boxes.box),
    path("<language:language>/wait/<str:ticket>", boxes.wait),
]
handler400 = handler403 = handler404 = plain.missing
handler500 = plain.failed
