"""What a lead does for the people of the team, and what nobody else can."""

import re
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from tocsin.audit.models import Entry
from tocsin.people import actions
from tocsin.people.models import Invitation, Person
from tocsin.people.roles import Role
from tocsin.people.tests.cast import PASSWORD, give_password, is_in, join

pytestmark = pytest.mark.django_db
Browse = Callable[[Person], Client]


def test_a_lead_sees_everybody_and_who_has_no_second_factor(alice: Person, bob: Person, browse: Browse) -> None:
    page = browse(alice).get("/people/").content.decode()
    assert "Alice" in page
    assert "bob@example.org" in page
    assert "Not yet" in page


def test_a_lead_invites_and_sees_the_link_once(alice: Person, browse: Browse) -> None:
    client = browse(alice)
    page = client.post("/people/invite/", {"roles": ["2", "16"], "note": "New in Lagos"}).content.decode()
    link = re.search(r"http://testserver(/join/[^/]+/)", page)
    assert link
    later = client.get("/people/").content.decode()
    assert "New in Lagos" in later
    assert link.group(1) not in later
    join(Client(), link.group(1))
    assert Person.objects.get(email="nadia@example.org").role_set == Role.ANALYST | Role.APPROVER


def test_who_joins_is_asked_for_a_time_zone_and_may_skip_it(alice: Person) -> None:
    _, path = actions.invite(alice, Role.ANALYST, "")
    asked = Client().get(path).content.decode()
    assert '<option value="UTC" selected>' in asked
    assert "Africa/Lagos" in asked
    given = {"name": "Nadia", "email": "nadia@example.org", "password": PASSWORD}
    assert Client().post(path, {**given, "time_zone": "Mars/Base"}).status_code == 200
    assert not Person.objects.filter(email="nadia@example.org").exists()
    Client().post(path, {**given, "time_zone": "Africa/Lagos"})
    assert Person.objects.get(email="nadia@example.org").time_zone == "Africa/Lagos"
    _, other = actions.invite(alice, Role.ANALYST, "")
    Client().post(other, {**given, "email": "omar@example.org"})
    assert Person.objects.get(email="omar@example.org").time_zone == ""


def test_a_lead_withdraws_an_invitation(alice: Person, browse: Browse) -> None:
    invitation, path = actions.invite(alice, Role.ANALYST, "")
    browse(alice).post(f"/people/invitations/{invitation.pk}/withdraw/")
    assert Client().get(path).status_code == 404
    assert not Invitation.objects.exists()


def test_a_lead_changes_roles_and_the_record_says_from_what_to_what(alice: Person, bob: Person, browse: Browse) -> None:
    browse(alice).post(f"/people/{bob.pk}/", {"roles": ["4", "64"]})
    bob.refresh_from_db()
    assert bob.role_set == Role.RESPONDER | Role.AUDITOR
    entry = Entry.objects.get(verb="people.roles_changed")
    assert (entry.actor, entry.target, entry.facts) == (alice.pk, f"person:{bob.pk}", {"before": 2, "after": 68})


def test_a_deactivated_person_is_out_at_once_and_can_be_let_in_again(
    alice: Person, bob: Person, browse: Browse
) -> None:
    lead, client = browse(alice), browse(bob)
    assert is_in(client)
    lead.post(f"/people/{bob.pk}/deactivate/")
    assert not is_in(client)
    assert give_password(Client(), bob.email, PASSWORD).status_code == 200
    lead.post(f"/people/{bob.pk}/reactivate/")
    assert give_password(Client(), bob.email, PASSWORD).status_code == 302
    assert not is_in(client)


def test_the_last_lead_stays(alice: Person, bob: Person, browse: Browse) -> None:
    client = browse(alice)
    assert "last lead" in client.post(f"/people/{alice.pk}/", {"roles": ["2"]}).content.decode()
    assert "last lead" in client.post(f"/people/{alice.pk}/deactivate/", follow=True).content.decode()
    alice.refresh_from_db()
    assert alice.is_active
    assert alice.role_set == Role.LEAD
    actions.change_roles(alice, bob, Role.LEAD)
    client.post(f"/people/{alice.pk}/", {"roles": ["2"]})
    assert Person.objects.get(pk=alice.pk).role_set == Role.ANALYST


def test_a_deactivated_lead_does_not_count(alice: Person, bob: Person) -> None:
    actions.change_roles(alice, bob, Role.LEAD)
    actions.deactivate(alice, bob)
    with pytest.raises(actions.RefusedError):
        actions.deactivate(alice, alice)


@pytest.mark.django_db(transaction=True)
def test_two_leads_who_remove_each_other_at_once_do_not_both_succeed(alice: Person, bob: Person) -> None:
    actions.change_roles(alice, bob, Role.LEAD)
    start = threading.Barrier(2)
    ended: list[str] = []

    def remove(actor: Person, other: Person) -> None:
        start.wait()
        try:
            actions.deactivate(actor, other)
            ended.append("removed")
        except actions.RefusedError:
            ended.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=pair) for pair in ((alice, bob), (bob, alice))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["refused", "removed"]
    assert Person.objects.filter(is_active=True).count() == 1


def test_a_lead_makes_a_link_for_a_new_password(alice: Person, bob: Person, browse: Browse) -> None:
    page = browse(alice).post(f"/people/{bob.pk}/reset-link/", {"second_factor": "on"}).content.decode()
    link = re.search(r"http://testserver(/reset/[^/]+/)", page)
    assert link
    assert "second factor away" in page
    assert Client().get(link.group(1)).status_code == 200


@pytest.mark.parametrize("who", ["bob", "charlie", "vera"])
def test_nobody_else_manages_people(alice: Person, browse: Browse, request: pytest.FixtureRequest, who: str) -> None:
    client = browse(request.getfixturevalue(who))
    assert client.get("/people/").status_code == 403
    assert client.get(f"/people/{alice.pk}/").status_code == 403
    assert client.get("/people/999/").status_code == 403
    for path in ("invite/", f"{alice.pk}/", f"{alice.pk}/deactivate/", f"{alice.pk}/reset-link/"):
        assert client.post(f"/people/{path}", {"roles": ["1"]}).status_code == 403, path
    alice.refresh_from_db()
    assert alice.is_active
    assert not Invitation.objects.exists()


def test_somebody_who_does_not_exist_is_not_found(alice: Person, browse: Browse) -> None:
    client = browse(alice)
    for number in ("999999", "9" * 40):
        assert client.get(f"/people/{number}/").status_code == 404
        assert client.post(f"/people/{number}/deactivate/").status_code == 404


def test_what_changes_something_is_never_a_mere_visit(alice: Person, bob: Person, browse: Browse) -> None:
    client = browse(alice)
    for path in ("deactivate/", "reactivate/", "end-sessions/", "reset-link/"):
        assert client.get(f"/people/{bob.pk}/{path}").status_code == 405, path
