"""Drums with the wakefulness of real channels, and the pager's own hands."""

from collections.abc import Iterator

import pytest

from tocsin.alerts.channels import here
from tocsin.alerts.tests.conftest import time as time
from tocsin.alerts.tests.conftest import works as works
from tocsin.alerts.tests.drums import Drums


@pytest.fixture(autouse=True)
def drums() -> Iterator[Drums]:
    """Signal and SMS wake; mail does not."""
    before = here._made
    made = Drums("signal", "sms", "mail")
    made["mail"].wakes = False
    yield made
    here._made = before
