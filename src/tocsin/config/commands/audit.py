"""``tocsin audit``: verifies the record of who did what."""

from django.core.management import ManagementUtility

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Hand over to the audit room's own command, which says by its exit code whether the record is whole."""
    rest = options.take_home(arguments)
    start(safe=False)
    ManagementUtility(["tocsin", "audit", *rest]).execute()
    return 0
