"""Whether this machine and the database tell the same time."""

import time
from collections.abc import Callable
from datetime import datetime

from tocsin.lib import claims

MOST_SECONDS = 2.0


def apart(ours: Callable[[], float] = time.time, theirs: Callable[[], datetime] = claims.database_now) -> float:
    """By how many seconds they differ. What the question itself took counts for neither."""
    before = ours()
    there = theirs().timestamp()
    return max(0.0, before - there, there - ours())


def agree() -> bool:
    """Whether they agree well enough."""
    return apart() <= MOST_SECONDS
