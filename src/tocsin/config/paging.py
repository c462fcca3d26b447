"""What the pager does beside paging: it waits for its database, says that it lives, hears answers, and is watched."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection

from tocsin.alerts import news, weekly
from tocsin.alerts.doors.opening import open_doors
from tocsin.alerts.pager import Part
from tocsin.alerts.watch import able, clocks, life
from tocsin.alerts.watch.pulses import Pulses
from tocsin.alerts.watch.watchers import Watchers
from tocsin.config import heartbeat, servicemanager
from tocsin.config.processes import Ending
from tocsin.config.refusal import RefusalError
from tocsin.config.safeguards import channels, host
from tocsin.config.safeguards.base import Safeguard, State

logger = logging.getLogger("tocsin.page")

# A pager without these would send links that others can make, or let others read what it knows.
SAFEGUARDS = (host.home_is_private, host.secret_is_strong, host.secrets_are_private)
_WAIT = 2.0
_MIGRATIONS = "[0-9]*.py"


def stop_unless_safe() -> None:
    """Refuse to start where what protects the pager's secrets is missing.

    A channel that is not safe stops nothing here: it is not used, the others are, and the log says so.

    Raises:
        RefusalError: with the mend of each.
    """
    missing = [one for one in (check() for check in SAFEGUARDS) if one.state is State.FATAL]
    if missing:
        raise RefusalError("The pager does not start, because a safeguard is missing.\n\n" + _lines(missing))
    woken = channels.people_can_be_woken()
    if woken.state is not State.HOLDS:
        logger.warning("people may not be woken; “tocsin check” says why")


def _lines(missing: list[Safeguard]) -> str:
    return "\n".join(f"{one.name}: {one.line}\n  Mend: {one.mend}" for one in missing)


def ready(ending: Ending) -> bool:
    """Wait until the database answers and has the shape that this version knows; False when asked to end meanwhile.

    A pager that gave up here would have to be started by somebody who is asleep.
    """
    before = ""
    while not ending:
        why = _why_wait()
        servicemanager.say("READY=1", "WATCHDOG=1", f"STATUS={why or 'works'}")
        if not why:
            return True
        if why != before:
            logger.warning(why)
            before = why
        ending.wait(_WAIT)
    return False


def _why_wait() -> str:
    try:
        missing = not_applied()
        if missing:
            _say_that_it_waits()
            return "the pager waits: migrations are not applied; run “tocsin migrate”"
    except DatabaseError:
        connection.close()
        return "the pager waits: the database does not answer"
    return ""


def not_applied() -> list[str]:
    """The migrations of the pager's rooms that the database has not seen, told from the names of their files alone."""
    if "django_migrations" not in connection.introspection.table_names():
        seen = set()
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            seen = {(str(app), str(name)) for app, name in cursor.fetchall()}
    known = [
        (room.label, path.stem)
        for room in apps.get_app_configs()
        for path in sorted(Path(room.path, "migrations").glob(_MIGRATIONS))
    ]
    return [f"{room}.{name}" for room, name in known if (room, name) not in seen]


def _say_that_it_waits() -> None:
    try:
        heartbeat.beat("page", f"{heartbeat.FAILING}{life.WAITS}", life.COUNTS_SECONDS)
    except DatabaseError:
        # Not even the table of heartbeats is there yet.
        connection.close()


@contextmanager
def beside(failing: Callable[[], str]) -> Iterator[list[Part]]:
    """The parts of a pager beside paging itself, for as long as the block runs. ``failing`` names a stuck part."""

    def why_not() -> able.Unable | None:
        return able.why_not(settings.PAGING, failing())

    pulses, watchers = Pulses(settings.PAGING), Watchers(settings.PAGING, why_not)
    with open_doors(settings.PAGING) as doors:
        try:
            yield [
                Part("service manager", _feed_the_watchdog, every=life.SPEAKS_EVERY),
                Part("heartbeat", lambda: _beat(failing()), every=life.SPEAKS_EVERY),
                *doors,
                Part("pulse", pulses.tick, every=1.0),
                Part("watchers", watchers.tick, every=1.0),
                Part("drills", weekly.step, every=5.0),
                Part("news", news.step, every=10.0),
                Part("gaps", news.tell_of_gaps, every=600.0),
            ]
        finally:
            pulses.close()
            watchers.close()


def _feed_the_watchdog() -> None:
    servicemanager.say("WATCHDOG=1")


def _beat(failing: str) -> None:
    stuck = failing or ("" if clocks.agree() else life.CLOCK)
    heartbeat.beat("page", f"{heartbeat.FAILING}{stuck}" if stuck else "", life.COUNTS_SECONDS)
    life.announce()


def end() -> None:
    """Say that this pager ends as it should."""
    servicemanager.say("STOPPING=1")
    heartbeat.stop("page")
    life.withdraw()
