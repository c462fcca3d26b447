"""``tocsin page``: lets alerts climb and sends pages, with the least possible loaded."""

import os

from tocsin.config import options
from tocsin.config.starting import start

# Sooner than the supervisor stops it; what no answer came to by then goes out again after the next start.
_LEAVES_BY = 3.3


def main(arguments: list[str]) -> int:
    """Run until asked to end."""
    parser = options.parser("page", "Let alerts climb until somebody answers, and send their pages.", options.where())
    options.apply(parser.parse_args(arguments))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.pager_settings"
    start(safe=False)
    from tocsin.alerts.channels.here import channels
    from tocsin.alerts.pager import Pager
    from tocsin.alerts.sending import Sender
    from tocsin.config import paging
    from tocsin.config.processes import Ending, leave_by

    paging.stop_unless_safe()
    ending = Ending()
    leave_by(_LEAVES_BY)
    if paging.ready(ending):
        sender = Sender(channels())
        with paging.beside(lambda: pager.failing) as parts:
            pager = Pager(sender, ending, parts)
            pager.run()
        paging.end()
    return 0
