"""What every command does before its work: settings loaded, safeguards asked, supervisor followed."""

from typing import Any

from tocsin.config import home, processes
from tocsin.config.configuration import home_folder


def start(safe: bool = True) -> Any:
    """Load Django for a home that is there; gives its settings. With ``safe`` a missing safeguard stops the start.

    Raises:
        RefusalError: with the mend.
    """
    processes.follow_supervisor()
    home.required(home_folder())
    settings = load()
    if safe:
        from tocsin.config.safeguards import every

        every.stop_unless_safe(before_database=processes.supervised())
    return settings


def load() -> Any:
    """Set Django up; gives its settings."""
    import django
    from django.conf import settings

    django.setup()
    return settings
