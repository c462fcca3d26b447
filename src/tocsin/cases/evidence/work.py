"""What the worker does for sealed files: it forgets parts of uploads that died. All else is sealed to it."""

import time

from django.conf import settings

from tocsin.keys import files

_BEGINNING = 60.0


def step() -> bool:
    """Sweep once."""
    files.sweep(settings.SEALED_FILES, time.time() - _BEGINNING)
    return False
