"""How long a session lasts, and who can end it."""

import io
import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from tocsin.audit.models import Entry
from tocsin.people import actions
from tocsin.people.models import Person
from tocsin.people.tests.cast import PASSWORD, give_password, is_in, sign_in, with_app

pytestmark = pytest.mark.django_db
NEW = "another horse battery staple"


@pytest.fixture
def two(bob: Person) -> tuple[Client, Client]:
    """Bob, signed in from two places."""
    secret = with_app(bob)
    return sign_in(bob, secret, HTTP_USER_AGENT="Firefox/150 Linux"), sign_in(bob, secret)


def age(client: Client, **seconds: float) -> None:
    """Move what a session remembers into the past."""
    session = client.session
    for name, by in seconds.items():
        session[f"session_{name}"] -= by
    session.save()


def test_one_left_alone_for_too_long_is_over(two: tuple[Client, Client]) -> None:
    assert is_in(two[0])
    age(two[0], seen=13 * 3600)
    assert not is_in(two[0])
    assert is_in(two[1])


def test_one_that_is_used_goes_on_until_it_is_too_old_whatever_happens_in_it(two: tuple[Client, Client]) -> None:
    assert is_in(two[0])
    age(two[0], seen=11 * 3600)
    assert is_in(two[0])
    age(two[0], seen=11 * 3600)
    assert is_in(two[0])
    age(two[0], started=15 * 86_400)
    assert not is_in(two[0])


def test_a_page_that_refreshes_itself_keeps_no_session_alive(two: tuple[Client, Client]) -> None:
    assert is_in(two[0])
    age(two[0], seen=11 * 3600)
    assert two[0].get("/settings/", HTTP_HX_REQUEST="true").status_code == 200
    age(two[0], seen=2 * 3600)
    assert two[0].get("/settings/", HTTP_HX_REQUEST="true").status_code == 401


def test_somebody_sees_their_sessions_and_ends_one(two: tuple[Client, Client], bob: Person) -> None:
    page = two[1].get("/account/sessions/").content.decode()
    assert "Firefox, Linux" in page
    assert "this one" in page
    other = re.search(r'name="session" value="(\d+)"', page)
    assert other
    two[1].post("/account/sessions/", {"session": other.group(1)})
    assert not is_in(two[0])
    assert is_in(two[1])


def test_somebody_ends_all_others_at_once(two: tuple[Client, Client]) -> None:
    two[1].post("/account/sessions/")
    assert [is_in(one) for one in two] == [False, True]


@pytest.mark.parametrize("which", ["0", "-1", "abc", "999999", "9" * 40, "²"])
def test_a_session_of_somebody_else_can_not_be_ended(
    two: tuple[Client, Client], alice: Person, browse: Callable[[Person], Client], which: str
) -> None:
    theirs = str(UserSession.objects.first().pk) if which == "0" else which
    browse(alice).post("/account/sessions/", {"session": theirs})
    assert [is_in(one) for one in two] == [True, True]


def test_a_new_password_ends_every_other_session(two: tuple[Client, Client], bob: Person) -> None:
    wrong = two[1].post("/account/password/", {"oldpassword": "wrong", "password1": NEW})
    assert wrong.status_code == 200
    assert is_in(two[0])
    answer = two[1].post("/account/password/", {"oldpassword": PASSWORD, "password1": NEW})
    assert answer["Location"] == "/settings/"
    assert [is_in(one) for one in two] == [False, True]
    assert Entry.objects.filter(verb="people.password_changed", actor=bob.pk).exists()


def test_a_lead_signs_somebody_out_everywhere(
    two: tuple[Client, Client], alice: Person, bob: Person, browse: Callable[[Person], Client]
) -> None:
    browse(alice).post(f"/people/{bob.pk}/end-sessions/")
    assert [is_in(one) for one in two] == [False, False]


def test_a_session_that_the_list_does_not_know_ends_as_well(alice: Person, bob: Person) -> None:
    client = sign_in(bob, with_app(bob))
    UserSession.objects.all().delete()
    actions.end_sessions(alice, bob)
    assert Session.objects.exists()
    assert not is_in(client)


def test_signing_out_ends_the_session_on_the_server(two: tuple[Client, Client]) -> None:
    stolen = Client()
    stolen.cookies["session"] = two[0].cookies["session"].value
    two[0].post("/account/logout/")
    assert not is_in(stolen)


class TestResetLink:
    """A new password for somebody who lost theirs."""

    def test_it_works_once_ends_all_sessions_and_keeps_the_second_factor(
        self, two: tuple[Client, Client], alice: Person, bob: Person
    ) -> None:
        path = actions.reset_link(alice, bob)
        assert "New password" in Client().get(path).content.decode()
        assert Client().post(path, {"password": "short"}).status_code == 200
        assert Client().post(path, {"password": NEW})["Location"] == "/account/login/"
        assert [is_in(one) for one in two] == [False, False]
        assert Client().post(path, {"password": PASSWORD}).status_code == 404
        client = Client()
        assert give_password(client, bob.email, NEW)["Location"] == "/account/login/second-factor/"
        assert not is_in(client)

    def test_it_takes_the_second_factor_away_if_that_was_lost_too(self, alice: Person, bob: Person) -> None:
        with_app(bob)
        Client().post(actions.reset_link(alice, bob, second_factor=True), {"password": NEW})
        assert not Authenticator.objects.filter(user=bob).exists()
        client = Client()
        give_password(client, bob.email, NEW)
        assert client.get("/settings/")["Location"] == "/account/second-factor/"

    def test_a_newer_one_ends_the_one_before(self, alice: Person, bob: Person) -> None:
        first, second = actions.reset_link(alice, bob), actions.reset_link(alice, bob)
        assert Client().get(first).status_code == 404
        assert Client().get(second).status_code == 200

    def test_it_does_not_bring_a_deactivated_person_back(self, alice: Person, bob: Person) -> None:
        path = actions.reset_link(alice, bob)
        actions.deactivate(alice, bob)
        assert Client().post(path, {"password": NEW}).status_code == 404

    def test_whoever_runs_the_server_can_make_one(self, alice: Person) -> None:
        with_app(alice)
        out = io.StringIO()
        call_command("people", "recover", "Alice@example.org", stdout=out)
        path = "/reset/" + out.getvalue().strip().split("/reset/")[1]
        assert Client().post(path, {"password": NEW}).status_code == 302
        assert not Authenticator.objects.filter(user=alice).exists()
        with pytest.raises(CommandError):
            call_command("people", "recover", "nobody@example.org", stdout=out)


def test_pages_of_somebody_who_is_signed_in_stay_out_of_caches(
    alice: Person, browse: Callable[[Person], Client]
) -> None:
    client = browse(alice)
    for page in ("/", "/people/", "/sources/", "/settings/"):
        assert "private" in client.get(page)["Cache-Control"]
    assert client.get("/sources/")["Cache-Control"] == "private, no-store"
