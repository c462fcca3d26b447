"""The part that fetches Signal messages is killed at any moment: no message vanishes without the desk being called."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.stories.deaths import dies_at, lives, time_passes
from tocsin.alerts.models import Alert
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.mailbox import desks
from tocsin.mailbox.models import Desk, Due, Fetch, Letter
from tocsin.mailbox.signal.receiving import Number, Receiver
from tocsin.mailbox.tests.signal import Service, message
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MESSAGES = 3


@pytest.fixture
def socket(opened: Open, know: Callable[..., None], alice: Person, tmp_path: Path, settings: Any) -> Path:
    """Where the service is; its number ends at Alice's desk."""
    settings.LETTER_FILES = tmp_path / "letters"
    desks.take_signal(opened(alice), desks.make(opened(alice), "First"))
    return tmp_path / "s"


def _begin(service: Service) -> None:
    for model in (Letter, Due, Fetch):
        model._default_manager.all().delete()
    Alert.objects.all().delete()
    service.waiting.clear()
    service.waiting.extend(message(f"They took him. {at}", at) for at in range(1, MESSAGES + 1))
    time_passes()


def test_killed_once_at_each_moment_and_started_again(socket: Path) -> None:
    def work() -> None:
        receiver = Receiver(Number("http://localhost", "+41440000001", str(socket)))
        while receiver.step():
            pass
        receiver.close()

    service, called = Service(socket), 0
    try:
        for moment in count(1):
            _begin(service)
            died = dies_at(moment, work)
            time_passes()
            lives(work)
            missing = MESSAGES - Letter.objects.count()
            warned = Alert.objects.filter(kind="signal_lost").count()
            assert (len(service.waiting), Fetch.objects.count()) == (0, 0)
            assert Due.objects.count() == 2 * Letter.objects.count()
            assert missing <= warned <= 1
            called += warned
            if not died:
                assert (missing, warned) == (0, 0)
                break
    finally:
        service.close()
    assert moment > 10
    assert called, "no moment lay between the service and the database"
    assert Desk.objects.get().takes_signal
