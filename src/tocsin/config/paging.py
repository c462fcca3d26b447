"""What the pager does beside paging: it says that it lives, hears answers, and is watched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from tocsin.alerts.doors.opening import open_doors
from tocsin.alerts.pager import Part
from tocsin.config import heartbeat

# A pager that says nothing for so long counts as stopped. It says so from its own loop: a loop that hangs is silent.
SECONDS = 20.0
EVERY = 5.0


def beside(failing: Callable[[], str]) -> list[Part]:
    """The parts that every pager has."""

    def beat() -> None:
        stuck = failing()
        heartbeat.beat("page", f"{heartbeat.FAILING}{stuck}" if stuck else "", SECONDS)

    return [Part("heartbeat", beat, every=EVERY)]


@contextmanager
def doors() -> Iterator[list[Part]]:
    """The doors by which answers reach the pager itself, open while the block runs."""
    with open_doors(settings.PAGING) as parts:
        yield parts


def end() -> None:
    """Say that this pager ends as it should."""
    heartbeat.stop("page")
