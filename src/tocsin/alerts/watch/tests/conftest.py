"""The room's policy, drums and clock, and a way of doing what the pager would until something came true."""

import time as real
from collections.abc import Callable

from tocsin.alerts.tests.conftest import drums as drums
from tocsin.alerts.tests.conftest import policy as policy
from tocsin.alerts.tests.conftest import time as time
from tocsin.alerts.tests.conftest import works as works


def until(true: Callable[[], object], again: Callable[[], object]) -> None:
    """Do something again and again until something is true; it must come by other threads of this test."""
    for _ in range(2_000):
        again()
        if true():
            return
        real.sleep(0.01)
    raise AssertionError("it never came true")
