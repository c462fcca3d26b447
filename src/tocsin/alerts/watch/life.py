"""What a pager says of itself: for how long one word counts, and which code it runs."""

from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from django.db.models import Q

from tocsin.lib.claims import HOLDER, database_now, take_lease
from tocsin.lib.models import Lease

# A pager speaks every few seconds from its own loop: a loop that hangs is silent.
SPEAKS_EVERY = 5.0
COUNTS_SECONDS = 20.0
# What stands in a beat's state beside the name of a part that fails.
CLOCK, WAITS = "clock", "migrations"

_ROOMS = ("lib", "audit", "people", "oncall", "alerts")
_PREFIX = "code:page:"


def _digest() -> str:
    """A short hash of the version and of every file of code that a pager may load."""
    found = blake2b(version("tocsin").encode(), digest_size=8)
    package = Path(__file__).resolve().parent.parent.parent
    for room in _ROOMS:
        for path in sorted((package / room).rglob("*.py")):
            if "tests" not in path.parts:
                found.update(str(path.relative_to(package)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


# As it was when this process started: that is what it runs, whatever is installed later.
CODE = _digest()


def announce(seconds: float = COUNTS_SECONDS) -> None:
    """Say which code this pager runs, for so many seconds."""
    take_lease(f"{_PREFIX}{HOLDER}:{CODE}", seconds)


def withdraw() -> None:
    """Say nothing of it any more: this pager ends."""
    Lease.objects.filter(name__startswith=f"{_PREFIX}{HOLDER}:").delete()


def others() -> int:
    """How many living pagers run other code than this process."""
    said = Lease.objects.filter(~Q(name__endswith=f":{CODE}"), name__startswith=_PREFIX, until__gt=database_now())
    return said.count()
