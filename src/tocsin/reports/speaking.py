"""Which language words of ours, days and numbers are written in: a report's own where we speak it, else English."""

from contextlib import AbstractContextManager

from django.conf import settings
from django.utils import translation
from django.utils.translation import to_locale

_OURS = "en"


def spoken(language: str) -> str:
    """The language of a report's headings, fixed sentences, days and numbers: its own if there is a catalogue for it.

    One language holds for all of them, so that no English sentence has Arabic days.
    """
    base = language.split("-")[0].lower()
    if base == _OURS:
        return language
    names = {to_locale(language), to_locale(base)}
    found = (path / name / "LC_MESSAGES" / "django.mo" for path in settings.LOCALE_PATHS for name in names)
    return language if any(one.is_file() for one in found) else _OURS


def speaking(language: str) -> AbstractContextManager[None]:
    """Words are written as in a report in this language."""
    return translation.override(spoken(language))
