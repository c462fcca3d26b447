"""A collector in a process of its own, on the test's database, to be killed by a test."""

import sys
from datetime import timedelta


def main(database: str) -> None:
    """Collect until killed."""
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from tocsin.lib.http import Client, Politeness
    from tocsin.streams import collecting
    from tocsin.streams.collector import Collector

    impatient = Client("Tocsin test", politeness=Politeness(timedelta(0)))
    collecting.client = lambda: impatient  # type: ignore[assignment]
    Collector(at_once=3).run()


if __name__ == "__main__":
    main(sys.argv[1])
