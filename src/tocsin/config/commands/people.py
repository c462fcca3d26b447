"""``tocsin people``: lists accounts, and lets somebody back in when no lead can."""

from django.core.management import ManagementUtility

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Hand over to the people room's own command."""
    rest = options.take_home(arguments)
    start(safe=False)
    ManagementUtility(["tocsin", "people", *rest]).execute()
    return 0
