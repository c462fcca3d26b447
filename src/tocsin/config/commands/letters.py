"""``tocsin letters``: takes mail to the emergency address in, and seals it at once."""

from tocsin.config import options
from tocsin.config.starting import start


def main(arguments: list[str]) -> int:
    """Run until asked to end."""
    about = "Take mail to the emergency address in, by SMTP or IMAP, and seal it at once."
    parser = options.parser("letters", about, options.where())
    options.apply(parser.parse_args(arguments))
    start()
    from tocsin.config import emergency, heartbeat
    from tocsin.config.processes import Ending

    ending = Ending()
    with heartbeat.beating("letters", lambda: ""):
        emergency.run(ending)
    return 0
