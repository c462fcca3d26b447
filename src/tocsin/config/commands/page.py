"""``tocsin page``: lets alerts climb and sends pages, with the least possible loaded."""

import os

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Run until asked to end."""
    parser = options.parser("page", "Let alerts climb until somebody answers, and send their pages.", options.where())
    options.apply(parser.parse_args(arguments))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.pager_settings"
    start()
    from tocsin.alerts.channels.here import channels
    from tocsin.alerts.pager import Pager
    from tocsin.alerts.sending import Sender
    from tocsin.config import paging
    from tocsin.config.processes import Ending

    ending = Ending()
    sender = Sender(channels())
    with paging.doors() as doors:
        pager = Pager(sender, ending, [*doors, *paging.beside(lambda: pager.failing)])
        pager.run()
    paging.end()
    return 0
