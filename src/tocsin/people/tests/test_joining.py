"""Joining by a one-time link, up to the first page that somebody sees."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tocsin.audit.models import Entry
from tocsin.people import actions
from tocsin.people.models import Invitation, Person
from tocsin.people.roles import Role
from tocsin.people.secrets import InviteToken
from tocsin.people.tests.cast import PASSWORD, give_code, give_password, is_in, join, set_up_app
from tocsin.people.work import step

pytestmark = pytest.mark.django_db


def test_the_first_link_makes_a_lead_who_signs_in_with_two_factors(client: Client) -> None:
    path = actions.first_invitation()
    assert path is not None
    assert join(client, path)["Location"] == "/account/second-factor/"
    assert Person.objects.get().role_set == Role.LEAD

    secret = set_up_app(client)
    assert client.get("/account/second-factor/codes/").status_code == 200
    assert is_in(client)
    client.post("/account/logout/")

    other = Client()
    assert give_password(other, "Nadia@Example.org")["Location"] == "/account/login/second-factor/"
    assert other.get("/settings/")["Location"] == "/account/login/?next=%2Fsettings%2F"
    assert give_code(other, secret, 1)["Location"] == "/"
    assert is_in(other)
    verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "people.invited",
        "people.joined",
        "people.signed_in",
        "people.app_added",
        "people.signed_in",
    ]


def test_a_new_first_link_ends_the_one_before_and_there_is_none_once_somebody_joined(client: Client) -> None:
    before, now = actions.first_invitation(), actions.first_invitation()
    assert before is not None
    assert now is not None
    assert join(client, before).status_code == 404
    assert join(client, now).status_code == 302
    assert actions.first_invitation() is None


def test_only_the_hash_of_a_link_is_kept(alice: Person) -> None:
    invitation, path = actions.invite(alice, Role.ANALYST, "")
    token = path.split("/")[2]
    assert token not in str(Invitation.objects.filter(pk=invitation.pk).values())
    assert InviteToken(token).digest == invitation.token_hash
    assert token not in repr(InviteToken(token))


@pytest.mark.parametrize("why", ["unknown", "used", "too old", "withdrawn"])
def test_a_link_that_does_not_work_looks_the_same_whatever_the_reason(alice: Person, why: str) -> None:
    invitation, path = actions.invite(alice, Role.ANALYST, "")
    if why == "unknown":
        path = path[:-4] + "abc/"
    elif why == "used":
        join(Client(), path)
    elif why == "too old":
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    else:
        actions.withdraw(alice, invitation)
    people = Person.objects.count()
    for answer in (Client().get(path), join(Client(), path, email="other@example.org")):
        assert answer.status_code == 404
        assert "This link does not work" in answer.content.decode()
    assert Person.objects.count() == people


def test_somebody_joins_with_the_roles_of_the_invitation_and_no_others(alice: Person) -> None:
    _invitation, path = actions.invite(alice, Role.STAKEHOLDER, "")
    data = {"name": "Nadia", "email": "Nadia@Example.org", "password": PASSWORD, "roles": "1", "is_active": "1"}
    Client().post(path, data)
    nadia = Person.objects.get(email="nadia@example.org")
    assert nadia.role_set == Role.STAKEHOLDER


@pytest.mark.parametrize("password", ["short", "123456789qwerty", "nadia@example.org"])
def test_a_weak_password_is_refused_and_the_link_goes_on_working(alice: Person, password: str) -> None:
    _invitation, path = actions.invite(alice, Role.ANALYST, "")
    data = {"name": "Nadia", "email": "nadia@example.org", "password": password}
    assert Client().post(path, data).status_code == 200
    assert join(Client(), path).status_code == 302


def test_an_address_that_is_taken_can_be_asked_about_a_few_times_only(alice: Person) -> None:
    _invitation, path = actions.invite(alice, Role.ANALYST, "")
    for _try in range(5):
        answer = join(Client(), path, email="ALICE@example.org")
        assert "can’t be used here" in answer.content.decode()
    assert join(Client(), path).status_code == 404
    assert Person.objects.count() == 1


def test_joining_ends_the_session_of_whoever_was_signed_in_before(
    alice: Person, browse: Callable[[Person], Client]
) -> None:
    _invitation, path = actions.invite(alice, Role.ANALYST, "")
    client = browse(alice)
    before = client.session.session_key
    join(client, path)
    assert client.session.session_key != before
    assert client.session["_auth_user_id"] == str(Person.objects.get(email="nadia@example.org").pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_a_link_at_once_one_joins() -> None:
    path = actions.first_invitation()
    assert path is not None
    token = InviteToken(path.split("/")[2])
    start = threading.Barrier(4)
    ended: list[str] = []

    def use(number: int) -> None:
        start.wait()
        try:
            actions.join(token, "Nadia", f"nadia{number}@example.org", PASSWORD)
            ended.append("joined")
        except actions.LinkError:
            ended.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["joined", "refused", "refused", "refused"]
    assert Person.objects.count() == 1


@pytest.mark.parametrize("path", ["signup/", "email/", "password/reset/", "confirm-email/", "inactive/", "phone/"])
def test_there_is_no_other_way_in(client: Client, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}", {"email": "x@example.org"}).status_code == 404


def test_old_invitations_are_cleared_away(alice: Person) -> None:
    invitation, _path = actions.invite(alice, Role.ANALYST, "")
    long_ago = timezone.now() - timedelta(days=200)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=long_ago)
    assert not step()
    assert not Invitation.objects.exists()
