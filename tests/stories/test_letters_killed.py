"""A worker that is killed at any moment between the door and a desk: nothing is lost, nothing is there twice."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from tests.stories.deaths import dies_at, lives, time_passes
from tocsin.alerts.models import Alert
from tocsin.config import door
from tocsin.intake import configured, handing
from tocsin.intake.configured import door as made
from tocsin.intake.models import Box, Envelope, Message
from tocsin.keys.sealing import box_keys, open_box, seal_to
from tocsin.keys.tests.conftest import Open, holder, know, opened
from tocsin.mailbox import arriving, desks, files
from tocsin.mailbox.desks import Shown
from tocsin.mailbox.models import Desk, Due, Letter, Measured, Outgoing, Withdrawal
from tocsin.people.models import Person

__all__ = ["holder", "know", "opened"]

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True, databases=["default", "door"])]
SEED, LOOKUP, PLACE = b"7" * 32, b"8" * 16, "ab" * 16


@pytest.fixture
def desk(opened: Open, know: Callable[..., None], alice: Person, tmp_path: Path, settings: Any) -> Desk:
    """A desk at the door."""
    settings.HOME, settings.LETTER_FILES = tmp_path, tmp_path / "vault" / "letters"
    configured.prepare(tmp_path / "intake")
    found = desks.make(opened(alice), "First")
    desks.show(opened(alice), found, Shown("First", {"en": "First"}, ("en",), (alice.pk,), at_door=True))
    return found


def _begin(desk: Desk) -> None:
    """A letter with a file waits at the door, an answer here, and a wish there."""
    for model in (Letter, Due, Measured, Outgoing, Withdrawal):
        model._default_manager.all().delete()
    Alert.objects.all().delete()
    for door_model in (Envelope, Message, Box):
        door_model._default_manager.using("door").all().delete()
    Desk.objects.update(emptied_on=None)
    (made().folder / "desks.json").unlink(missing_ok=True)
    files.place_of(PLACE).unlink(missing_ok=True)
    (made().files / f"{PLACE}.sealed").write_bytes(b"sealed")
    key, now = arriving.key_of(desk), timezone.now()
    Box.objects.using("door").create(
        lookup=LOOKUP, public=box_keys(SEED)[0], about=b"", day=now.date(), wish=Box.Wish.STOP, withdrawn_at=now
    )
    Envelope.objects.using("door").create(
        id=UUID(int=9), desk=desk.public_id, epoch=key.number, sealed=seal_to(bytes(key.public), b'{"text": "x"}'),
        arrived_at=now, language="en", urgency="now", lookup=LOOKUP, files=[{"place": PLACE, "stored": 6}],
    )  # fmt: skip
    answer = seal_to(box_keys(SEED)[0], json.dumps({"text": "We are here."}).encode())
    Outgoing.objects.create(act=Outgoing.Act.ANSWER, lookup=LOOKUP, sealed=answer, day=now.date())
    time_passes()


def _work() -> None:
    while door.step():
        pass


def _end() -> None:
    letter = Letter.objects.get()
    assert (letter.pk, letter.wish) == (UUID(int=9), Letter.Wish.STOP)
    assert sorted(Alert.objects.values_list("kind", flat=True)) == ["letter", "letter_wish"]
    assert Due.objects.count() == 2
    assert files.place_of(PLACE).read_bytes() == b"sealed"
    assert not any(made().files.iterdir())
    assert (handing.waiting(), handing.withdrawals(), Outgoing.objects.count()) == ([], [], 0)
    message = Message.objects.using("door").get()
    assert json.loads(open_box(SEED, bytes(message.sealed))) == {"text": "We are here."}
    assert json.loads((made().folder / "desks.json").read_text())["desks"]


def test_killed_once_at_each_moment_and_started_again(desk: Desk) -> None:
    for moment in count(1):
        _begin(desk)
        if not dies_at(moment, _work):
            assert moment > 10
            break
        time_passes()
        lives(_work)
        _end()
    _end()
