"""What a quorum gives, it gives as it was asked: nobody is put out who has their keys, nor in less time than is set."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tocsin.keys import finishing, recovery, safes, sealing, vaults
from tocsin.keys.expiring import StaysError
from tocsin.keys.models import Consent, Recovery
from tocsin.keys.recovery import NotNowError
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open
from tocsin.keys.tests.test_recovery import Team, delay, team
from tocsin.people.models import Person

__all__ = ["delay", "team"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_break_glass_puts_nobody_out(team: Team, opened: Open) -> None:
    asking = team.ask(team.keepers[0], until=timezone.now() + timedelta(hours=1), life=True)
    team.agree(asking, 2)
    vaults.make(team.alice.pk)
    with pytest.raises(StaysError):
        finishing.finish(opened(team.erin), asking, [team.alice.pk])


def test_who_still_has_their_keys_is_not_left_out(team: Team, opened: Open) -> None:
    asking = team.ask(team.keepers[0])
    team.agree(asking, 2)
    with pytest.raises(StaysError):
        finishing.finish(opened(team.erin), asking, [team.alice.pk])
    finishing.finish(opened(team.erin), asking)
    assert team.alice.pk in OpenSafe(opened(team.erin), team.safe).head.members


def test_who_holds_more_than_is_given_is_not_left_out(team: Team, opened: Open, know: Callable[..., None]) -> None:
    dave = Person.objects.create(email="dave@example.org", name="Dave")
    know(team.alice, dave, team.erin)
    safes.changing(opened(team.alice), team.safe, lambda one: one.let_in(dave.pk, ["account", "identity"]))
    vaults.make(dave.pk)
    asking = team.ask(team.keepers[0], compartments=("account",))
    team.agree(asking, 2)
    with pytest.raises(StaysError):
        finishing.finish(opened(team.erin), asking, [dave.pk])


def test_break_glass_gives_no_end_to_who_is_in_it_for_good(team: Team, opened: Open) -> None:
    asking = team.ask(team.keepers[0], holder=team.alice.pk, until=timezone.now() + timedelta(hours=1), life=True)
    team.agree(asking, 2)
    finishing.finish(opened(team.alice), asking)
    assert OpenSafe(opened(team.alice), team.safe).me.until == ""


def test_an_asker_who_signs_a_shorter_delay_gets_no_yes_and_no_keys(
    team: Team, opened: Open, delay: Callable[[int], None]
) -> None:
    delay(72)
    bob = team.keepers[0]
    row = Recovery.objects.get(pk=team.ask(bob))
    row.due_at = row.asked_at
    (row.signature,) = opened(bob).sign(recovery._asking(row))
    row.save()
    with pytest.raises(NotNowError, match="short"):
        recovery.agree(opened(team.keepers[1]), row.pk)
    with pytest.raises(NotNowError, match="short"):
        finishing.finish(opened(team.erin), row.pk)


def test_keys_are_taken_only_as_it_was_asked(team: Team, opened: Open) -> None:
    asking = team.ask(team.keepers[0], until=timezone.now() + timedelta(hours=1), life=True)
    team.agree(asking, 2)
    Recovery.objects.filter(pk=asking).update(until=timezone.now() + timedelta(hours=60))
    with pytest.raises(TamperError):
        finishing.finish(opened(team.erin), asking)


@pytest.mark.parametrize("handed", [b'["x"]', b'"x"', b"\xff", b"[" * 5000, b'{"account": 1, "identity": ["x"]}'])
def test_one_custodian_who_hands_on_nonsense_stops_nothing(team: Team, opened: Open, handed: bytes) -> None:
    asking = team.ask(team.keepers[0])
    team.agree(asking, 3)
    keys = opened(team.erin).directory.now(team.erin.pk)
    assert keys is not None
    sealed, false = sealing.seal_to(keys.box, handed), team.keepers[0]
    (signature,) = opened(false).sign(recovery.handed_on(Recovery.objects.get(pk=asking), false.pk, sealed))
    Consent.objects.filter(recovery=asking, person=false.pk).update(sealed=sealed, sealed_signature=signature)
    finishing.finish(opened(team.erin), asking)
    assert team.texts(team.erin) == ["Her name.", "What happened."]
