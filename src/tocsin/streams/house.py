"""What keeps this room in order beside fetching: the lake, dropped documents, silence, expiry."""

from collections.abc import Callable
from time import monotonic

from tocsin.lib.claims import hold
from tocsin.streams import documents, lake, work

_NOW_AND_THEN: tuple[tuple[str, float, Callable[[], object]], ...] = (
    ("streams.silence", 60.0, work.watch_silence),
    ("streams.tidy", 3_600.0, work.tidy),
    ("streams.sweep", 1_800.0, lake.sweep),
)
_due: dict[str, float] = {}


def step() -> bool:
    """Do one piece of work; False when there was none. The worker calls it again and again."""
    for name, seconds, do in _NOW_AND_THEN:
        if monotonic() >= _due.get(name, 0.0):
            _due[name] = monotonic() + seconds
            if hold(name, 120):
                do()
    return any([lake.step(), documents.step(), work.expire() if hold("streams.expire") else False])
