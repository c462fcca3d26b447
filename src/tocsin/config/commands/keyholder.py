"""``tocsin keyholder``: keeps opened vaults in memory, and nothing else."""

import logging
import os
import threading

from tocsin.config import options
from tocsin.config.refusal import RefusalError
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Run until asked to end, or until everything was locked."""
    parser = options.parser("keyholder", "Keep the vaults that people opened, in memory only.", options.where())
    options.apply(parser.parse_args(arguments))
    os.environ["DJANGO_SETTINGS_MODULE"] = "tocsin.config.keyholder_settings"
    start(safe=False)
    from django.conf import settings

    from tocsin.config import servicemanager
    from tocsin.config.processes import BEGIN_ANEW, Ending
    from tocsin.keys.holder import memory
    from tocsin.keys.holder.holding import Holder
    from tocsin.keys.holder.server import Server
    from tocsin.keys.holder.watching import Watch
    from tocsin.keys.sealing import Cost

    log = logging.getLogger("tocsin.keyholder")
    try:
        kept = memory.guard()
    except OSError as error:
        raise RefusalError(f"The keyholder does not start: {error.strerror}.") from error
    log.info("its memory is kept out of core files" + (" and of swap" if kept else "; the system may swap it out"))
    with Watch() as watch:
        server = Server(settings.KEYHOLDER, Holder(Cost(*settings.VAULT_COST)), watch)
        ending = Ending(also=server.end)
        servicemanager.say("READY=1")
        thread = threading.Thread(target=server.serve)
        thread.start()
        thread.join()
    # Not asked to end: everything was locked, and it goes so that nothing of it stays in memory.
    return 0 if ending else BEGIN_ANEW
