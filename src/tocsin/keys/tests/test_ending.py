"""Who is in a safe for a while signs nothing after it that counts, and nothing that makes it longer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from tocsin.keys import expiring, recovery, safes
from tocsin.keys.expiring import NotLastingError
from tocsin.keys.heads import Member
from tocsin.keys.models import Link, Recovery
from tocsin.keys.recovery import Asked
from tocsin.keys.safes import NotYoursError, OpenSafe
from tocsin.keys.tampering import TamperError
from tocsin.keys.tests.conftest import Open, OwnCode
from tocsin.keys.tests.test_recovery import Team, delay, team
from tocsin.people.models import Person

__all__ = ["delay", "team"]
pytestmark = pytest.mark.django_db(transaction=True)
ALL = ("account", "identity", "log")


@pytest.fixture
def safe(opened: Open, know: Callable[..., None], alice: Person, bob: Person) -> UUID:
    """Alice's, in which Bob is for an hour."""
    know(alice, bob)
    made = safes.found(opened(alice), "case", ["account", "identity"], "owner").id
    until = timezone.now() + timedelta(hours=1)
    safes.changing(opened(alice), made, lambda one: one.let_in(bob.pk, ALL, until=until))
    return made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Two hours go by."""
    real: Callable[[], datetime] = timezone.now

    def pass_by() -> None:
        monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=2))

    return pass_by


def _write(one: OpenSafe) -> None:
    one.add("account", {"text": "By Bob."})


def test_what_somebody_signs_after_their_time_is_refused(
    opened: Open, safe: UUID, later: Callable[[], None], own_code: OwnCode, alice: Person, bob: Person
) -> None:
    later()
    with own_code() as his:
        his.setattr(expiring, "over", lambda _member: False)
        safes.changing(opened(bob), safe, _write)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_what_somebody_signed_in_their_time_stands_after_it(
    opened: Open, safe: UUID, know: Any, later: Callable[[], None], alice: Person, bob: Person, vera: Person
) -> None:
    know(alice, vera)
    safes.changing(opened(bob), safe, _write)
    later()
    safes.changing(opened(alice), safe, lambda one: one.let_in(vera.pk, ["account"]))
    for person in (alice, vera):
        assert [one.body["text"] for one in OpenSafe(opened(person), safe).records()] == ["By Bob."]


def test_a_mark_of_another_version_does_not_make_it_in_time(
    opened: Open, safe: UUID, later: Callable[[], None], own_code: OwnCode, alice: Person, bob: Person
) -> None:
    safes.changing(opened(bob), safe, _write)
    stamp = Link.objects.order_by("-version")[0].stamp
    later()
    with own_code() as his:
        his.setattr(expiring, "over", lambda _member: False)
        safes.changing(opened(bob), safe, _write)
    newest = Link.objects.order_by("-version")[0]
    Link.objects.filter(pk=newest.pk).update(stamp=stamp)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


@pytest.mark.parametrize("until", ["", "2999-01-01T00:00:00+00:00"])
def test_nobody_signs_their_own_time_longer(
    opened: Open, safe: UUID, own_code: OwnCode, alice: Person, bob: Person, until: str
) -> None:
    def longer(one: OpenSafe) -> None:
        one.head = one.head.with_member(bob.pk, Member(one.me.compartments, "owner", until))

    with pytest.raises(NotYoursError):
        safes.changing(opened(bob), safe, longer)
    with own_code():
        safes.changing(opened(bob), safe, longer)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


@pytest.mark.parametrize("what", ["end", "out", "custodians"])
def test_who_is_in_it_for_a_while_signs_nothing_against_who_stays(
    opened: Open, safe: UUID, own_code: OwnCode, alice: Person, bob: Person, what: str
) -> None:
    def act(one: OpenSafe) -> None:
        if what == "end":
            founder = replace(one.head.members[alice.pk], until=one.me.until)
            one.head = one.head.with_member(alice.pk, founder)
        elif what == "out":
            one.head = one.head.without(alice.pk)
        else:
            people = {pk: opened(bob).keys_to_wrap_for(pk).digest.hex() for pk in (alice.pk, bob.pk)}
            one.head = replace(one.head, quorum=2, custodians=people)

    with own_code():
        safes.changing(opened(bob), safe, act)
    with pytest.raises(TamperError):
        OpenSafe(opened(alice), safe)


def test_break_glass_ends_as_the_custodians_signed(team: Team, opened: Open, own_code: OwnCode) -> None:
    from tocsin.keys import finishing

    asking = team.ask(team.keepers[0], until=timezone.now() + timedelta(hours=1), life=True)
    team.agree(asking, 2)
    with own_code() as hers:
        hers.setattr(expiring, "end_given", lambda _before, _until: "")
        finishing.finish(opened(team.erin), asking)
    with pytest.raises(TamperError):
        OpenSafe(opened(team.alice), team.safe)


def test_who_is_in_it_for_a_while_asks_no_custodian(team: Team, opened: Open) -> None:
    until = timezone.now() + timedelta(hours=1)
    safes.changing(opened(team.alice), team.safe, lambda one: one.let_in(team.erin.pk, ALL, until=until))
    with pytest.raises(NotLastingError):
        recovery.ask(opened(team.erin), team.safe, Asked(team.erin.pk, "For good."))


def test_an_asker_who_sets_the_clock_back_gets_no_yes(team: Team, opened: Open, delay: Callable[[int], None]) -> None:
    delay(72)
    bob = team.keepers[0]
    row = Recovery.objects.get(pk=team.ask(bob))
    row.asked_at, row.due_at = (one - timedelta(hours=72) for one in (row.asked_at, row.due_at))
    (row.signature,) = opened(bob).sign(recovery._asking(row))
    row.save()
    with pytest.raises(TamperError):
        recovery.agree(opened(team.keepers[1]), row.pk)
