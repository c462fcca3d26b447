"""Who is in conflict with a safe is kept out by who leads it, on a page, with a reason; custodians learn their part."""

from dataclasses import replace
from uuid import UUID

import pytest

from tocsin.alerts.models import Notice
from tocsin.audit.models import Entry
from tocsin.keys import recovery, safes
from tocsin.keys.custodians import BarredError
from tocsin.keys.models import Link, Recovery, Share
from tocsin.keys.recovery import Asked
from tocsin.keys.safes import OpenSafe
from tocsin.keys.tests.conftest import Open
from tocsin.keys.tests.test_ceremony_pages import Enter, enter
from tocsin.keys.tests.test_recovery import Team, delay, team
from tocsin.people.models import Person

__all__ = ["delay", "enter", "team"]
pytestmark = pytest.mark.django_db(transaction=True)


def _at(safe: UUID) -> str:
    return f"/keys/safes/{safe}/conflicts/"


def _post(client: Enter, by: Person, safe: UUID, who: Person, act: str = "bar", reason: str = "Kin.") -> int:
    return client(by).post(_at(safe), {"person": who.pk, "act": act, "reason": reason}).status_code


def test_who_leads_keeps_somebody_out_and_lets_it_be_with_a_reason_in_the_log(
    team: Team, opened: Open, enter: Enter
) -> None:
    entries = Entry.objects.count()
    assert _post(enter, team.alice, team.safe, team.erin, reason=" ") == 422
    assert _post(enter, team.alice, team.safe, team.erin) == 302
    now = OpenSafe(opened(team.alice), team.safe)
    assert now.head.barred == {team.erin.pk}
    line = now.read_log()[-1]
    assert (line["code"], line["person"], line["reason"]) == ("kept_out", team.erin.pk, "Kin.")
    assert Entry.objects.count() > entries
    assert "Erin" in enter(team.alice).get(_at(team.safe)).content.decode()
    assert _post(enter, team.alice, team.safe, team.erin, "free", "They left.") == 302
    assert OpenSafe(opened(team.alice), team.safe).head.barred == frozenset()


def test_nobody_else_sees_or_changes_it(team: Team, opened: Open, enter: Enter) -> None:
    bob = team.keepers[0]
    safes.changing(opened(team.alice), team.safe, lambda one: one.let_in(bob.pk, ["account"]))
    for person in (bob, team.erin):
        assert enter(person).get(_at(team.safe)).status_code == 404
        assert _post(enter, person, team.safe, team.erin) == 404


def test_who_is_in_it_or_keeps_a_share_is_put_out_first(team: Team, opened: Open, enter: Enter) -> None:
    bob = team.keepers[0]
    assert _post(enter, team.alice, team.safe, bob) == 422
    with pytest.raises(BarredError):
        OpenSafe(opened(team.alice), team.safe).bar([team.alice.pk])


def test_custodians_give_nothing_to_who_is_kept_out_since(team: Team, opened: Open) -> None:
    safes.changing(opened(team.alice), team.safe, lambda one: one.bar([team.erin.pk]))
    asking = recovery.ask(opened(team.keepers[0]), team.safe, Asked(team.erin.pk, "Please."))
    with pytest.raises(BarredError):
        recovery.agree(opened(team.keepers[0]), asking)
    assert Recovery.objects.get().consents.count() == 0


@pytest.mark.parametrize(("out", "left"), [(1, 2), (2, 0)])
def test_a_custodian_who_is_found_to_be_in_conflict_keeps_no_share(
    team: Team, opened: Open, out: int, left: int
) -> None:
    barred = frozenset(one.pk for one in team.keepers[:out])

    def keep_out(one: OpenSafe) -> None:
        one.head = replace(one.head, barred=barred)  # as a room does that writes down more about it

    safes.changing(opened(team.alice), team.safe, keep_out)
    head = OpenSafe(opened(team.alice), team.safe).head
    assert (len(head.custodians), head.custodians.keys() & barred) == (left, set())
    assert not Share.objects.filter(person__in=barred).exists()
    assert set(head.epochs.values()) == {2}


def test_the_chain_tells_neither_who_nor_how_many(team: Team, opened: Open) -> None:
    before = [bytes(one.barred) for one in Link.objects.order_by("version")]
    for barred in ([team.erin.pk], []):
        safes.changing(opened(team.alice), team.safe, lambda one, out=barred: one.bar(out))  # type: ignore[misc]
    since = [bytes(one.barred) for one in Link.objects.order_by("version")][len(before) :]
    assert len({*before, *since}) == 3
    assert {len(one) for one in (*before, *since)} == {32}


def test_custodians_are_told_that_they_are_ones_and_see_it_in_their_vault(team: Team, enter: Enter) -> None:
    told = Notice.objects.filter(reference__startswith="keys:", words="custodian")
    assert {one.person_id for one in told} == {one.pk for one in team.keepers}
    assert "You are a custodian" in enter(team.keepers[0]).get("/keys/").content.decode()
    assert "You are a custodian" not in enter(team.erin).get("/keys/").content.decode()
